import { afterEach, describe, expect, it } from "vitest";
import { serve } from "../../test/http/serve.ts";
import { until } from "../../test/support/until.ts";
import { MemoryExchange, type MemoryExchangeOptions } from "../gateway/memory-exchange.ts";
import {
  App,
  type AppOptions,
  Blueprint,
  compress,
  empty,
  file,
  type HandlerResult,
  HttpError,
  html,
  json,
  local,
  type Plugin,
  Response,
  sse,
  stream,
} from "./index.ts";

const logged: unknown[] = [];
afterEach(() => {
  logged.length = 0;
});

function quietApp(options: AppOptions = {}): App {
  return new App({ ...options, logError: (error) => void logged.push(error) });
}

async function ask(app: App, request: string, options: MemoryExchangeOptions = {}): Promise<MemoryExchange> {
  const [method, target] = request.split(" ") as [string, string];
  const exchange = new MemoryExchange(target, { method, ...options });
  await app.handleExchange(exchange);
  return exchange;
}

async function answer(app: App, request: string, options?: MemoryExchangeOptions): Promise<string> {
  const exchange = await ask(app, request, options);
  return `${exchange.responseStatus} ${exchange.takeText()}`;
}

describe("before hooks", () => {
  it("come before the handler, those of outer scopes first", async () => {
    const order: string[] = [];
    const step = (name: string) => (): void => void order.push(name);
    const app = quietApp();
    const outer = new Blueprint("/outer");
    const inner = new Blueprint("/inner");
    inner.get("/x", { before: [step("route 1"), async () => void order.push("route 2")] }, () =>
      order.join(),
    );
    inner.before(step("inner"));
    outer.register(inner);
    outer.before(async () => {
      await null;
      order.push("outer");
    });
    app.register(outer);
    app.before(step("app 1"));
    app.before(step("app 2"));
    app.get("/plain", () => order.join());
    expect(await answer(app, "GET /outer/inner/x")).toBe("200 app 1,app 2,outer,inner,route 1,route 2");
    order.length = 0;
    expect(await answer(app, "GET /plain")).toBe("200 app 1,app 2");
    // A hook that comes later counts from then on.
    inner.before(step("late"));
    order.length = 0;
    expect(await answer(app, "GET /outer/inner/x")).toBe("200 app 1,app 2,outer,inner,late,route 1,route 2");
  });

  it("answer in the handler's place, at once or later", async () => {
    const app = quietApp();
    let calls = 0;
    app.before(({ query }) => {
      return query.has("now") ? "now" : undefined;
    });
    app.before(async ({ query }) => (query.has("later") ? { later: true } : undefined));
    app.before(({ query }) => {
      if (query.has("refuse")) throw new HttpError(403);
      calls++;
    });
    app.get("/", () => "handler");
    expect(await answer(app, "GET /?now")).toBe("200 now");
    expect(await answer(app, "GET /?later")).toBe('200 {"later":true}');
    expect(await answer(app, "GET /?refuse")).toBe("403 403 Forbidden");
    expect(calls).toBe(0);
    expect(await answer(app, "GET /")).toBe("200 handler");
    expect(calls).toBe(1);
  });

  it("see the route's parameters, and requests that no route takes", async () => {
    const seen: unknown[] = [];
    const app = quietApp();
    app.before(({ method, path, params }) => void seen.push(`${method} ${path} ${JSON.stringify(params)}`));
    app.get("/users/<int:id>", () => "");
    expect(await answer(app, "GET /users/7")).toBe("200 ");
    expect(await answer(app, "GET /n%C3%B6?x")).toBe("404 404 Not Found");
    expect(await answer(app, "PUT /users/7")).toBe("405 405 Method Not Allowed");
    expect(await answer(app, "OPTIONS /users/7")).toBe("204 ");
    expect(seen).toEqual(['GET /users/7 {"id":7}', "GET /nö {}", "PUT /users/7 {}", "OPTIONS /users/7 {}"]);
    // What can't be decoded is refused before anyone could take it for something else.
    expect(await answer(app, "GET /a%2fb")).toMatch(/^400 the path of the request is refused/);
    expect(seen).toHaveLength(4);
  });

  it("share a request's values with the handler", async () => {
    const user = local<string>();
    const app = quietApp();
    app.before((request) => user.set(request, request.headers.get("x-user") ?? "nobody"));
    app.get("/", (request) => user.get(request));
    expect(await answer(app, "GET /", { headers: { "x-user": "Ada" } })).toBe("200 Ada");
  });
});

describe("after hooks", () => {
  it("see every answer, and come in the opposite order", async () => {
    const app = quietApp();
    const notes = new Blueprint("/notes");
    notes.get("/", () => "note");
    notes.get("/none", () => {
      throw new HttpError(410, "gone");
    });
    notes.after((response) => response.headers.append("x-order", `notes ${response.status}`));
    app.register(notes);
    app.after((response) => response.headers.append("x-order", "first"));
    app.after(async (response) => {
      await null;
      response.headers.append("x-order", "last");
    });
    const orderOf = async (request: string): Promise<string[]> =>
      (await ask(app, request)).responseHeaders.filter(
        (_, i, list) => i % 2 === 1 && list[i - 1] === "x-order",
      );
    expect(await orderOf("GET /notes/")).toEqual(["notes 200", "last", "first"]);
    expect(await orderOf("GET /notes/none")).toEqual(["notes 410", "last", "first"]);
    expect(await orderOf("GET /notes")).toEqual(["last", "first"]);
    for (const request of ["GET /elsewhere", "PUT /notes/", "OPTIONS /notes/"]) {
      expect(await orderOf(request)).toEqual(["last", "first"]);
    }
    expect(logged).toEqual([]);
  });

  const results: [name: string, make: () => HandlerResult, type: string | undefined, body: unknown][] = [
    ["a string", () => "text", "text/plain;charset=UTF-8", "text"],
    ["an object", () => ({ a: 1 }), "application/json", '{"a":1}'],
    ["bytes", () => Buffer.from("bytes"), "application/octet-stream", "bytes"],
    ["an ArrayBuffer", () => new TextEncoder().encode("buffer").buffer, "application/octet-stream", "buffer"],
    ["a generator of text", () => pieces("a", "b"), "text/plain;charset=UTF-8", "ab"],
    ["a generator of bytes", () => pieces(Buffer.from("a")), "application/octet-stream", "a"],
    ["an async generator", () => laterPieces("a", "b"), "text/plain;charset=UTF-8", "ab"],
    ["an empty generator", () => pieces(), "application/octet-stream", ""],
    [
      "a stream",
      () => new globalThis.Response("stream").body as ReadableStream,
      "application/octet-stream",
      "stream",
    ],
    [
      "a Response",
      () => new Response("r", { status: 201, headers: { a: "b" } }),
      "text/plain;charset=UTF-8",
      "r",
    ],
    ["the platform's", () => globalThis.Response.json([1]), "application/json", "[1]"],
    ["Response.redirect()", () => Response.redirect("http://a/"), undefined, ""],
    ["json()", () => json([1], { etag: true }), "application/json", "[1]"],
    ["html()", () => html("<p>"), "text/html;charset=UTF-8", "<p>"],
    ["stream()", () => stream(["x"]), "application/octet-stream", "x"],
    ["compress()", () => compress(json([1])), "application/json", "[1]"],
    [
      "file()",
      () => file(new URL(import.meta.url).pathname),
      "video/mp2t",
      expect.stringContaining("vitest"),
    ],
    [
      "sse()",
      () =>
        sse(async function* () {
          yield "x";
        }),
      "text/event-stream",
      "data: x\n\n",
    ],
  ];
  it.each(results)("see %s as a response, which goes out as it would have", async (_, make, type, body) => {
    for (const hooked of [false, true]) {
      const app = quietApp();
      app.get("/", make);
      if (hooked) app.after((response) => response.headers.set("x-hooked", String(response.status)));
      const exchange = await ask(app, "GET /");
      expect([exchange.takeText(), exchange.responseHeader("content-type")]).toEqual([body, type]);
      expect(exchange.responseHeader("x-hooked")).toBe(hooked ? String(exchange.responseStatus) : undefined);
      expect([exchange.complete, logged]).toEqual([true, []]);
    }
  });

  it("may give another response, and fail", async () => {
    const app = quietApp();
    app.after((response) => response.headers.set("x-outer", "yes"));
    app.after(async (response, { query }) => {
      if (query.has("fail")) throw new Error("hook");
      if (query.has("replace")) return new Response(`<${await response.text()}>`, { status: 202 });
      return undefined;
    });
    app.get("/", () => "page");
    expect(await answer(app, "GET /?replace")).toBe("202 <page>");
    const failed = await ask(app, "GET /?fail");
    expect([failed.responseStatus, failed.responseHeader("x-outer")]).toEqual([500, "yes"]);
    expect(logged).toEqual([new Error("hook")]);
  });

  it("see what a mount answers, whole and piece by piece", async () => {
    const inner = new App();
    inner.get("/text", () => "text");
    inner.get("/pieces", () => laterPieces("a", "b"));
    inner.get("/empty", () => empty());
    inner.get("/null", () => new Response(null));
    const app = quietApp();
    app.mount("/inner", inner);
    app.mount("/fetch", {
      fetch: (request: globalThis.Request) => new globalThis.Response(request.url, { status: 203 }),
    });
    app.before(({ path }) =>
      path === "/inner/closed" ? new Response("closed", { status: 403 }) : undefined,
    );
    app.after((response) => response.headers.set("x-after", String(response.status)));
    await app.start();
    const seen = async (request: string): Promise<unknown[]> => {
      const exchange = await ask(app, request);
      return [
        exchange.responseStatus,
        exchange.takeText(),
        exchange.responseHeader("x-after"),
        exchange.complete,
      ];
    };
    expect(await seen("GET /inner/text")).toEqual([200, "text", "200", true]);
    expect(await seen("HEAD /inner/text")).toEqual([200, "", "200", true]);
    expect(await seen("GET /inner/pieces")).toEqual([200, "ab", "200", true]);
    expect(await seen("GET /inner/empty")).toEqual([204, "", "204", true]);
    expect(await seen("GET /inner/null")).toEqual([200, "", "200", true]);
    expect(await seen("GET /inner/none")).toEqual([404, "404 Not Found", "404", true]);
    expect(await seen("GET /inner/closed")).toEqual([403, "closed", "403", true]);
    expect(await seen("GET /fetch/x")).toEqual([203, "http://localhost/x", "203", true]);
    expect(logged).toEqual([]);
    await app.stop();
  });

  it("refuse a mount's status that no response can have, before anything is sent", async () => {
    const app = quietApp();
    app.after((response) => response.headers.set("x-after", "yes"));
    app.mount("/odd", { handleExchange: (exchange) => exchange.respond(700, [], null, "Odd") });
    const exchange = await ask(app, "GET /odd");
    expect([exchange.responseStatus, exchange.responseHeader("x-after"), exchange.complete]).toEqual([
      500,
      "yes",
      true,
    ]);
    expect(logged).toEqual([expect.objectContaining({ name: "ExchangeError" })]);
  });

  it("leave a mount's broken answer broken, and its connections its own", async () => {
    const app = quietApp();
    app.after((response) => response.headers.set("x-after", "yes"));
    app.mount("/break", {
      handleExchange(exchange) {
        const writer = exchange.start(200, ["content-type", "text/plain"]);
        writer.write("begun");
        exchange.abort();
      },
    });
    app.mount("/cut", { handleExchange: (exchange) => exchange.abort() });
    app.mount("/upgrade", {
      handleExchange(exchange) {
        const transport = exchange.upgrade("echo", []);
        transport.write("upgraded");
        transport.end();
      },
    });
    const server = await serve((exchange) => app.handleExchange(exchange));
    const received = async (path: string, more = ""): Promise<string> => {
      const client = await server.open();
      client.send(`GET ${path} HTTP/1.1\r\nhost: a\r\n${more}\r\n`);
      return client.untilEnd().catch(() => "reset");
    };
    expect(await received("/break")).not.toMatch(/\r\n0\r\n\r\n$/);
    expect(await received("/cut")).toMatch(/^(reset)?$/);
    expect(await received("/upgrade", "connection: upgrade\r\nupgrade: echo\r\n")).toMatch(
      /^HTTP\/1\.1 101 [\s\S]*\r\n\r\nupgraded$/,
    );
  });
});

describe("teardown hooks", () => {
  it("come when the request is over, with the fault that ended it", async () => {
    const seen: unknown[] = [];
    const app = quietApp();
    const part = new Blueprint();
    app.teardown(({ path }, error) => void seen.push(["first", path, error]));
    app.teardown(async () => {
      await null;
      throw new Error("teardown");
    });
    part.teardown((_, error) => void seen.push(["part", error]));
    part.get("/fine", () => "fine");
    part.get("/refused", () => {
      throw new HttpError(404);
    });
    const fault = new Error("fault");
    part.get("/fault", () => {
      throw fault;
    });
    app.register(part);
    for (const [path, error] of [
      ["/fine", undefined],
      ["/refused", undefined],
      ["/fault", fault],
    ] as const) {
      const exchange = await ask(app, `GET ${path}`);
      expect(exchange.complete).toBe(true);
      expect(seen.splice(0)).toEqual([
        ["part", error],
        ["first", path, error],
      ]);
      expect(logged.splice(0)).toEqual(
        error === undefined ? [new Error("teardown")] : [error, new Error("teardown")],
      );
    }
  });

  it("come after a stream has ended, or the client has left it", async () => {
    let over = 0;
    const app = quietApp();
    app.teardown(() => void over++);
    app.get("/", async function* () {
      for (;;) {
        expect(over).toBe(0);
        yield "x".repeat(1000);
        await new Promise(setImmediate);
      }
    });
    const server = await serve((exchange) => app.handleExchange(exchange));
    const client = await server.open();
    client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    await client.until((received) => received.length > 5000);
    client.close();
    await until(() => over === 1);
    expect(logged).toEqual([]);
  });
});

describe("middleware", () => {
  it("is around all hooks of its scope, and sees answers only", async () => {
    const order: string[] = [];
    const app = quietApp();
    const part = new Blueprint("/part");
    const around =
      (name: string) =>
      async (_: unknown, next: () => Promise<Response>): Promise<Response> => {
        order.push(`${name} in`);
        const response = await next();
        order.push(`${name} ${response.status}`);
        response.headers.append("x-seen", name);
        return response;
      };
    app.use(around("app 1"));
    app.use(around("app 2"));
    app.before(() => void order.push("before"));
    app.after(() => void order.push("after"));
    part.use(around("part"));
    part.get("/", () => {
      order.push("handler");
      return "x";
    });
    part.get("/error", () => {
      throw new RangeError("fault");
    });
    part.onError(RangeError, () => json({ handled: true }, { status: 418 }));
    app.register(part);
    expect(await answer(app, "GET /part/")).toBe("200 x");
    expect(order.splice(0).join()).toBe(
      "app 1 in,app 2 in,before,part in,handler,part 200,after,app 2 200,app 1 200",
    );
    expect(await answer(app, "GET /part/error")).toBe('418 {"handled":true}');
    expect(order.splice(0).join()).toBe(
      "app 1 in,app 2 in,before,part in,part 418,after,app 2 418,app 1 418",
    );
    expect(await answer(app, "GET /none")).toBe("404 404 Not Found");
    expect(order.join()).toBe("app 1 in,app 2 in,before,after,app 2 404,app 1 404");
    expect(logged).toEqual([]);
  });

  it("may answer itself, fail, and not go on twice", async () => {
    const app = quietApp();
    app.use(async function once({ query }, next): Promise<HandlerResult> {
      if (query.has("early")) return ["early"];
      if (query.has("fail")) throw new HttpError(401);
      if (query.has("forgotten")) await next();
      if (query.has("twice")) await next();
      return query.has("forgotten") ? (undefined as never) : next();
    });
    app.get("/", () => "handler");
    expect(await answer(app, "GET /?early")).toBe('200 ["early"]');
    expect(await answer(app, "GET /?fail")).toBe("401 401 Unauthorized");
    expect(await answer(app, "GET /?twice")).toBe("500 500 Internal Server Error");
    expect(await answer(app, "GET /?forgotten")).toBe("500 500 Internal Server Error");
    expect(String(logged)).toMatch(/next\(\) was called twice.*,.*the handler of once returned undefined/);
    expect(await answer(app, "GET /")).toBe("200 handler");
  });
});

describe("plugins", () => {
  it("are functions of a scope, and give back what they like", async () => {
    const counter: Plugin<() => number> = (scope) => {
      let count = 0;
      scope.before(() => void count++);
      scope.get("/count", () => ({ count }));
      return () => count;
    };
    const app = quietApp();
    const part = new Blueprint("/part");
    const partCount = part.register(counter);
    const count: () => number = app.register(counter);
    app.register(part);
    expect(await answer(app, "GET /count")).toBe('200 {"count":1}');
    expect(await answer(app, "GET /part/count")).toBe('200 {"count":1}');
    expect([count(), partCount()]).toEqual([2, 1]);
  });

  it("and hooks that are none are refused", () => {
    const app = quietApp();
    for (const [use, message] of [
      [() => app.before(1 as never), "before() takes a function, not number"],
      [() => app.after(undefined as never), "after() takes a function, not undefined"],
      [
        () => app.register({} as never),
        "register() takes a Blueprint, or a plugin, which is a function of the app",
      ],
      [() => app.register(new App()), "an App is put under a path of another one: app.mount(path, other)"],
    ] as const) {
      expect(use).toThrow(new TypeError(message));
    }
  });
});

function* pieces<Piece>(...all: Piece[]): Generator<Piece> {
  yield* all;
}

async function* laterPieces<Piece>(...all: Piece[]): AsyncGenerator<Piece> {
  for (const piece of all) {
    await new Promise(setImmediate);
    yield piece;
  }
}

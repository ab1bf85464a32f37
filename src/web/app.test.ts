import { afterEach, describe, expect, expectTypeOf, it, onTestFinished, vi } from "vitest";
import { main } from "../../examples/hello/web.ts";
import { isApplication } from "../gateway/application.ts";
import { MemoryExchange, type MemoryExchangeOptions } from "../gateway/memory-exchange.ts";
import type { Exchange } from "../http/exchange.ts";
import { HttpServer } from "../http/server.ts";
import { App, Headers, HttpError, MultiDict, type ParamsOf, Request, Response, type Route } from "./index.ts";

const logged: { error: unknown; exchange: Exchange | undefined }[] = [];
afterEach(() => {
  logged.length = 0;
});

function quietApp(): App {
  return new App({ logError: (error, exchange) => void logged.push({ error, exchange }) });
}

/** Sends one request through an app. */
async function ask(
  app: App,
  request: string,
  options: MemoryExchangeOptions = {},
): Promise<{ status: number; type: string | undefined; body: string; exchange: MemoryExchange }> {
  const [method, target] = request.split(" ") as [string, string];
  const exchange = new MemoryExchange(target, { method, ...options });
  await app.handleExchange(exchange);
  return {
    status: exchange.responseStatus,
    type: exchange.responseHeader("content-type"),
    body: exchange.takeText(),
    exchange,
  };
}

const json = { "content-type": "application/json" };
const urlEncoded = { "content-type": "application/x-www-form-urlencoded" };

describe("what a handler returns", () => {
  class Point {
    x = 1;
  }
  const results: [string, () => unknown, number, string | undefined, string][] = [
    ["a string", () => "<b>hällo", 200, "text/plain;charset=UTF-8", "<b>hällo"],
    ["an object", () => ({ a: "ä" }), 200, "application/json", '{"a":"ä"}'],
    ["an array", () => [1, null], 200, "application/json", "[1,null]"],
    [
      "an object without prototype",
      () => Object.assign(Object.create(null), { a: 1 }),
      200,
      "application/json",
      '{"a":1}',
    ],
    ["an object of a class", () => new Point(), 200, "application/json", '{"x":1}'],
    ["an object with toJSON", () => new MultiDict([["a", "1"]]), 200, "application/json", '{"a":"1"}'],
    ["a date", () => new Date(0), 200, "application/json", '"1970-01-01T00:00:00.000Z"'],
    ["bytes", () => Buffer.from("bytes"), 200, "application/octet-stream", "bytes"],
    [
      "a view",
      () => new DataView(Uint8Array.from([120, 97, 98]).buffer, 1),
      200,
      "application/octet-stream",
      "ab",
    ],
    ["an ArrayBuffer", () => Uint8Array.from([97]).buffer, 200, "application/octet-stream", "a"],
    [
      "a Response",
      () => new Response("x", { status: 201, headers: { "content-type": "text/x" } }),
      201,
      "text/x",
      "x",
    ],
    ["an empty Response", () => new Response(null, { status: 204 }), 204, undefined, ""],
    [
      "the platform's Response",
      () => new globalThis.Response("x", { status: 202 }),
      202,
      "text/plain;charset=UTF-8",
      "x",
    ],
    ["a stream", () => new Blob(["st"]).stream(), 200, "application/octet-stream", "st"],
    [
      "an async generator of text",
      async function* () {
        yield "a";
        yield "b";
      },
      200,
      "text/plain;charset=UTF-8",
      "ab",
    ],
    [
      "a generator of bytes",
      function* () {
        yield Buffer.from("a");
        yield Buffer.from("b");
      },
      200,
      "application/octet-stream",
      "ab",
    ],
  ];
  it.each(results)("%s", async (_, handler, status, type, body) => {
    const app = quietApp();
    app.get("/", handler as () => string);
    app.get("/later", async () => handler() as string);
    for (const request of ["GET /", "GET /later"]) {
      const answer = await ask(app, request);
      expect([answer.status, answer.type, answer.body]).toEqual([status, type, body]);
      expect(answer.exchange.complete).toBe(true);
    }
    expect(logged).toEqual([]);
  });

  it.each([
    ["undefined", () => undefined, /GET \/ returned undefined, .* return empty\(\)/],
    ["null", () => null, /GET \/ returned null/],
    ["a number", () => 7, /GET \/ returned 7/],
    ["a boolean", () => true, /returned true/],
    ["a symbol", () => Symbol("s"), /returned Symbol\(s\)/],
    ["a function", () => () => "x", /returned \(\) => "x"/],
    ["a Map", () => new Map(), /returned Map/],
    ["an Error", () => new Error("x"), /returned Error/],
    ["what JSON has no form for", () => ({ toJSON() {} }), /toJSON gives nothing/],
    ["a bigint within", () => ({ a: 1n }), /the bigint at "a"/],
    [
      "a circle",
      () => {
        const a: unknown[] = [];
        a.push(a);
        return a;
      },
      /circular/i,
    ],
    [
      "a Response that was sent",
      (() => {
        const r = new Response("x");
        void r.text();
        return () => r;
      })(),
      /read already/,
    ],
  ])("is no answer: %s", async (_, handler, message) => {
    const app = quietApp();
    app.get("/", handler as () => never);
    const answer = await ask(app, "GET /");
    expect([answer.status, answer.body]).toEqual([500, "500 Internal Server Error"]);
    expect(logged).toEqual([{ error: expect.any(TypeError), exchange: answer.exchange }]);
    expect(String(logged[0]?.error)).toMatch(message);
  });

  it("goes out in the same turn when it is there", () => {
    const app = quietApp();
    app.get("/", () => ({ a: 1 }));
    const exchange = new MemoryExchange("/");
    expect(app.handleExchange(exchange)).toBeUndefined();
    expect(exchange.complete).toBe(true);
  });
});

describe("errors", () => {
  const app = quietApp();
  const routes: Record<string, () => never> = {
    "/plain": () => {
      throw new HttpError(404);
    },
    "/text": () => {
      throw new HttpError(409, "taken");
    },
    "/json": () => {
      throw new HttpError(404, { msg: "no such user" });
    },
    "/headers": () => {
      throw new HttpError(401, "who?", { headers: { "WWW-Authenticate": "Basic" } });
    },
    "/typed": () => {
      throw new HttpError(400, { title: "x" }, { headers: { "content-type": "application/problem+json" } });
    },
    "/503": () => {
      throw new HttpError(503, "later", { cause: new Error("the database") });
    },
    "/unhandled": () => {
      throw new Error("secret");
    },
    "/string": () => {
      throw "secret";
    },
    "/circle": () => {
      const body: Record<string, unknown> = {};
      body["body"] = body;
      throw new HttpError(400, body);
    },
  };
  for (const [path, handler] of Object.entries(routes)) {
    app.get(path, handler);
    app.get(`/later${path}`, async () => handler());
  }

  it.each([
    ["/plain", 404, "text/plain;charset=UTF-8", "404 Not Found", 0],
    ["/text", 409, "text/plain;charset=UTF-8", "taken", 0],
    ["/json", 404, "application/json", '{"msg":"no such user"}', 0],
    ["/headers", 401, "text/plain;charset=UTF-8", "who?", 0],
    ["/typed", 400, "application/problem+json", '{"title":"x"}', 0],
    ["/503", 503, "text/plain;charset=UTF-8", "later", 1],
    ["/unhandled", 500, "text/plain;charset=UTF-8", "500 Internal Server Error", 1],
    ["/string", 500, "text/plain;charset=UTF-8", "500 Internal Server Error", 1],
    ["/circle", 500, "text/plain;charset=UTF-8", "500 Internal Server Error", 1],
  ])("%s", async (path, status, type, body, logs) => {
    for (const prefix of ["", "/later"]) {
      logged.length = 0;
      const answer = await ask(app, `GET ${prefix}${path}`);
      expect([answer.status, answer.type, answer.body]).toEqual([status, type, body]);
      expect(logged).toHaveLength(logs);
    }
    if (path === "/headers") {
      expect((await ask(app, "GET /headers")).exchange.responseHeader("www-authenticate")).toBe("Basic");
    }
  });

  it("tell the log everything: method, target, stack and cause", async () => {
    const spy = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => spy.mockRestore());
    const loud = new App();
    const error = new Error("secret");
    loud.get("/boom", () => {
      throw error;
    });
    await ask(loud, "GET /boom?%s");
    expect(spy).toHaveBeenCalledExactlyOnceWith("%s %s:", "GET", "/boom?%s", error);
  });

  it("cut an answer that was begun, and are logged", async () => {
    const failure = new Error("half way");
    const app = quietApp();
    app.get("/", async function* () {
      yield "a";
      throw failure;
    });
    app.get("/at-once", async function* () {
      if (failure !== undefined) throw failure;
      yield "a";
    });
    const { exchange, body } = await ask(app, "GET /");
    expect([exchange.responseStatus, exchange.aborted, exchange.complete, body]).toEqual([
      200,
      true,
      false,
      "a",
    ]);
    expect(logged.map(({ error }) => error)).toEqual([failure]);
    expect((await ask(app, "GET /at-once")).status).toBe(500);
  });

  it("are nobody's fault once the client has gone", async () => {
    const app = quietApp();
    app.post("/", async (request) => request.text());
    app.get(
      "/wait",
      (request) =>
        new Promise<string>((_, reject) => {
          request.signal.addEventListener("abort", () => reject(request.signal.reason));
        }),
    );
    async function* never() {
      yield "a";
      await new Promise(() => {});
    }
    for (const exchange of [new MemoryExchange("/", { body: never() }), new MemoryExchange("/wait")]) {
      const answering = app.handleExchange(exchange);
      await new Promise((resolve) => setImmediate(resolve));
      exchange.disconnect();
      await answering;
      expect(exchange.started).toBe(false);
    }
    expect(logged).toEqual([]);
  });

  it("can't be made with what is no error, or can't be sent", () => {
    for (const status of [200, 302, 399, 600, 404.5, Number.NaN]) {
      expect(() => new HttpError(status)).toThrow(RangeError);
    }
    expect(() => new HttpError(400, "x", { headers: { a: "b\r\nc" } })).toThrow(TypeError);
    expect(new HttpError(404)).toMatchObject({ name: "HttpError", status: 404, message: "404 Not Found" });
    expect(new HttpError(599).body).toBe("599");
    expect(new HttpError(500, "x", { cause: 1 }).cause).toBe(1);
  });
});

describe("routes", () => {
  const app = quietApp();
  app.get("/hello", () => "hello");
  app.post("/hello", () => "posted");
  app.route("/any", { methods: ["PUT", "PATCH"] }, ({ method }) => method);
  app.delete("/any", () => "deleted");

  it("answer HEAD, OPTIONS, 405 and 404 by themselves", async () => {
    const head = await ask(app, "HEAD /hello");
    expect([head.status, head.type, head.body]).toEqual([200, "text/plain;charset=UTF-8", ""]);
    const options = await ask(app, "OPTIONS /hello");
    expect([options.status, options.exchange.responseHeader("allow")]).toEqual([
      204,
      "GET, HEAD, OPTIONS, POST",
    ]);
    const other = await ask(app, "DELETE /hello");
    expect([other.status, other.exchange.responseHeader("allow"), other.body]).toEqual([
      405,
      "GET, HEAD, OPTIONS, POST",
      "405 Method Not Allowed",
    ]);
    expect((await ask(app, "HEAD /any")).exchange.responseHeader("allow")).toBe(
      "DELETE, OPTIONS, PATCH, PUT",
    );
    expect((await ask(app, "GET /nothing")).status).toBe(404);
    expect((await ask(app, "OPTIONS /nothing")).status).toBe(404);
    const all = await ask(app, "OPTIONS *");
    expect([all.status, all.exchange.responseHeader("allow")]).toEqual([
      204,
      "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT",
    ]);
    expect(logged).toEqual([]);
  });

  it("take absolute targets, queries and encoded paths", async () => {
    expect((await ask(app, "GET http://localhost/hello?x")).body).toBe("hello");
    expect((await ask(app, "GET /hello?/nothing")).body).toBe("hello");
    expect((await ask(app, "PATCH /an%79")).body).toBe("PATCH");
    const refused = await ask(app, "GET /hello/..%2fany");
    expect([refused.status, refused.body]).toEqual([
      400,
      "the path of the request is refused: %2f may not stand in it",
    ]);
  });

  it("are refused when they are added", () => {
    const app = quietApp();
    app.get("/a", () => "");
    expect(() => app.get("/a", () => "")).toThrow(
      "GET /a can't be added: GET /a takes the same requests already",
    );
    expect(() => app.get("a", () => "")).toThrow(/must begin with/);
    expect(() => app.route("/b", { methods: [] }, () => "")).toThrow(/has no methods/);
    expect(() => app.route("/b", { methods: ["get"] }, () => "")).toThrow(/write GET, not get/);
    expect(() => app.route("/b", { methods: ["G T"] }, () => "")).toThrow(/"G T" is no HTTP method/);
    expect(() => app.get("/b", undefined as never)).toThrow(/"\/b" has no handler/);
    expect(app.routes.map(String)).toEqual(["GET /a"]);
  });

  it("carry their types", () => {
    const app = quietApp();
    const show = app.get("/users/<int:id>/:tab", ({ params, query }) => {
      expectTypeOf(params).toEqualTypeOf<{ readonly id: number; readonly tab: string }>();
      expectTypeOf(query).toEqualTypeOf<MultiDict>();
      return { id: params.id };
    });
    expectTypeOf(show).toEqualTypeOf<Route<"/users/<int:id>/:tab", "GET", { id: number }>>();
    expectTypeOf<ParamsOf<typeof show>>().toEqualTypeOf<{ readonly id: number; readonly tab: string }>();
    expectTypeOf(show).toExtend<(typeof app.routes)[number]>();
    expectTypeOf(app.post("/", async () => "x" as const)).toEqualTypeOf<Route<"/", "POST", "x">>();
    expectTypeOf(app.route("/m", { methods: ["PUT", "PATCH"] }, () => [1])).toEqualTypeOf<
      Route<"/m", "PUT" | "PATCH", number[]>
    >();
    expectTypeOf(app.route("/g", {}, () => "")).toEqualTypeOf<Route<"/g", "GET", "">>();
    interface User {
      name: string;
    }
    app.get("/interface", (): User => ({ name: "x" }));
    app.get("/either", (request) => (request.method === "GET" ? "text" : new Response("x")));
    // @ts-expect-error a number is no answer
    app.get("/number", () => 7);
    // @ts-expect-error nor is a promise of one
    app.get("/number-later", async () => 7);
    // @ts-expect-error nor is nothing
    app.get("/nothing", () => {});
    // @ts-expect-error there is no such parameter
    app.get("/p/<int:id>", ({ params }) => ({ id: params.name }));
    expect(show).toMatchObject({ path: "/users/<int:id>/:tab", methods: ["GET"] });
    expect(isApplication(app)).toBe(true);
  });
});

describe("Request", () => {
  /** Runs `look` as the handler of a request. */
  async function within<T>(
    request: string,
    options: MemoryExchangeOptions,
    look: (request: Request) => T | Promise<T>,
  ): Promise<T | { status: number; body: string }> {
    let seen: { value: T } | undefined;
    const app = quietApp();
    app.route("/<path:all>", { methods: ["GET", "POST"] }, async (request) => {
      seen = { value: await look(request as Request) };
      return "";
    });
    const { status, body } = await ask(app, request, options);
    return seen === undefined ? { status, body } : seen.value;
  }

  it("shows what was asked for", async () => {
    await within("GET /a%20b/c?x=1&x=2&y=%20+", { headers: { "X-A": "1" } }, (request) => {
      expect(request).toBeInstanceOf(Request);
      expect([request.method, request.path, request.params]).toEqual(["GET", "/a b/c", { all: "a b/c" }]);
      expect(request.url).toBe("http://localhost/a%20b/c?x=1&x=2&y=%20+");
      expect([...request.query]).toEqual([
        ["x", "1"],
        ["x", "2"],
        ["y", "  "],
      ]);
      expect(request.query).toBe(request.query);
      expect(request.headers).toBeInstanceOf(Headers);
      expect(request.headers.get("x-a")).toBe("1");
      expect(request.mediaType).toBe("");
    });
    expect(await within("GET http://a/b?c=d", {}, (request) => [...request.query])).toEqual([["c", "d"]]);
    expect(await within("GET /b", {}, (request) => request.query.size)).toBe(0);
    expect(logged).toEqual([]);
  });

  it("answers a query that can't be read with 400", async () => {
    expect(await within("GET /b?q=%", {}, (request) => request.query)).toEqual({
      status: 400,
      body: expect.stringContaining('the value of "q" in the query'),
    });
  });

  it.each([
    "application/json",
    "Application/JSON; charset=utf-8",
    "application/problem+json",
    "application/json\t ;a=b",
  ])("reads JSON sent as %j", async (type) => {
    const options = { headers: { "content-type": type }, body: '{"msg":"你好"}' };
    expect(await within("POST /", options, (request) => request.json())).toBeUndefined;
    expect(await within("POST /x", options, (request) => request.json<{ msg: string }>())).toEqual({
      msg: "你好",
    });
  });

  it.each([
    "text/plain",
    "application/jsonp",
    "application/json\ta",
    "application/xml+jsonx",
    "x application/json",
    "",
  ])("answers JSON sent as %j with 415", async (type) => {
    const headers = type === "" ? {} : { "content-type": type };
    expect(await within("POST /x", { headers, body: "1" }, (request) => request.json())).toEqual({
      status: 415,
      body: expect.stringContaining("content-type: application/json"),
    });
  });

  it("answers bodies that can't be read with the reason", async () => {
    expect(await within("POST /x", { headers: json, body: '{"c": }' }, (request) => request.json())).toEqual({
      status: 400,
      body: 'the body is not JSON: "c": expected a JSON value at line 1, column 7',
    });
    expect(
      await within("POST /x", { headers: json, body: "[1]", maxBodyBytes: 2 }, (request) => request.json()),
    ).toEqual({ status: 413, body: expect.stringContaining("2 bytes") });
    expect(
      await within("POST /x", { headers: urlEncoded, body: "a=%" }, (request) => request.form()),
    ).toEqual({
      status: 400,
      body: expect.stringContaining('"a" in the form'),
    });
    const latin1 = { headers: urlEncoded, body: Uint8Array.from([0x61, 0x3d, 0xe4]) };
    expect(await within("POST /x", latin1, (request) => request.form())).toEqual({
      status: 400,
      body: "the form is not UTF-8",
    });
    const multipart = { headers: { "content-type": "multipart/form-data; boundary=x" }, body: "" };
    expect(await within("POST /x", multipart, (request) => request.form())).toMatchObject({ status: 400 });
    const xml = { headers: { "content-type": "text/xml" }, body: "<a/>" };
    expect(await within("POST /x", xml, (request) => request.form())).toMatchObject({ status: 415 });
    expect(logged).toEqual([]);
  });

  it("reads forms, text and bytes", async () => {
    const form = { headers: urlEncoded, body: "a=1&a=2&msg=%E4%BD%A0+好" };
    expect(await within("POST /x", form, async (request) => (await request.form()).toJSON())).toEqual({
      a: ["1", "2"],
      msg: "你 好",
    });
    expect(await within("POST /x", form, (request) => request.text())).toBe(form.body);
    expect(await within("POST /x", { body: "ab" }, (request) => request.bytes())).toEqual(
      new Uint8Array([97, 98]),
    );
  });
});

describe("the hello example, over a socket", () => {
  async function serve(app: App): Promise<string> {
    const server = new HttpServer((exchange) => app.handleExchange(exchange));
    const address = await server.listen({ kind: "tcp", host: "127.0.0.1", port: 0 });
    onTestFinished(async () => {
      await server.close({ deadline: 0 });
    });
    return `http://127.0.0.1:${address.kind === "tcp" ? address.port : 0}`;
  }

  it("answers as its comments say", async () => {
    const base = await serve(main());
    const hello = await fetch(`${base}/hello?name=Ada`);
    expect([hello.headers.get("content-type"), await hello.json()]).toEqual([
      "application/json",
      { hello: "Ada" },
    ]);
    expect(await (await fetch(`${base}/`)).text()).toMatch(/^Welcome/);
    const posted = { method: "POST", headers: json, body: '{"msg":"你好"}' };
    expect(await (await fetch(`${base}/hello?name=12`, posted)).json()).toEqual({
      query: { name: "12" },
      json: { msg: "你好" },
    });
    const form = new URLSearchParams([
      ["msg", "你好"],
      ["tag", "a"],
      ["tag", "b"],
    ]);
    expect(await (await fetch(`${base}/hello?name=12`, { method: "POST", body: form })).json()).toEqual({
      query: { name: "12" },
      form: { msg: "你好", tag: ["a", "b"] },
    });
    expect(await (await fetch(`${base}/users/7`)).json()).toEqual({ id: 7 });
    const missing = await fetch(`${base}/users/0`);
    expect([missing.status, await missing.json()]).toEqual([404, { msg: "no such user" }]);
    expect((await fetch(`${base}/users/seven`)).status).toBe(404);
  });

  it("shows the client a broken answer when a stream fails", async () => {
    const app = quietApp();
    app.get("/", async function* () {
      yield "a";
      throw new Error("half way");
    });
    const base = await serve(app);
    await expect(fetch(base).then((response) => response.text())).rejects.toThrow();
    expect(logged).toHaveLength(1);
  });
});

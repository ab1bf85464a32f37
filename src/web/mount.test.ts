import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, expectTypeOf, it, onTestFinished } from "vitest";
import type { Application } from "../gateway/application.ts";
import { toNodeListener } from "../gateway/hosted/node-listener.ts";
import { MemoryExchange, type MemoryExchangeOptions } from "../gateway/memory-exchange.ts";
import { mountPathOf } from "../gateway/mount-path.ts";
import { MountedExchange } from "../gateway/mounted-exchange.ts";
import { App } from "./app.ts";
import { PathError } from "./path-error.ts";
import { RouteConflictError } from "./route-tree.ts";

/** Tells which application it was, what it saw, and where it is mounted. */
function told(name: string): Application {
  return {
    handleExchange: (exchange) =>
      exchange.respond(200, [], `${name} ${exchange.target} ${mountPathOf(exchange)}`),
  };
}

/** Status, and body as text. */
async function ask(app: Application, request: string, options: MemoryExchangeOptions = {}): Promise<string> {
  const [method = "GET", target = ""] = request.includes(" ") ? request.split(" ") : ["GET", request];
  const exchange = new MemoryExchange(target, { method, ...options });
  await app.handleExchange(exchange);
  await exchange.finished;
  return `${exchange.responseStatus} ${exchange.takeText()}`.trim();
}

describe("a mount", () => {
  it("takes its path and what is below, at the borders of segments", async () => {
    const app = new App();
    app.mount("/legacy", told("old"));
    app.mount("/légacy b", told("encoded"));
    const answers = {
      "/legacy": "200 old / /legacy",
      "/legacy/": "200 old / /legacy",
      "/legacy?q=/x": "200 old /?q=/x /legacy",
      "/legacy/users/7?q=/x": "200 old /users/7?q=/x /legacy",
      "/legacy/a%20b/": "200 old /a%20b/ /legacy",
      "PROPFIND /legacy/x": "200 old /x /legacy",
      "OPTIONS /legacy/x": "200 old /x /legacy",
      "/l%65gacy/x": "200 old /x /l%65gacy",
      "/l%C3%A9gacy%20b/x": "200 encoded /x /l%C3%A9gacy%20b",
      "/legacyx": "404 404 Not Found",
      "/Legacy": "404 404 Not Found",
      "/x/legacy": "404 404 Not Found",
      "/": "404 404 Not Found",
    };
    for (const [request, answer] of Object.entries(answers)) expect(await ask(app, request)).toBe(answer);
  });

  it.each([
    "/legacy%2Fx",
    "/legacy%2fx",
    "/legacy//x",
    "//legacy/x",
    "/legacy/../admin",
    "/x/../legacy",
    "/legacy/%2e%2e/x",
    "/legacy\\x",
    "/legacy%5Cx",
    "/legacy/%00",
    "/legacy/%zz",
    "/legacy/%ff",
  ])("never sees a path that a router could see otherwise: %s", async (target) => {
    const app = new App();
    app.mount("/legacy", told("old"));
    app.mount("/", told("rest"));
    expect(await ask(app, target)).toMatch(/^400 the path of the request is refused/);
  });

  it("comes behind the routes of its own place, whatever the order, and before those of others", async () => {
    const build = (...steps: ((app: App) => void)[]): App => {
      const app = new App();
      for (const step of steps) step(app);
      return app;
    };
    const steps = [
      (app: App) => app.mount("/legacy", told("old")),
      (app: App) => void app.get("/legacy/new", () => "new"),
      (app: App) => void app.get("/legacy/<int:id>", ({ params }) => `number ${params.id}`),
      (app: App) => void app.get("/<path:rest>", () => "rest"),
      (app: App) => void app.get("/<name>/old", () => "name"),
      (app: App) => app.mount("/legacy/deep", told("deep")),
    ];
    for (const app of [build(...steps), build(...steps.toReversed())]) {
      expect(await ask(app, "/legacy/new")).toBe("200 new");
      expect(await ask(app, "/legacy/7")).toBe("200 number 7");
      expect(await ask(app, "/legacy/x")).toBe("200 old /x /legacy");
      // A method that a route has not, is the mount's: so an application moves over one route at a time.
      expect(await ask(app, "POST /legacy/new")).toBe("200 old /new /legacy");
      expect(await ask(app, "/legacy/old")).toBe("200 old /old /legacy");
      expect(await ask(app, "/legacy/deep/x")).toBe("200 deep /x /legacy/deep");
      expect(await ask(app, "/legacy/deeper")).toBe("200 old /deeper /legacy");
      expect(await ask(app, "/other/x")).toBe("200 rest");
    }
  });

  it("at / takes all that is left over, as it came", async () => {
    const app = new App();
    app.get("/", () => "new");
    app.mount("/", told("old"));
    expect(await ask(app, "/")).toBe("200 new");
    expect(await ask(app, "POST /")).toBe("200 old /");
    expect(await ask(app, "/a?b")).toBe("200 old /a?b");
  });

  it("can have mounts itself; what is not found there is its own affair", async () => {
    const inner = new App();
    inner.get("/x", (request) => [request.path, request.url]);
    inner.mount("/b", told("inmost"));
    const app = new App();
    app.mount("/a", inner);
    expect(await ask(app, "/a/x")).toBe('200 ["/x","http://localhost/x"]');
    expect(await ask(app, "/a/b/c?d")).toBe("200 inmost /c?d /a/b");
    expect(await ask(app, "/a/nothing")).toBe("404 404 Not Found");
    expect(await ask(app, "POST /a/x")).toBe("405 405 Method Not Allowed");
  });

  it("of others that takes the same requests is a conflict", () => {
    const mounted = new App();
    mounted.mount("/a", told("one"));
    const routed = new App();
    routed.get("/a/<path:rest>", () => "");
    const error = (act: () => void): unknown => {
      try {
        act();
      } catch (thrown) {
        return thrown;
      }
      return "no error";
    };
    for (const thrown of [
      error(() => mounted.mount("/a", told("two"))),
      error(() => mounted.get("/a/<path:rest>", () => "")),
      error(() => routed.mount("/a", told("one"))),
    ]) {
      expect(thrown).toBeInstanceOf(RouteConflictError);
      expect((thrown as Error).message).toMatch(/can't be added: .* takes the same requests already/);
    }
    expect(mounted.mounts.map(String)).toEqual(["what is mounted at /a"]);
  });

  it.each([
    ["a", /must begin with/],
    ["/a/", /no slash at its end/],
    ["/a//b", /empty segment/],
    ["/<id>", /no parameters.*<id>/],
    ["/a/*", /may not have "\*"/],
  ])("can't be at %s", (path, message) => {
    expect(() => new App().mount(path, told(""))).toThrow(PathError);
    expect(() => new App().mount(path, told(""))).toThrow(message);
  });

  it.each([
    [{}, /at \/a is a plain object, and no application/],
    [class Foo {}, /is a class/],
    [(a: unknown, b: unknown) => [a, b], /is a function of \(a, b\).* \{ interface: "fetch" \}/],
  ])("can't be of %j", (target, message) => {
    expect(() => new App().mount("/a", target)).toThrow(TypeError);
    expect(() => new App().mount("/a", target)).toThrow(message);
  });

  it("takes applications of every kind", async () => {
    const app = new App({ logError: () => {} });
    app.mount("/fetch", { fetch: (request: Request) => new Response(new URL(request.url).pathname) });
    app.mount("/function", (request: Request) => new Response(request.url), { interface: "fetch" });
    app.mount(
      "/wsgi",
      (environ: Record<string, unknown>, startResponse: (status: string, headers: []) => void) => {
        startResponse("200 OK", []);
        return [Buffer.from(`${environ["SCRIPT_NAME"]} ${environ["PATH_INFO"]}`)];
      },
      { interface: "wsgi" },
    );
    expect(await ask(app, "/fetch/x")).toBe("200 /x");
    expect(await ask(app, "/function/x?y")).toBe("200 http://localhost/x?y");
    expect(await ask(app, "/wsgi/x")).toBe("200 /wsgi /x");
  });

  it("takes applications of Node's kind", async () => {
    const app = new App();
    app.mount("/node", (req: IncomingMessage, res: ServerResponse) => void res.end(req.url));
    const server = createServer(toNodeListener(app));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    const { port } = server.address() as AddressInfo;
    expect(await (await fetch(`http://127.0.0.1:${port}/node/x?y`)).text()).toBe("/x?y");
  });

  it("that throws is answered by the app around it", async () => {
    const errors: unknown[] = [];
    const app = new App({ logError: (error) => errors.push(error) });
    const fault = new Error("secret");
    const throwing: Application = {
      handleExchange: () => {
        throw fault;
      },
    };
    app.mount("/now", throwing);
    app.mount("/later", { handleExchange: () => Promise.reject(fault) });
    app.mount("/half", {
      handleExchange: async (exchange) => {
        exchange.start(200, []);
        throw fault;
      },
    });
    expect(await ask(app, "/now")).toBe("500 500 Internal Server Error");
    expect(await ask(app, "/later")).toBe("500 500 Internal Server Error");
    const half = new MemoryExchange("/half");
    await app.handleExchange(half);
    expect([half.aborted, errors]).toEqual([true, [fault, fault, fault]]);
  });
});

describe("an app's start and stop", () => {
  function recorder(order: string[], name: string, fails?: "start" | "stop"): Application {
    const step = async (what: "start" | "stop"): Promise<void> => {
      order.push(`${what} ${name}`);
      if (fails === what) throw new Error(`${name} can't ${what}`);
    };
    return { start: () => step("start"), stop: () => step("stop"), handleExchange: () => {} };
  }

  it("are those of what is mounted, each once, the last first to stop", async () => {
    const order: string[] = [];
    const app = new App();
    const shared = recorder(order, "shared");
    const inner = new App();
    inner.mount("/x", recorder(order, "inner"));
    app.mount("/a", shared);
    app.mount("/b", inner);
    app.mount("/c", shared);
    await app.start();
    expect(() => app.mount("/late", shared)).toThrow(/has started/);
    await app.stop();
    expect(order).toEqual(["start shared", "start inner", "stop inner", "stop shared"]);
  });

  it("take back what has started when one can't, and stop all even if one can't", async () => {
    const order: string[] = [];
    const failing = new App();
    failing.mount("/a", recorder(order, "a"));
    failing.mount("/b", recorder(order, "b", "start"));
    failing.mount("/c", recorder(order, "c"));
    await expect(failing.start()).rejects.toThrow("b can't start");
    expect(order.splice(0)).toEqual(["start a", "start b", "stop a"]);

    const app = new App();
    app.mount("/a", recorder(order, "a"));
    app.mount("/b", recorder(order, "b", "stop"));
    await app.start();
    await expect(app.stop()).rejects.toThrow("b can't stop");
    expect(order).toEqual(["start a", "start b", "stop b", "stop a"]);
  });
});

describe("App.fetch", () => {
  it("is a fetch handler, alone as well", async () => {
    const app = new App();
    app.get("/x", (request) => ({ url: request.url }));
    const { fetch } = app;
    expectTypeOf(fetch).toExtend<(request: Request) => Promise<Response>>();
    const response = await fetch(new Request("http://a.test/x?y"));
    expect(response).toBeInstanceOf(Response);
    expect(await response.json()).toEqual({ url: "http://a.test/x?y" });
  });

  it("starts what is mounted", async () => {
    const order: string[] = [];
    const app = new App();
    app.mount("/a", {
      start: () => void order.push("start"),
      handleExchange: (exchange) => {
        order.push(exchange.target);
        exchange.respond(200, [], null);
      },
    });
    await app.fetch(new Request("http://a.test/a/x"));
    await app.fetch(new Request("http://a.test/a/y"));
    expect(order).toEqual(["start", "/x", "/y"]);
  });
});

describe("MountedExchange", () => {
  it("is the outer exchange, but for the path", async () => {
    const outer = new MemoryExchange("/a/b?c", { headers: { x: "y" }, body: "body", scheme: "https" });
    const exchange = new MountedExchange(outer, 1);
    expect(exchange).toMatchObject({
      method: "POST",
      target: "/b?c",
      mountPath: "/a",
      httpVersion: "1.1",
      scheme: "https",
      authority: "localhost",
      headers: outer.headers,
      body: outer.body,
      connection: outer.connection,
      signal: outer.signal,
      upgradeOffer: null,
      started: false,
      closed: false,
    });
    expect(() => exchange.upgrade("x", [])).toThrow("no other protocol");
    exchange.inform(103, []);
    const writer = exchange.start(201, ["x", "z"]);
    expect([exchange.started, exchange.closed, outer.interimAnswers.length]).toEqual([true, false, 1]);
    writer.end();
    expect([exchange.closed, outer.responseStatus]).toEqual([true, 201]);
    const cut = new MemoryExchange("/a");
    new MountedExchange(cut, 1).abort();
    expect(cut.aborted).toBe(true);
    expect(mountPathOf(outer)).toBe("");
  });
});

// The frameworks themselves are recognised in test/examples/frameworks.test.ts. Functions are written as text where a compiler
// could rename their parameters.
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createServer as createNetServer } from "node:net";
import { runInThisContext } from "node:vm";
import { describe, expect, it, test } from "vitest";
import { classify, type Interface } from "./classify.ts";
import { MemoryExchange } from "./memory-exchange.ts";
import { adapt, recognise } from "./recognise.ts";
import type { WsgiApplication } from "./wsgi/wsgi-interface.ts";

const code = (source: string): unknown => runInThisContext(`(${source})`);
const method = (): void => {};

/** Like itty-router's: whatever is read is a function, and only `in` tells the truth. */
const proxied = (own: object): object =>
  Object.setPrototypeOf({ ...own }, new Proxy({}, { get: () => method }));

class Router {
  fetch(): Response {
    return new Response();
  }
}

describe("recognise", () => {
  test.each<[title: string, value: unknown, kind: string, what: string]>([
    ["what speaks Exchange", { handleExchange: method }, "socle", "an Exchange application"],
    ["what has fetch besides", { handleExchange: method, fetch: method }, "socle", "an Exchange application"],
    ["an App", { handleExchange: method, route: method, routes: [], fetch: method }, "socle", "a Socle App"],
    ["{ fetch }", { port: 3000, fetch: method }, "fetch", "a fetch handler"],
    ["an instance with fetch", new Router(), "fetch", "a fetch handler"],
    [
      "a function with fetch",
      Object.assign(code("(event) => 1") as object, { fetch: method }),
      "fetch",
      "a fetch handler",
    ],
    ["Hono's", { fetch: method, getPath: method, fire: method, routes: [] }, "fetch", "a Hono app"],
    ["h3's", { fetch: method, "~routes": [], handler: method }, "fetch", "an h3 app"],
    [
      "Elysia's",
      { fetch: method, "~adapter": {}, modules: Promise.resolve(), listen: method, handle: method },
      "fetch",
      "an Elysia app",
    ],
    ["itty-router's", { fetch: method, routes: [["GET"]] }, "fetch", "an itty-router app"],
    ["itty-router's, a proxy", proxied({ fetch: method, routes: [["GET"]] }), "fetch", "an itty-router app"],
    ["(request) => …", code("(request) => 1"), "fetch", "a fetch handler"],
    ["minified", code("e => 1"), "fetch", "a fetch handler"],
    ["taken apart", code("({ url }) => 1"), "fetch", "a fetch handler"],
    ["(request, context)", code("(request, context) => 1"), "fetch", "a fetch handler"],
    ["(req, env, ctx)", code("async function (req, env, ctx) {}"), "fetch", "a fetch handler"],
    ["({ url }, _env)", code("({ url }, _env) => 1"), "fetch", "a fetch handler"],
    ["a function called fetch", code("({ fetch(a, b) {} }).fetch"), "fetch", "a fetch handler"],
    ["a bound fetch", code("({ fetch(a, b) {} }).fetch.bind(null)"), "fetch", "a fetch handler"],
    ["bound, of one parameter", code("((a) => 1).bind(null)"), "fetch", "a fetch handler"],
    ["(req, res)", code("(req, res) => 1"), "node", "a Node listener"],
    ["(request, response)", code("function (request, response) {}"), "node", "a Node listener"],
    ["(_, res)", code("(_, res) => 1"), "node", "a Node listener"],
    ["(req, res, next)", code("(req, res, next) => 1"), "node", "a Node listener"],
    [
      "Express's",
      Object.assign(code("(req, res, next) => 1") as object, {
        engine: method,
        set: method,
        handle: method,
        listen: method,
      }),
      "node",
      "an Express app",
    ],
    [
      "Connect's",
      Object.assign(code("(req, res, next) => 1") as object, { handle: method, listen: method, stack: [] }),
      "node",
      "a Connect app",
    ],
    [
      "Koa's",
      { callback: () => method, createContext: method, middleware: [], listen: method },
      "node",
      "a Koa app",
    ],
    [
      "Fastify's",
      {
        ready: method,
        inject: method,
        routing: method,
        server: createServer(),
        listen: method,
      },
      "node",
      "a Fastify app",
    ],
    ["http.Server", createServer(), "node", "a node:http server"],
    ["https.Server", createTlsServer(), "node", "a node:https server"],
    ["(environ, startResponse)", code("(environ, startResponse) => []"), "wsgi", "a WSGI application"],
    [
      "(environ, start_response)",
      code("function* (environ, start_response) {}"),
      "wsgi",
      "a WSGI application",
    ],
    [
      "(_environ, startResponse)",
      code("async function* (_environ, startResponse) {}"),
      "wsgi",
      "a WSGI application",
    ],
  ])("%s", (_, value, kind, what) => {
    expect(recognise(value)).toMatchObject({
      kind,
      what,
      application: { handleExchange: expect.any(Function) },
    });
  });

  test.each<[title: string, value: unknown, what: string, open?: boolean]>([
    ["undefined", undefined, "undefined"],
    ["null", null, "null"],
    ["a string", "app", "the string 'app'"],
    ["a plain object", {}, "a plain object"],
    ["an object of no class", Object.create(null), "a plain object"],
    ["an object of a class", new Map(), "an object of class Map"],
    ["a proxy without what we look for", proxied({}), "an object of class method"],
    ["a class", Router, "a class"],
    ["a net.Server", createNetServer(), "an object of class Server"],
    [
      "Express's Router",
      Object.assign(code("(req, res, next) => 1") as object, { handle: method, stack: [] }),
      "an Express router (a part of an application: app.use(router) puts it into one)",
    ],
    ["no parameters", code("() => 1"), "a function without parameters", true],
    ["two that tell nothing", code("(a, b) => 1"), "a function of (a, b)", true],
    ["two of different interfaces", code("(environ, res) => 1"), "a function of (environ, res)", true],
    ["a Fastify route's", code("(request, reply) => 1"), "a function of (request, reply)", true],
    ["a factory's", code("(options) => 1"), "a function of (options)", true],
    ["rest", code("(...args) => 1"), "a function of (...args)", true],
    ["bound, of two", code("((req, res) => 1).bind(null)"), "a function of 2 parameters", true],
  ])("not %s", (_, value, what, open = false) => {
    expect(recognise(value)).toBeUndefined();
    expect(classify(value)).toEqual({ kind: "unknown", what, open });
  });

  test.each<[Interface, unknown, string | undefined]>([
    ["fetch", code("(a, b) => 1"), "fetch"],
    ["fetch", code("() => 1"), "fetch"],
    ["fetch", { handleExchange: method, fetch: method }, "fetch"],
    ["fetch", createServer(), undefined],
    ["fetch", Router, undefined],
    ["wsgi", code("(a, b) => 1"), "wsgi"],
    ["wsgi", { fetch: method }, undefined],
    ["node", code("((a, b) => 1).bind(null)"), "node"],
    ["node", createServer(), "node"],
    ["node", { callback: () => method, createContext: method, middleware: [] }, "node"],
    ["node", { fetch: method }, undefined],
  ])("takes for %s what can be, if it is told to: %o", (as, value, kind) => {
    expect(recognise(value, as)?.kind).toBe(kind);
  });
});

it("makes applications that answer", async () => {
  const answers: [unknown, string][] = [
    [code("(request) => new Response('fetch ' + request.method)"), "fetch GET"],
    [code("(req, res) => res.end('node ' + req.method)"), "node GET"],
    [
      code(
        "(environ, startResponse) => (startResponse('200 OK', []), [Buffer.from('wsgi ' + environ.REQUEST_METHOD)])",
      ),
      "wsgi GET",
    ],
    [{ callback: () => code("(req, res) => res.end('koa')"), createContext: method, middleware: [] }, "koa"],
    [createServer((_, response) => response.end("server")), "server"],
  ];
  for (const [value, text] of answers) {
    const exchange = new MemoryExchange("/");
    const { application } = recognise(value)!;
    await application.start?.();
    await application.handleExchange(exchange);
    await expect.poll(() => exchange.complete).toBe(true);
    expect(exchange.takeText()).toBe(text);
    await application.stop?.();
  }
});

it("waits for the plugins that Elysia loads later", async () => {
  const calls: string[] = [];
  const modules = new Promise<void>((resolve) => {
    setImmediate(() => {
      calls.push("loaded");
      resolve();
    });
  });
  const { application } = recognise({ fetch: () => new Response(calls.join()), "~adapter": {}, modules })!;
  await application.start?.();
  const exchange = new MemoryExchange("/");
  await application.handleExchange(exchange);
  expect(exchange.takeText()).toBe("loaded");
  await application.stop?.();
});

it("readies Fastify before the first request, and closes it after the last", async () => {
  const calls: string[] = [];
  const server = createServer((_, response) => response.end(calls.join(" ")));
  const { application } = recognise({
    ready: async () => calls.push("ready"),
    close: async () => calls.push("close"),
    inject: method,
    routing: method,
    server,
  })!;
  await application.start?.();
  const exchange = new MemoryExchange("/");
  await application.handleExchange(exchange);
  await expect.poll(() => exchange.complete).toBe(true);
  expect(exchange.takeText()).toBe("ready");
  await application.stop?.();
  expect(calls).toEqual(["ready", "close"]);
});

test.each([true, false, undefined])(
  "wsgi.multiprocess is what is said of other processes: %s",
  async (multiprocess) => {
    const target: WsgiApplication = (environ, startResponse) => {
      startResponse("200 OK", []);
      return [Buffer.from(String(environ["wsgi.multiprocess"]))];
    };
    const exchange = new MemoryExchange("/");
    await adapt({ kind: "wsgi", what: "", target }, undefined, multiprocess).handleExchange(exchange);
    expect(exchange.takeText()).toBe(String(multiprocess ?? true));
  },
);

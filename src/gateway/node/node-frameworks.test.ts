/** Express, Koa and Fastify as the examples have them installed. Their own suites: `npm run peers`. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { serve } from "../../../test/http/serve.ts";
import { installFrameworks } from "../../../test/support/frameworks.ts";
import { nodeApplication } from "./node-application.ts";
import type { NodeListener, NodeServer } from "./node-listener.ts";

const require = createRequire(new URL("../../../examples/frameworks/package.json", import.meta.url));
const trouble = await installFrameworks();
/** Why they can't be tried, for a test's title; empty when they can. */
const missing = trouble === "" ? "" : ` (skipped: ${trouble})`;

async function ask(
  target: NodeListener | NodeServer,
): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
  const application = nodeApplication(target);
  const { port } = await serve((exchange) => application.handleExchange(exchange));
  return (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init);
}

const json = { method: "POST", headers: { "content-type": "application/json" }, body: '{"a":[1,2]}' };

describe.skipIf(missing !== "")(`Express${missing}`, () => {
  interface App extends NodeListener {
    get(path: string, ...handlers: unknown[]): void;
    post(path: string, ...handlers: unknown[]): void;
    use(...handlers: unknown[]): void;
  }
  type Request = IncomingMessage & { body: unknown; ip: string; protocol: string; hostname: string };
  type Response = ServerResponse & {
    send(body: unknown): void;
    json(body: unknown): void;
    sendFile(path: string): void;
  };

  test("routes, bodies, files, errors", async () => {
    const express = require("express") as { (): App; json(): unknown };
    const app = express();
    app.post("/json", express.json(), (request: Request, response: Response) => response.json(request.body));
    app.get("/about", ({ ip, protocol, hostname }: Request, response: Response) =>
      response.send([ip, protocol, hostname].join(" ")),
    );
    app.get("/file", (_: Request, response: Response) =>
      response.sendFile(require.resolve("express/package.json")),
    );
    app.get("/fails", async () => {
      throw Object.assign(new Error("inside"), { status: 418 });
    });
    app.use((error: Error & { status: number }, _: Request, response: Response, _next: unknown) => {
      response.statusCode = error.status;
      response.send("handled");
    });
    const get = await ask(app);
    expect(await (await get("/json", json)).json()).toEqual({ a: [1, 2] });
    expect(await (await get("/about")).text()).toBe("127.0.0.1 http 127.0.0.1");
    expect(await (await get("/file")).json()).toHaveProperty("name", "express");
    const part = await get("/file", { headers: { range: "bytes=0-3" } });
    expect([part.status, (await part.text()).length]).toEqual([206, 4]);
    const fails = await get("/fails");
    expect([fails.status, await fails.text()]).toEqual([418, "handled"]);
    expect((await get("/json", { ...json, body: "{" })).status).toBe(400);
    expect((await get("/json", { ...json, body: `"${"x".repeat(200_000)}"` })).status).toBe(413);
  });
});

describe.skipIf(missing !== "")(`Koa${missing}`, () => {
  test("text, objects, streams, errors", async () => {
    interface Context {
      path: string;
      body: unknown;
      req: IncomingMessage;
      throw(status: number, message: string): never;
    }
    const Koa = require("koa") as new () => {
      use(middleware: (context: Context, next: () => Promise<void>) => unknown): void;
      callback(): NodeListener;
    };
    const app = new Koa();
    app.use(async (context) => {
      if (context.path === "/echo") context.body = context.req;
      else if (context.path === "/object") context.body = { hello: "Koa" };
      else context.throw(404, "nothing here");
    });
    const get = await ask(app.callback());
    expect(await (await get("/echo", { method: "POST", body: "x".repeat(100_000) })).text()).toHaveLength(
      100_000,
    );
    expect(await (await get("/object")).json()).toEqual({ hello: "Koa" });
    const none = await get("/");
    expect([none.status, await none.text()]).toEqual([404, "nothing here"]);
  });
});

describe.skipIf(missing !== "")(`Fastify${missing}`, () => {
  test.each(["routing", "server"] as const)("by its %s", async (by) => {
    interface App {
      readonly routing: NodeListener;
      readonly server: NodeServer;
      post(path: string, handler: (request: { body: unknown; ip: string }) => unknown): void;
      ready(): Promise<unknown>;
    }
    const app = (require("fastify") as () => App)();
    app.post("/json", async ({ body, ip }) => ({ body, ip }));
    await app.ready();
    const get = await ask(
      by === "server" ? app.server : (request, response) => app.routing(request, response),
    );
    expect(await (await get("/json", json)).json()).toEqual({ body: { a: [1, 2] }, ip: "127.0.0.1" });
    expect((await get("/json", { ...json, body: "{" })).status).toBe(400);
    expect(await (await get("/none")).json()).toMatchObject({ error: "Not Found" });
  });
});

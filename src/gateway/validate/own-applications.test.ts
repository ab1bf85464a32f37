/** Socle's own applications keep the rules that the validator holds others to. */
import { expect, it } from "vitest";
import { serve } from "../../../test/http/serve.ts";
import { until } from "../../../test/support/until.ts";
import { App, HttpError, Response } from "../../web/index.ts";
import { type Breach, validate } from "./index.ts";

const encoder = new TextEncoder();

function makeApp(): App {
  const app = new App({ logError: () => {} });
  app.get("/text", () => "text");
  app.get("/json", () => ({ a: 1 }));
  app.get("/bytes", () => encoder.encode("bytes"));
  app.get("/none", () => new Response(null, { status: 204 }));
  app.get("/not-modified", () => new Response(null, { status: 304, headers: { etag: '"1"' } }));
  app.get("/blob", () => new Response(new Blob(["blob"])));
  app.get("/platform", () => new globalThis.Response("text", { headers: { "set-cookie": "a=1" } }));
  app.get("/stream", async function* () {
    for (let i = 0; i < 50; i++) yield encoder.encode("x".repeat(10_000));
  });
  app.get("/fails", () => {
    throw new Error("oops");
  });
  app.get("/refuses", () => {
    throw new HttpError(403);
  });
  app.get("/fails-later", async function* () {
    yield "begun";
    throw new Error("oops");
  });
  app.get("/users/<int:id>", ({ params }) => ({ id: params.id }));
  app.post("/echo", async (request) => new Response(await request.bytes()));
  app.post("/json", async (request) => ({ got: await request.json() }));
  app.post("/ignores", () => "not read");
  return app;
}

it("the framework's App", async () => {
  const breaches: Breach[] = [];
  const app = validate(makeApp(), { report: (breach) => breaches.push(breach) });
  const { port, open } = await serve((exchange) => app.handleExchange(exchange));
  const ask = async (target: string, init: RequestInit = {}): Promise<number> => {
    const response = await fetch(`http://127.0.0.1:${port}${target}`, init);
    await response.arrayBuffer().catch(() => {});
    return response.status;
  };
  const targets = ["text", "json", "bytes", "blob", "platform", "stream", "users/7"];
  for (const method of ["GET", "HEAD"]) {
    for (const target of targets) expect(await ask(`/${target}`, { method })).toBe(200);
  }
  expect(await ask("/none")).toBe(204);
  expect(await ask("/not-modified")).toBe(304);
  expect(await ask("/fails")).toBe(500);
  expect(await ask("/refuses")).toBe(403);
  // The client may see no more of what is cut than the cut.
  await ask("/fails-later").catch(() => {});
  expect(await ask("/nowhere")).toBe(404);
  expect(await ask("/text", { method: "POST" })).toBe(405);
  expect(await ask("/text", { method: "OPTIONS" })).toBe(204);
  expect(await ask("/users/%zz")).toBe(400);
  expect(await ask("/echo", { method: "POST", body: "x".repeat(100_000) })).toBe(200);
  await ask("/echo", { method: "POST", body: "x".repeat(2_000_000) }).catch(() => {});
  const json = { "content-type": "application/json" };
  expect(await ask("/json", { method: "POST", body: "{}", headers: json })).toBe(200);
  expect(await ask("/json", { method: "POST", body: "{", headers: json })).toBe(400);
  expect(await ask("/ignores", { method: "POST", body: "x" })).toBe(200);

  const leaver = await open();
  leaver.socket.pause();
  leaver.send("GET /stream HTTP/1.1\r\nhost: a\r\n\r\n".repeat(20));
  leaver.socket.resetAndDestroy();
  await until(async () => (await ask("/text")) === 200);
  expect(breaches).toEqual([]);
});

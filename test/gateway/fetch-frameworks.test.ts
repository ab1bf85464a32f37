/**
 * Applications of real frameworks on Socle, over real sockets, with the platform's classes and with Socle's under the global names: the
 * short form, for the oldest Node. On the newest, fetch-apps/complete uses all of each framework.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { installFrameworks } from "../support/frameworks.ts";
import { findNodes } from "../support/nodes.ts";
import { startProcess, type TestProcess } from "../support/process.ts";

const modules = fileURLToPath(new URL("../../examples/frameworks/node_modules/", import.meta.url));
const serveScript = fileURLToPath(new URL("fetch-apps/serve.mjs", import.meta.url));
const frameworks = [
  { app: "plain", entry: undefined },
  { app: "hono", entry: "hono/dist/index.js" },
  { app: "h3", entry: "h3/dist/_entries/node.mjs" },
  { app: "elysia", entry: "elysia/dist/index.mjs" },
];
const trouble = await installFrameworks();
// What is between the newest and the oldest has been seen to do as one of these.
const [newest, ...older] = (await findNodes()).filter(({ missing }) => missing === undefined);
const nodes = [newest, older.find(({ version }) => version.startsWith("20."))].filter(
  (node) => node !== undefined,
);

let upstream: string;
const echo = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body = `${request.method} ${request.headers["x-a"] ?? ""} ${Buffer.concat(chunks)}`;
    response.setHeader("set-cookie", ["a=1", "b=2"]);
    response.setHeader("content-encoding", "gzip");
    response.end(gzipSync(body));
  });
});
beforeAll(async () => {
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  upstream = `http://127.0.0.1:${(echo.address() as AddressInfo).port}/`;
});
afterAll(() => void echo.close().closeAllConnections());

for (const node of nodes) {
  for (const { app, entry } of node === newest ? frameworks.slice(0, 1) : frameworks) {
    const module = entry === undefined ? undefined : modules + entry;
    const missing = module === undefined ? "" : trouble;
    for (const flags of [[], ["--fast-fetch"]]) {
      const title = `${app} ${flags.join(" ")}on ${node.label}${missing === "" ? "" : `: ${missing}`}`;
      describe.skipIf(missing !== "")(title, () => {
        let server: TestProcess;
        let origin: string;
        beforeAll(async () => {
          server = startProcess(node.path, [
            serveScript,
            app,
            ...(module === undefined ? [] : [module]),
            ...flags,
          ]);
          origin = `http://127.0.0.1:${(await server.waitFor(/port (\d+)/))[1]}`;
        });
        afterAll(async () => {
          expect(server.stderr).not.toContain("UNHANDLED");
          await server[Symbol.asyncDispose]();
        });

        const post = (path: string, body: RequestInit["body"], headers: Record<string, string> = {}) =>
          fetch(origin + path, { method: "POST", body, headers, duplex: "half" } as RequestInit);

        it("routes, and answers with JSON", async () => {
          const answer = await fetch(`${origin}/users/7?q=a%20b`);
          expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
          expect(answer.headers.get("x-middleware")).toBe("seen");
          expect(await answer.json()).toEqual({ id: 7, q: "a b" });
          expect((await fetch(`${origin}/nothing`)).status).toBe(404);
          const head = await fetch(`${origin}/users/7`, { method: "HEAD" });
          expect(await head.text()).toBe("");
        });

        it("takes JSON and forms", async () => {
          const type = "application/json";
          const answer = await post("/json", JSON.stringify({ a: ["ä"] }), { "content-type": type });
          expect([answer.status, await answer.json()]).toEqual([201, { got: { a: ["ä"] }, type }]);
          const form = new FormData();
          form.set("name", "Ada");
          form.set("file", new Blob(["content"]), "f.txt");
          expect(await (await post("/form", form)).text()).toBe("Ada f.txt content");
        });

        it("streams both ways, and events as they come", async () => {
          const text = "some text ".repeat(20_000);
          const stream = new Blob([text]).stream();
          expect(await (await post("/upper", stream)).text()).toBe(text.toUpperCase());
          const events = await fetch(`${origin}/events`);
          expect(events.headers.get("content-type")).toBe("text/event-stream");
          const pieces: string[] = [];
          for await (const piece of events.body as ReadableStream<Uint8Array>)
            pieces.push(Buffer.from(piece).toString());
          expect(pieces).toEqual(["data: 1\n\n", "data: 2\n\n"]);
        });

        it("sets two cookies", async () => {
          const answer = await fetch(`${origin}/cookies`);
          expect([answer.headers.getSetCookie(), await answer.text()]).toEqual([["a=1", "b=2"], "cookies"]);
        });

        it("passes requests and answers on", async () => {
          const to = encodeURIComponent(upstream);
          // Middleware that changes a header makes a new response, of which nobody knows that fetch has decoded it: Hono's own
          // proxy helper takes the coding off for that reason.
          if (app === "plain") {
            const answer = await fetch(`${origin}/proxy?to=${to}`);
            expect([answer.headers.getSetCookie(), await answer.text()]).toEqual([["a=1", "b=2"], "GET  "]);
            const sent = await post(`/forward?to=${to}`, "body", { "x-a": "1" });
            expect(await sent.text()).toBe("POST 1 body");
          }
        });

        it("answers 500 for what is thrown, and tells the client nothing but what the framework does", async () => {
          const answer = await fetch(`${origin}/throw`);
          expect(answer.status).toBe(500);
          if (app === "plain") {
            expect(await answer.text()).toBe("Internal Server Error\n");
            expect(server.stderr.match(/thrown by the app/g)).toHaveLength(1);
          }
        });

        it("knows the client's address", async () => {
          expect(await (await fetch(`${origin}/ip`)).text()).toBe("127.0.0.1 true");
        });
      });
    }
  }
}

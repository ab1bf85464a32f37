/** What a handler returns, and its context. */
import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "../cases.mjs";

export function answers({ Elysia, file, form, redirect, sse, status, ElysiaFile }, watch) {
  return new Elysia({ prefix: "/answers" })
    .get("/text", "static text")
    .get("/handler", () => "text")
    .get("/number", () => 7)
    .get("/true", () => true)
    .get("/null", () => null)
    .get("/nothing", () => undefined)
    .get("/object", () => ({ a: ["ä"] }))
    .get("/array", () => [1, 2])
    .get("/bytes", () => new Uint8Array([104, 105]))
    .get("/blob", () => new Blob(["blob"], { type: "text/x-blob" }))
    .get("/response", ({ set }) => {
      set.headers["x-set"] = "1";
      return new Response("response", { status: 203, headers: { "x-own": "1" } });
    })
    .get("/set", ({ set }) => {
      set.status = "Created";
      set.headers["x-a"] = "1";
      set.headers["set-cookie"] = ["a=1", "b=2"];
      return "set";
    })
    .get("/status", ({ status: answer }) => answer(418, "short"))
    .get("/status-out", () => status("Accepted", { later: true }))
    .get("/redirect", ({ redirect: to }) => to("http://example.org/elsewhere"))
    .get("/redirect-out", () => redirect("http://example.org/", 308))
    .get("/form", () =>
      form({ name: "Ada", blob: new Blob(["content"], { type: "text/plain" }) }).get("name"),
    )
    .get("/file", () => file(import.meta.filename))
    .get("/file-is", () => String(file(import.meta.filename) instanceof ElysiaFile))
    .get("/stream", function* () {
      yield "a ";
      yield { b: 1 };
    })
    .get("/async-stream", async function* () {
      yield "one ";
      await sleep(1);
      yield "two";
    })
    .get("/events", async function* () {
      yield sse("plain");
      await sleep(1);
      yield sse({ event: "named", id: "1", data: { a: 1 } });
    })
    .get("/readable", () => new Blob(["readable"]).stream())
    .get("/map", ({ set }) => {
      set.headers["x-a"] = "map";
      return new Map([["a", 1]]).size;
    })
    .get("/context", (context) => {
      watch("Context", context);
      const { body, query, params, headers, cookie, server, set, path, route, request, store, url, qi } =
        context;
      const own = [context.redirect, context.status].map((value) => typeof value);
      return [
        body ?? null,
        query,
        params ?? null,
        headers["x-a"],
        typeof cookie,
        server ?? null,
        typeof set,
        path,
        route,
        request instanceof Request,
        typeof store,
        typeof url,
        typeof qi,
        ...own,
      ];
    });
}

export const cases = [
  ask("GET /answers/text", 200, "static text"),
  ask("GET /answers/handler", 200, "text"),
  ask("HEAD /answers/head", 404),
  ask("GET /answers/number", 200, "7"),
  ask("GET /answers/true", 200, "true"),
  ask("GET /answers/null", 200, ""),
  ask("GET /answers/nothing", 200, ""),
  ask("GET /answers/object", 200, { a: ["ä"] }),
  ask("GET /answers/array", 200, [1, 2]),
  ask("GET /answers/bytes", 200, "hi"),
  ask("GET /answers/blob", 200, "blob"),
  ask("GET /answers/response", 203, "response", { "x-own": "1", "x-set": "1" }),
  ask("GET /answers/set", 201, "set", { "x-a": "1", "set-cookie": /a=1\nb=2/ }),
  ask("GET /answers/status", 418, "short"),
  ask("GET /answers/status-out", 202, { later: true }),
  ask("GET /answers/redirect", 302, "", { location: "http://example.org/elsewhere" }),
  ask("GET /answers/redirect-out", 308, "", { location: "http://example.org/" }),
  ask("GET /answers/form", 200, "Ada"),
  ask("GET /answers/file", 200, /^\/\*\* What a handler/),
  ask("GET /answers/file-is", 200, "true"),
  ask("GET /answers/stream", 200, 'a {"b":1}'),
  ask("GET /answers/async-stream", 200, "one two"),
  ask("GET /answers/events", 200, /data: plain\n\n.*event: named\ndata: \{"a":1\}\n\n/s),
  ask("GET /answers/readable", 200, "readable"),
  ask("GET /answers/map", 200, "1"),
  ask("GET /answers/context?q=1", { headers: { "x-a": "1" } }, 200, /\/answers\/context/),
];

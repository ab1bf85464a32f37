import { ask, typed } from "../cases.mjs";

export function requests({ Elysia, t }) {
  const each = new Elysia();
  for (const method of ["get", "post", "put", "patch", "delete", "options"]) {
    each[method]("/each", ({ request }) => request.method);
  }
  return new Elysia({ prefix: "/requests" })
    .mount(
      "/mounted",
      (request) => new Response(`mounted ${request.method} ${new URL(request.url).pathname}`),
    )
    .use(each)
    .head("/head", ({ set }) => {
      set.headers["x-head"] = "1";
    })
    .connect("/connect", () => "connect")
    .all("/all", ({ request }) => request.method)
    .route("REPORT", "/route", () => "report")
    .get("/params/:a/:b?", ({ params }) => params)
    .get("/wild/*", ({ params }) => params["*"])
    .get("/query", ({ query }) => query)
    .post("/json", ({ body }) => ({ body }))
    .post("/text", ({ body }) => body)
    .post("/form", ({ body }) => body)
    .post("/parts", async ({ body }) => `${body.name} ${body.file.name} ${await body.file.text()}`)
    .post("/files", async ({ body }) => Promise.all([body.file].flat().map((each) => each.text())), {
      body: t.Object({ file: t.Files() }),
    })
    .post("/buffer", ({ body }) => body.byteLength, { parse: "arrayBuffer" })
    .post("/typed", ({ body }) => ({ body }), { parse: "json" })
    .post("/none", async ({ request }) => request.text(), { parse: "none" })
    .post("/stream", ({ request }) => new Response(request.body), { parse: "none" })
    .post("/own-parser", ({ body }) => body, {
      parse: ({ contentType, request }) =>
        contentType === "application/x-words" ? request.text().then((text) => text.split(" ")) : undefined,
    })
    .parser("shout", async ({ request }) => (await request.text()).toUpperCase())
    .post("/named-parser", ({ body }) => body, { parse: "shout" })
    .onParse({ as: "local" }, async ({ request }, contentType) =>
      contentType === "application/x-hook" ? `hook ${await request.text()}` : undefined,
    )
    .post("/parse-hook", ({ body }) => body)
    .get("/ip", ({ request }) => `${request.ip ?? "none"}`);
}

const file = { name: "f.txt", type: "text/plain", content: "content" };
const large = "0123456789".repeat(20_000);

export const cases = [
  ...["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].map((method) =>
    ask(`${method} /requests/each`, method === "GET" ? {} : { body: "x" }, 200, method),
  ),
  ask("HEAD /requests/head", 200, "", { "x-head": "1" }),
  ask("PURGE /requests/all", 200, "PURGE"),
  ask("REPORT /requests/route", 200, "report"),
  ask("GET /requests/params/%C3%A4/b", 200, { a: "ä", b: "b" }),
  ask("GET /requests/params/a", 200, { a: "a" }),
  ask("GET /requests/wild/a/b", 200, "a/b"),
  ask("GET /requests/query?a=1&b=%C3%A4&a=2", 200, /"b":"ä"/),
  ask("POST /requests/json", { json: { a: [1] } }, 200, { body: { a: [1] } }),
  ask("POST /requests/json?broken", typed("application/json", "{"), 400),
  ask("POST /requests/text", typed("text/plain", "täxt"), 200, "täxt"),
  ask("POST /requests/form", { form: { a: "1", b: "ä" } }, 200, { a: "1", b: "ä" }),
  ask("POST /requests/parts", { parts: { name: "Ada", file } }, 200, "Ada f.txt content"),
  ask("POST /requests/files", { parts: { file } }, 200, ["content"]),
  ask("POST /requests/buffer", typed("application/octet-stream", "12345"), 200, "5"),
  ask(
    "POST /requests/typed",
    { body: ['{"a"', ":1}"], headers: { "content-type": "application/json" } },
    200,
    { body: { a: 1 } },
  ),
  ask("POST /requests/none", { body: "raw" }, 200, "raw"),
  ask("POST /requests/stream", { body: large }, 200, large),
  ask("POST /requests/own-parser", typed("application/x-words", "a b"), 200, ["a", "b"]),
  ask("POST /requests/named-parser", typed("text/plain", "loud"), 200, "LOUD"),
  ask("POST /requests/parse-hook", typed("application/x-hook", "text"), 200, "hook text"),
  ask("PUT /requests/mounted/a", { body: "x" }, 200, /^mounted PUT .*\/a$/),
  ask("GET /requests/ip", 200, "127.0.0.1"),
  ask("GET /requests/none-such", 404, "NOT_FOUND"),
];

/** Content types. */

import { Readable } from "node:stream";
import { ask, typed } from "../../fetch-apps/complete/cases.mjs";

export async function types(app) {
  app.addContentTypeParser("application/x-words", async (_request, payload) => {
    let text = "";
    for await (const piece of payload) text += piece;
    return text.split(" ");
  });
  app.addContentTypeParser(/^image\//, { parseAs: "buffer", bodyLimit: 10 }, (_request, body, done) =>
    done(null, { bytes: body.length }),
  );
  app.addContentTypeParser(
    ["application/x-json"],
    { parseAs: "string" },
    app.getDefaultJsonParser("error", "ignore"),
  );
  app.post("/", async ({ body }) => ({ body }));
  app.get("/known", async () => [
    app.hasContentTypeParser("application/x-words"),
    app.hasContentTypeParser("text/none"),
  ]);
  await app.register(
    async (inner) => {
      inner.removeContentTypeParser("application/json");
      inner.post("/", async ({ body }) => ({ body }));
    },
    { prefix: "/no-json" },
  );
  await app.register(
    async (inner) => {
      inner.removeAllContentTypeParsers();
      inner.addContentTypeParser("*", (_request, payload, done) => {
        payload.resume().on("end", () => done(null, "anything"));
      });
      inner.post("/", async ({ body }) => ({ body }));
    },
    { prefix: "/anything" },
  );
  app.post("/echo", { onRequest: async () => {} }, async (request, reply) =>
    reply.send(Readable.from([JSON.stringify(request.body)])),
  );
}

export const cases = [
  ask("POST /types", typed("application/x-words", "a b"), 200, { body: ["a", "b"] }),
  ask("POST /types?image", typed("image/png", "12345"), 200, { body: { bytes: 5 } }),
  ask("POST /types?image-large", typed("image/png", "12345678901"), 413, /too large/),
  ask("POST /types?x-json", typed("application/x-json", '{"a":1}'), 200, { body: { a: 1 } }),
  ask("POST /types?poisoned", typed("application/x-json", '{"__proto__":1}'), 400),
  ask("POST /types?unknown", typed("text/unknown", "x"), 415, /Unsupported Media Type/),
  ask("POST /types?broken", typed("application/json", "{"), 400, /not valid JSON/),
  ask("POST /types?empty", typed("application/json", ""), 400),
  ask("POST /types?large", { json: "x".repeat(6_000) }, 413),
  ask("POST /types?pieces", { body: ['{"a":', "1}"], headers: { "content-type": "application/json" } }, 200, {
    body: { a: 1 },
  }),
  ask(
    "POST /types?pieces-large",
    { body: ["x".repeat(4_000), "x".repeat(4_000)], headers: { "content-type": "text/plain" } },
    413,
  ),
  ask("GET /types/known", 200, [true, false]),
  ask("POST /types/no-json", { json: {} }, 415),
  ask("POST /types/anything", typed("a/b", "x"), 200, { body: "anything" }),
  ask("POST /types/echo", { json: { a: 1 } }, 200, '{"a":1}'),
];

/** Methods and paths. */

import { ask } from "../../fetch-apps/complete/cases.mjs";

export async function routes(app) {
  for (const method of ["get", "post", "put", "patch", "delete", "options", "trace"]) {
    app[method]("/each", async (request) => request.method);
  }
  app.head("/only-head", async (_, reply) => reply.header("x-head", "1").send());
  app.get("/:one-:two", async ({ params }) => params);
  app.get("/digits/:n(^\\d+)", async ({ params }) => params);
  app.get("/optional/:a?", async ({ params }) => params);
  app.get("/wild/*", async ({ params }) => params);
  app.get("/found", async () => [
    app.hasRoute({ url: "/routes/each", method: "GET" }),
    app.findRoute({ url: "/routes/wild/*", method: "GET" })?.params,
  ]);
}

export const cases = [
  ...["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"].map((method) =>
    ask(
      `${method} /routes/each`,
      ["GET", "DELETE", "OPTIONS", "TRACE"].includes(method) ? {} : { json: {} },
      200,
      method,
    ),
  ),
  ask("HEAD /routes/only-head", 200, "", { "x-head": "1" }),
  ask("GET /routes/EACH/", 200, "GET"),
  ask("GET /routes/a-b", 200, { one: "a", two: "b" }),
  ask("GET /routes/digits/12", 200, { n: "12" }),
  ask("GET /routes/digits/ab", 404),
  ask("GET /routes/optional", 200),
  ask("GET /routes/wild/a/b%20c", 200, { "*": "a/b c" }),
  ask("GET /routes/optional/a-parameter-that-is-too-long", 414),
  ask("GET /routes/found", 200, /^\[true/),
  ask("GET /routes/%zz", 400, /FST_ERR_BAD_URL/),
];

/** All of itty-router. */
import { ask } from "./cases.mjs";

export const packages = ["itty-router"];

export function makeApp({ use, watch }) {
  const itty = use("itty-router");
  const {
    AutoRouter,
    IttyRouter,
    Router,
    StatusError,
    cors,
    createResponse,
    error,
    json,
    status,
    text,
    withContent,
    withCookies,
    withParams,
  } = itty;

  const plain = IttyRouter({ base: "/plain" });
  watch("IttyRouter", plain);
  for (const method of ["get", "post", "put", "patch", "delete", "options", "head"]) {
    plain[method]("/each", (request) => new Response(`${request.method} ${request instanceof Request}`));
  }
  plain
    .all("/all", ({ method }) => text(method))
    .purge("/own-method", () => text("purged"))
    .get("/params/:a/:b?", ({ params, query }) => json({ params, query }))
    .get("/greedy/:rest+", ({ params }) => json(params))
    .get("/:file.:extension", ({ params }) => json(params))
    .get("/wild/*", ({ url, route, proxy }) => json([new URL(url).pathname, route, typeof proxy]))
    .get(
      "/steps",
      (request) => void (request.step = 1),
      ({ step }) => text(`step ${step}`),
    )
    .get("/arguments", (_request, ...more) => text(String(more.length)))
    .all("*", () => error(404, "plain"));

  const log = [];
  const staged = Router({
    base: "/staged",
    before: [withParams, (request) => void (request.began = true)],
    catch: error,
    finally: [
      (response) => response ?? text("finally", { status: 404 }),
      (_response, { method }) => void log.push(method),
    ],
  });
  staged
    .get("/begun/:id", ({ id, began }) => text(`${id} ${began}`))
    .get("/throws", () => {
      throw new Error("thrown");
    })
    .get("/status", () => {
      throw new StatusError(418, { error: "short", more: 1 });
    })
    .get("/log", () => json(log));

  const helpers = AutoRouter({ base: "/helpers", missing: () => error(404, "missing"), format: json });
  const shout = createResponse("text/x-shout", (value) => value.toUpperCase());
  helpers
    .get("/text", () => text("text", { headers: { "x-a": "1" } }))
    .get("/html", () => itty.html("<p>html</p>"))
    .get("/json", () => json({ a: ["ä"] }, { status: 201 }))
    .get("/jpeg", () => itty.jpeg("image"))
    .get("/png", () => itty.png(new Uint8Array([1, 2])))
    .get("/webp", () => itty.webp("image"))
    .get("/shout", () => shout("loud"))
    .get("/status", () => status(204))
    .get("/error", () => error(400))
    .get("/error-message", () => error(401, "who?"))
    .get("/error-object", () => error(new StatusError(409, "conflict")))
    .get("/formatted", () => ({ by: "format" }))
    .get("/promise", async () => [1, 2])
    .get("/cookies", withCookies, ({ cookies }) => cookies)
    .get("/with-params/:a", withParams, ({ a, params }) => [a, params.a])
    .post("/content", withContent, async ({ content }) =>
      content instanceof FormData ? [...content.keys()] : content,
    )
    .post("/own", async (request) => [await request.text()]);

  const { preflight, corsify } = cors({
    origin: ["http://a.example"],
    credentials: true,
    allowMethods: "PUT",
    allowHeaders: ["x-a"],
    exposeHeaders: "x-b",
    maxAge: 60,
  });
  const shared = AutoRouter({ base: "/cors", before: [preflight], finally: [corsify] });
  shared.all("/", () => "shared");

  const root = AutoRouter();
  root
    .all("/plain/*", plain.fetch)
    .all("/staged/*", staged.fetch)
    .all("/helpers/*", helpers.fetch)
    .all("/cors/*", shared.fetch);
  const open = cors();
  root.get("/open", async () => open.corsify(text("open")));
  root.get("/paths", () => [
    IttyRouter({ routes: [] }).routes.length,
    typeof plain.fetch,
    plain.routes.length > 5,
  ]);
  return { ...root };
}

const origin = (name) => ({ headers: { origin: `http://${name}.example` } });

export const cases = [
  ...["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].map((method) =>
    ask(`${method} /plain/each`, method === "GET" ? {} : { body: "x" }, 200, `${method} true`),
  ),
  ask("HEAD /plain/each", 200, ""),
  ask("LOCK /plain/all", 200, "LOCK"),
  ask("PURGE /plain/own-method", 200, "purged"),
  ask("GET /plain/params/a%20b/c?x=1&x=2&y=%C3%A4", 200, {
    params: { a: "a%20b", b: "c" },
    query: { x: ["1", "2"], y: "ä" },
  }),
  ask("GET /plain/params/a", 200, { params: { a: "a" }, query: {} }),
  ask("GET /plain/greedy/a/b", 200, { rest: "a/b" }),
  ask("GET /plain/file.png", 200, { file: "file", extension: "png" }),
  ask("GET /plain/wild/a", 200, ["/plain/wild/a", "/plain/wild/*", "object"]),
  ask("GET /plain/steps", 200, "step 1"),
  ask("GET /plain/arguments", 200, "2"),
  ask("GET /plain/none", 404, { status: 404, error: "plain" }),
  ask("GET /staged/begun/7", 200, "7 true"),
  ask("GET /staged/throws", 500, /thrown/),
  ask("GET /staged/status", 418, /short/),
  ask("GET /staged/none", 404, "finally"),
  ask("GET /staged/log", 200, ["GET", "GET", "GET", "GET"]),
  ask("GET /helpers/text", 200, "text", { "x-a": "1" }),
  ask("GET /helpers/html", 200, "<p>html</p>", { "content-type": "text/html" }),
  ask("GET /helpers/json", 201, { a: ["ä"] }),
  ask("GET /helpers/jpeg", 200, "image", { "content-type": "image/jpeg" }),
  ask("GET /helpers/png", 200, "\u0001\u0002", { "content-type": "image/png" }),
  ask("GET /helpers/webp", 200, "image"),
  ask("GET /helpers/shout", 200, "LOUD", { "content-type": "text/x-shout" }),
  ask("GET /helpers/status", 204, ""),
  ask("GET /helpers/error", 400, { status: 400, error: "Bad Request" }),
  ask("GET /helpers/error-message", 401, { status: 401, error: "who?" }),
  ask("GET /helpers/error-object", 409, /conflict/),
  ask("GET /helpers/formatted", 200, { by: "format" }),
  ask("GET /helpers/promise", 200, [1, 2]),
  ask("GET /helpers/cookies", { headers: { cookie: "a=1; b=2" } }, 200, { a: "1", b: "2" }),
  ask("GET /helpers/with-params/x", 200, ["x", "x"]),
  ask("POST /helpers/content", { json: { a: 1 } }, 200, { a: 1 }),
  ask("POST /helpers/content?form", { parts: { a: "1" } }, 200, ["a"]),
  ask(
    "POST /helpers/content?text",
    { body: "text", headers: { "content-type": "text/plain" } },
    200,
    '"text"',
  ),
  ask("POST /helpers/own", { body: ["some ", "pieces"] }, 200, ["some pieces"]),
  ask("GET /helpers/none", 404, { status: 404, error: "missing" }),
  ask("GET /cors/", origin("a"), 200, '"shared"', { "access-control-allow-origin": "http://a.example" }),
  ask("GET /cors/?other", origin("b"), 200, '"shared"', { "access-control-allow-origin": null }),
  ask("OPTIONS /cors/", origin("a"), 204, "", {
    "access-control-allow-methods": "PUT",
    "access-control-max-age": "60",
  }),
  ask("GET /open", 200, "open", { "access-control-allow-origin": "*" }),
  ask("GET /paths", 200, [0, "function", true]),
  ask("GET /none", 404),
];

export const notForServers = {
  "itty-router/websocket *": "needs Cloudflare's WebSocketPair",
  "itty-router/*": "the exports of itty-router again, one by one",
};

export const short = ["GET /plain/each", "GET /helpers/json", "POST /helpers/content", "GET /staged/throws"];

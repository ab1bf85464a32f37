/** Middleware that lets requests through, or doesn't. */
import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "../cases.mjs";

export async function makeApp({ use, load }) {
  const { Hono } = use("hono");
  const { basicAuth } = use("hono/basic-auth");
  const { bearerAuth } = use("hono/bearer-auth");
  const { bodyLimit } = use("hono/body-limit");
  const { ipRestriction } = use("hono/ip-restriction");
  const { csrf } = use("hono/csrf");
  const { cors } = use("hono/cors");
  const { every, except, some } = use("hono/combine");
  const { timeout } = use("hono/timeout");
  const { HTTPException } = use("hono/http-exception");
  const { validator } = use("hono/validator");
  const { getConnInfo } = await load("@hono/node-server/conninfo");
  const app = new Hono();
  const ok = (c) => c.text("in");

  const users = { username: "ada", password: "pässword" };
  app.get("/basic", basicAuth({ ...users, realm: "r" }, { username: "b", password: "b" }), ok);
  app.get(
    "/basic-by",
    basicAuth({ verifyUser: (name, password) => name === password, invalidUserMessage: { no: "entry" } }),
    ok,
  );
  app.get("/bearer", bearerAuth({ token: ["one", "two"], realm: "r" }), ok);
  app.get(
    "/bearer-by",
    bearerAuth({ verifyToken: async (token) => token === "three", headerName: "x-key", prefix: "" }),
    ok,
  );
  app.post("/limited", bodyLimit({ maxSize: 10, onError: (c) => c.text("too much", 413) }), async (c) =>
    c.text(await c.req.text()),
  );
  app.get("/ip/allowed", ipRestriction(getConnInfo, { allowList: ["127.0.0.0/8"] }), ok);
  app.get(
    "/ip/denied",
    ipRestriction(getConnInfo, { denyList: ["127.0.0.1"] }, (remote, c) => c.text(`not ${remote.addr}`, 403)),
    ok,
  );
  app.post("/csrf", csrf(), ok);
  app.post("/csrf-from", csrf({ origin: (origin) => origin.endsWith(".example.org") }), ok);
  app.use("/cors", cors());
  app.use(
    "/cors-for",
    cors({
      origin: ["http://a.example", "http://b.example"],
      allowMethods: ["PUT", "GET"],
      allowHeaders: ["x-a"],
      exposeHeaders: ["x-b", "x-c"],
      credentials: true,
      maxAge: 60,
    }),
  );
  app.all("/cors", ok);
  app.all("/cors-for", ok);
  app.get(
    "/some",
    some((c) => c.req.query("key") === "1", bearerAuth({ token: "one" })),
    ok,
  );
  app.get(
    "/every",
    every((c) => c.req.query("key") === "1", bearerAuth({ token: "one" })),
    ok,
  );
  app.use("/except/*", except("/guards/except/public", bearerAuth({ token: "one" })));
  app.get("/except/public", ok);
  app.get("/except/private", ok);
  app.get("/timeout", timeout(20), async (c) => {
    await sleep(5_000, undefined, { signal: c.req.raw.signal }).catch(() => {});
    return c.text("late");
  });
  app.get(
    "/timeout-own",
    timeout(20, () => new HTTPException(408, { message: "own" })),
    () => new Promise(() => {}),
  );
  app.get("/in-time", timeout(20_000), ok);

  const checked = validator("json", ({ a }, c) => (a === 1 ? { a } : c.text("a must be 1", 422)));
  app.post("/valid/json", checked, (c) => c.json(c.req.valid("json")));
  app.post(
    "/valid/form",
    validator("form", (form) => form),
    async (c) => {
      const { file, ...rest } = c.req.valid("form");
      return c.json({ ...rest, ...(file && { file: await file.text() }) });
    },
  );
  for (const target of ["query", "param", "header", "cookie"]) {
    app.get(
      `/valid/${target}/:id`,
      validator(target, (value) => value),
      (c) => {
        const { id, q, "x-a": a, a: cookie } = c.req.valid(target);
        return c.json({ id, q, a, cookie });
      },
    );
  }
  return app;
}

const basic = (text) => ({ headers: { authorization: `Basic ${Buffer.from(text).toString("base64")}` } });
const bearer = (token) => ({ headers: { authorization: `Bearer ${token}` } });
const preflight = (origin, method) => ({
  headers: { origin, "access-control-request-method": method, "access-control-request-headers": "x-a" },
});

export const cases = [
  ask("GET /basic", 401, "Unauthorized", { "www-authenticate": 'Basic realm="r"' }),
  ask("GET /basic?right", basic("ada:pässword"), 200, "in"),
  ask("GET /basic?second", basic("b:b"), 200, "in"),
  ask("GET /basic-by", basic("a:b"), 401, { no: "entry" }),
  ask("GET /basic-by?right", basic("a:a"), 200, "in"),
  ask("GET /bearer", 401, "Unauthorized", { "www-authenticate": 'Bearer realm="r"' }),
  ask("GET /bearer?wrong", bearer("none"), 401),
  ask("GET /bearer?malformed", { headers: { authorization: "Bearer" } }, 400),
  ask("GET /bearer?right", bearer("two"), 200, "in"),
  ask("GET /bearer-by", { headers: { "x-key": "three" } }, 200, "in"),
  ask("POST /limited", { body: "short" }, 200, "short"),
  ask("POST /limited?long", { body: "longer than that" }, 413, "too much"),
  ask("POST /limited?pieces", { body: ["longer ", "than that"] }, 413, "too much"),
  ask("POST /limited?short-pieces", { body: ["sh", "ort"] }, 200, "short"),
  ask("GET /ip/allowed", 200, "in"),
  ask("GET /ip/denied", 403, "not 127.0.0.1"),
  ask("POST /csrf", { form: { a: "1" }, headers: { origin: "http://evil.example" } }, 403, "Forbidden"),
  ask("POST /csrf?none", { json: {} }, 200, "in"),
  ask("POST /csrf?site", { form: { a: "1" }, headers: { "sec-fetch-site": "same-origin" } }, 200, "in"),
  ask("POST /csrf-from", { form: { a: "1" }, headers: { origin: "http://a.example.org" } }, 200, "in"),
  ask("GET /cors", { headers: { origin: "http://a.example" } }, 200, "in", {
    "access-control-allow-origin": "*",
  }),
  ask("OPTIONS /cors", preflight("http://a.example", "PUT"), 204, "", {
    "access-control-allow-headers": "x-a",
  }),
  ask("GET /cors-for", { headers: { origin: "http://b.example" } }, 200, "in", {
    "access-control-allow-origin": "http://b.example",
    "access-control-allow-credentials": "true",
    "access-control-expose-headers": /x-b/,
    vary: /Origin/i,
  }),
  ask("GET /cors-for?other", { headers: { origin: "http://c.example" } }, 200, "in"),
  ask("OPTIONS /cors-for", preflight("http://a.example", "PUT"), 204, "", { "access-control-max-age": "60" }),
  ask("GET /some?key=1", 200, "in"),
  ask("GET /some?key=2", bearer("one"), 200, "in"),
  ask("GET /some", 401),
  ask("GET /every?key=1", bearer("one"), 200, "in"),
  ask("GET /every?key=2", bearer("one"), 500),
  ask("GET /except/public", 200, "in"),
  ask("GET /except/private", 401),
  ask("GET /timeout", 504, "Gateway Timeout"),
  ask("GET /timeout-own", 408, "own"),
  ask("GET /in-time", 200, "in"),
  ask("POST /valid/json", { json: { a: 1 } }, 200, { a: 1 }),
  ask("POST /valid/json?wrong", { json: { a: 2 } }, 422, "a must be 1"),
  ask(
    "POST /valid/json?broken",
    { body: "{", headers: { "content-type": "application/json" } },
    400,
    /Malformed JSON/,
  ),
  ask("POST /valid/form", { form: { a: "1" } }, 200, { a: "1" }),
  ask(
    "POST /valid/form?parts",
    { parts: { a: "1", file: { name: "f", type: "text/plain", content: "c" } } },
    200,
    { a: "1", file: "c" },
  ),
  ask("GET /valid/query/1?q=2", 200, { q: "2" }),
  ask("GET /valid/param/1", 200, { id: "1" }),
  ask("GET /valid/header/1", { headers: { "x-a": "3" } }, 200, { a: "3" }),
  ask("GET /valid/cookie/1", { headers: { cookie: "a=4" } }, 200, { cookie: "4" }),
];

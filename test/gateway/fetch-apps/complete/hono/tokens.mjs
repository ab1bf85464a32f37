/** JSON web tokens and keys. */
import { generateKeyPairSync } from "node:crypto";
import { ask } from "../cases.mjs";

export function makeApp({ use }) {
  const { Hono } = use("hono");
  const { AlgorithmTypes, decode, jwt, sign, verify, verifyWithJwks } = use("hono/jwt");
  const { Jwt } = use("hono/utils/jwt");
  const { jwk } = use("hono/jwk");
  const app = new Hono();
  const secret = "a secret that is long enough";
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const keys = [{ ...publicKey.export({ format: "jwk" }), kid: "k1", alg: "ES256", use: "sig" }];
  const signing = { ...privateKey.export({ format: "jwk" }), kid: "k1", alg: "ES256" };

  app.get("/sign", async (c) => c.text(await sign({ sub: "ada" }, secret, AlgorithmTypes.HS256)));
  app.get("/sign-key", async (c) => c.text(await Jwt.sign({ sub: "key" }, signing, "ES256")));
  app.get("/decode", async (c) => {
    const token = c.req.header("x-token");
    return c.json([decode(token), await verify(token, secret, "HS256")]);
  });
  app.get("/jwt", jwt({ secret, alg: "HS256" }), (c) => c.json(c.get("jwtPayload")));
  app.get("/jwt-cookie", jwt({ secret, alg: "HS256", cookie: "token" }), (c) => c.json(c.get("jwtPayload")));
  app.get("/jwks.json", (c) => c.json({ keys }));
  app.get("/jwk", jwk({ keys, alg: ["ES256"] }), (c) => c.json(c.get("jwtPayload")));
  app.get(
    "/jwk-uri",
    jwk({ jwks_uri: (c) => new URL("/tokens/jwks.json", c.req.url).href, alg: ["ES256"], allow_anon: true }),
    (c) => c.json(c.get("jwtPayload") ?? "anonymous"),
  );
  app.get("/jwks", async (c) =>
    c.json(await verifyWithJwks(c.req.header("x-token"), { keys, allowedAlgorithms: ["ES256"] })),
  );
  return app;
}

const tokenOf = (name) => (answerTo) => answerTo(`GET /tokens/${name}`).body;
const token = (name) => (answerTo) => ({ headers: { "x-token": tokenOf(name)(answerTo) } });
const bearer = (name) => (answerTo) => ({ headers: { authorization: `Bearer ${tokenOf(name)(answerTo)}` } });
const hs = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhZGEifQ";

export const cases = [
  ask("GET /sign", 200, "…"),
  ask("GET /jwt", bearer("sign"), 200, { sub: "ada" }),
  ask("GET /jwt?none", 401, "Unauthorized", { "www-authenticate": /^Bearer/ }),
  ask("GET /jwt?wrong", { headers: { authorization: `Bearer ${hs}.AAAA` } }, 401),
  ask("GET /jwt-cookie", (answerTo) => ({ headers: { cookie: `token=${tokenOf("sign")(answerTo)}` } }), 200, {
    sub: "ada",
  }),
  ask("GET /decode", token("sign"), 200, [
    { header: { alg: "HS256", typ: "JWT" }, payload: { sub: "ada" } },
    { sub: "ada" },
  ]),
  ask("GET /sign-key", 200, "…"),
  ask("GET /jwk", bearer("sign-key"), 200, { sub: "key" }),
  ask("GET /jwk-uri", bearer("sign-key"), 200, { sub: "key" }),
  ask("GET /jwks", token("sign-key"), 200, { sub: "key" }),
  ask("GET /jwk-uri?none", 200, '"anonymous"'),
];

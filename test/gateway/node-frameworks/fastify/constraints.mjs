/** Routes by host, version and a header of one's own. */

import { ask } from "../../fetch-apps/complete/cases.mjs";

export async function constraints(app) {
  app.addConstraintStrategy({
    name: "secret",
    storage: () => {
      const handlers = new Map();
      return {
        get: (key) => handlers.get(key) ?? null,
        set: (key, handler) => void handlers.set(key, handler),
      };
    },
    deriveConstraint: (request) => request.headers["x-secret"],
    mustMatchWhenDerived: false,
  });
  app.get("/", async () => ({ any: app.hasConstraintStrategy("secret") }));
  app.get("/", { constraints: { host: "one.example" } }, async () => ({ host: "one" }));
  app.get("/", { constraints: { host: /^[a-z]+\.wild\.example$/ } }, async () => ({ host: "wild" }));
  app.get("/", { constraints: { version: "1.2.0" } }, async () => ({ version: "1.2" }));
  app.get("/", { constraints: { version: "2.0.0" } }, async () => ({ version: "2" }));
  app.get("/secret", { constraints: { secret: "abc" } }, async () => ({ secret: true }));
}

export const cases = [
  ask("GET /constraints", 200, { any: true }),
  ask("GET /constraints?host", { headers: { host: "one.example" } }, 200, { host: "one" }),
  ask("GET /constraints?wild", { headers: { host: "a.wild.example" } }, 200, { host: "wild" }),
  ask("GET /constraints?version", { headers: { "accept-version": "1.x" } }, 200, { version: "1.2" }),
  ask("GET /constraints?version-2", { headers: { "accept-version": "2.x" } }, 200, { version: "2" }),
  ask("GET /constraints?version-3", { headers: { "accept-version": "3.x" } }, 404),
  ask("GET /constraints/secret", { headers: { "x-secret": "abc" } }, 200, { secret: true }),
  ask("GET /constraints/secret?none", 404),
];

import { ask } from "../cases.mjs";

export function plugins({ Elysia, t }, watch) {
  const plugin = new Elysia({ name: "plugin", seed: 1 })
    .decorate("ownGreet", (name) => `hello ${name}`)
    .decorate({ ownA: 1, ownB: 2 })
    .state("count", 0)
    .state((store) => ({ ...store, more: true }))
    .derive({ as: "scoped" }, ({ headers }) => ({ user: headers["x-user"] ?? "nobody" }))
    .resolve({ as: "scoped" }, ({ user }) => ({ known: user !== "nobody" }))
    .macro({
      only: (name) => ({
        beforeHandle: ({ user, status }) => (user === name ? undefined : status(403, "not you")),
      }),
    })
    .macro("noted", { afterHandle: ({ set }) => void (set.headers["x-noted"] = "1") })
    .headers({ "x-plugin": "1" })
    .as("scoped");
  const wrapped = new Elysia({ prefix: "/wrapped" })
    .wrap((handle) => async (...args) => {
      const response = await handle(...args);
      response.headers.set("x-wrapped", "1");
      return response;
    })
    .get("/", () => "wrapped");
  const late = import("./late.mjs").then(({ make }) => make(Elysia));
  const made = new Elysia({ prefix: "/plugins" })
    .use(plugin)
    .use((instance) => instance.get("/function", () => "by a function"))
    .use(late)
    .get("/decorated", ({ ownGreet, ownA, ownB, store, user, known }) => {
      store.count++;
      return [ownGreet("Ada"), ownA, ownB, store, user, known];
    })
    .get("/only", () => "in", { only: "ada" })
    .get("/noted", () => "noted", { noted: true })
    .use(
      new Elysia()
        .use(plugin)
        .mapDerive(({ ownGreet, query }) => ({ query, greeted: ownGreet("map") }))
        .mapResolve(({ greeted }) => ({ greeted, mapped: true }))
        .get("/mapped", ({ mapped, greeted }) => [mapped, greeted]),
    )
    .use(
      new Elysia()
        .decorate("x", 1)
        .state("y", 2)
        .model("z", t.String())
        .prefix("decorator", "own")
        .suffix("state", "post")
        .affix("prefix", "model", "mid")
        .get("/affixed", (context) => [context.ownX, context.store.yPost]),
    )
    .group("/group", { query: t.Object({ q: t.String() }) }, (group) =>
      group.get("/", ({ query }) => query.q),
    )
    .guard({ beforeHandle: ({ set }) => void (set.headers["x-guard"] = "1") })
    .get("/guard", () => "guarded")
    .use(wrapped)
    .mount("/other", new Elysia().get("/it", () => "other").fetch)
    .env(t.Object({ PATH: t.Optional(t.String()) }));
  watch("Elysia", made);
  return made.get("/about", async () => [
    ...[
      made.routes.length > 5,
      made.store.count >= 0,
      made.decorator.ownA,
      Object.keys(made.models ?? {}),
      typeof made.Ref("word"),
      typeof made.dependencies,
    ],
    ...[
      typeof made.getGlobalRoutes(),
      typeof made.getGlobalDefinitions(),
      made.getServer() ?? null,
      typeof made.getParent(),
      Array.isArray(made.promisedModules.promises),
      (await made.handle(new Request("http://localhost/plugins/guard"))).status,
    ],
  ]);
}

export const cases = [
  ask("GET /plugins/decorated", { headers: { "x-user": "ada" } }, 200, /^\["hello Ada",1,2/, {
    "x-plugin": "1",
  }),
  ask("GET /plugins/function", 200, "by a function"),
  ask("GET /plugins/late", 200, "loaded late"),
  ask("GET /plugins/only", 403, "not you"),
  ask("GET /plugins/only?right", { headers: { "x-user": "ada" } }, 200, "in"),
  ask("GET /plugins/noted", 200, "noted", { "x-noted": "1" }),
  ask("GET /plugins/mapped", 200, [true, "hello map"]),
  ask("GET /plugins/affixed", 200, [1, 2]),
  ask("GET /plugins/group?q=1", 200, "1"),
  ask("GET /plugins/guard", 200, "guarded", { "x-guard": "1" }),
  ask("GET /plugins/wrapped", 200, "wrapped"),
  ask("GET /plugins/other/it", 200, "other"),
  ask("GET /plugins/about", 200),
];

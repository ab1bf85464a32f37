/** Route rules. */
import { ask } from "../cases.mjs";

export function makeApp({ use }) {
  const { H3 } = use("h3");
  const rules = use("h3/rules");
  const { proxy } = use("h3/rules/proxy");
  const { compileFindRouteRules, compileHandlersImport, compileRouteRules, DEFAULT_RUNTIME_RULES } =
    use("h3/rules/compiler");
  const app = new H3({ silent: true });
  const config = {
    "/headers/**": { headers: { "x-rule": "1" } },
    "/old/**": { redirect: { to: "/new/**", status: 301 } },
    "/cors/**": { cors: true },
    "/cached": { cache: { maxAge: 60 } },
    "/own": { own: { a: 1 } },
  };
  const cache = rules.createCacheRuleHandler({
    defineCachedHandler:
      (handler, { maxAge }) =>
      async (event) => {
        event.res.headers.set("x-cache", String(maxAge));
        return handler(event);
      },
  });
  const handlers = {
    ...rules.ruleHandlers,
    ...{ headers: rules.headers, redirect: rules.redirect, cors: rules.cors, proxy, cache },
    own: {
      handler:
        ({ options }) =>
        (event) =>
          void event.res.headers.set("x-own", String(options.a)),
    },
  };
  app.use(rules.routeRules(config, { handlers, memoize: { max: 10 } }));
  app.get("/headers/a", (event) => ({ rules: event.context.routeRules }));
  app.get("/cors/a", () => "cors");
  app.get("/cached", () => "cached");
  app.get("/own", () => "own");
  const upstream = new H3().get("/target", () => "proxied");
  app.mount("/upstream", upstream);
  app.use("/through/**", (event, next) => {
    const { host } = new URL(`http://${event.headers.get("host")}`);
    const proxied = { "/through/**": { proxy: `http://${host}/rules/upstream/**` } };
    return rules.routeRules(proxied, { handlers })(event, next);
  });
  app.get("/matcher", () => {
    const normalized = rules.normalizeRouteRules(config);
    const matcher = rules.memoizeRouteRulesMatcher(rules.createRouteRulesMatcher(normalized, { handlers }));
    const layers = [{ data: [{ name: "headers", route: "/x", options: { a: "1" } }] }];
    const fromFind = rules.createMatcherFromFind(() => layers);
    return [
      Object.keys(matcher("GET", "/headers/a").matchedRules),
      Object.keys(rules.mergeMatchedRouteRules(layers)),
      fromFind("GET", "/x").routeRules,
    ];
  });
  app.get("/compiled", () => [
    ...[
      compileRouteRules(config, { matcher: true }).code,
      compileFindRouteRules(config),
      compileHandlersImport(config),
    ].map((code) => code.length > 0),
    Object.keys(DEFAULT_RUNTIME_RULES).includes("headers"),
  ]);
  return app;
}

export const cases = [
  ask("GET /headers/a", 200, /x-rule/, { "x-rule": "1" }),
  ask("GET /old/x", 301, /./, { location: /new\/x/ }),
  ask("GET /cors/a", { headers: { origin: "http://a.example" } }, 200, "cors", {
    "access-control-allow-origin": "*",
  }),
  ask("GET /cached", 200, "cached"),
  ask("GET /own", 200, "own", { "x-own": "1" }),
  ask("GET /through/target", 200),
  ask("GET /matcher", 200, /headers/),
  ask("GET /compiled", 200, [true, true, true, true]),
];

/** Routers, presets, mounted applications, factories, and the app used without a server. */
import { ask } from "../cases.mjs";

export async function makeApp({ use, watch }) {
  const { Hono, Context } = use("hono");
  const { HonoBase } = use("hono/hono-base");
  const { RegExpRouter, PreparedRegExpRouter, buildInitParams, serializeInitParams } = use(
    "hono/router/reg-exp-router",
  );
  const { SmartRouter } = use("hono/router/smart-router");
  const { TrieRouter } = use("hono/router/trie-router");
  const { PatternRouter } = use("hono/router/pattern-router");
  const { LinearRouter } = use("hono/router/linear-router");
  const router = use("hono/router");
  const { createFactory, Factory, createMiddleware } = use("hono/factory");
  const { basePath, baseRoutePath, matchedRoutes, routePath } = use("hono/route");
  const { mount } = use("hono/mount");
  const { methodNotAllowed } = use("hono/method-not-allowed");
  const { getRouterName, inspectRoutes, showRoutes } = use("hono/dev");
  const { testClient } = use("hono/testing");
  const { hc, parseResponse, DetailedError } = use("hono/client");
  const app = new Hono();

  // The same routes by each router.
  const prepared = new PreparedRegExpRouter(...buildInitParams({ paths: ["/", "/users/:id", "/files/*"] }));
  const routers = {
    base: new HonoBase({ router: new TrieRouter() }),
    tiny: new (use("hono/tiny").Hono)(),
    quick: new (use("hono/quick").Hono)(),
    regexp: new Hono({ router: new RegExpRouter() }),
    prepared: new Hono({ router: prepared }),
    smart: new Hono({ router: new SmartRouter({ routers: [new RegExpRouter(), new TrieRouter()] }) }),
    trie: new Hono({ router: new TrieRouter() }),
    pattern: new Hono({ router: new PatternRouter() }),
    linear: new Hono({ router: new LinearRouter() }),
  };
  for (const [name, routed] of Object.entries(routers)) {
    routed.get("/", (c) => c.text(`root ${getRouterName(routed)}`));
    routed.get("/users/:id", (c) => c.json(c.req.param()));
    routed.all("/files/*", (c) => c.text(`${c.req.method} ${c.req.path}`));
    app.mount(`/by/${name}`, routed.fetch);
  }
  app.get("/router", (c) => {
    let unsupported = "none";
    try {
      const narrow = new Hono({ router: new RegExpRouter() });
      narrow.get("/:a{[a-z]+}", () => {});
      narrow.get("/:b{[0-9]+}/c", () => {});
      narrow.get("/:id/static", () => {});
      narrow.get("/a/:other", () => {});
      narrow.get("/*/a/:b", () => {});
      narrow.router.match("GET", "/");
    } catch (error) {
      unsupported = String(error instanceof router.UnsupportedPathError);
    }
    return c.json({
      unsupported,
      methods: router.METHODS,
      all: [router.METHOD_NAME_ALL, router.METHOD_NAME_ALL_LOWERCASE],
      built: router.MESSAGE_MATCHER_IS_ALREADY_BUILT,
      prepared: serializeInitParams(buildInitParams({ paths: ["/a"] })).length > 0,
    });
  });

  // Methods.
  const methods = new Hono();
  watch("Hono", methods);
  for (const method of ["get", "post", "put", "delete", "options", "patch", "query"]) {
    methods[method]("/each", (c) => c.text(c.req.method));
  }
  methods.use(async (_c, next) => next());
  methods.all("/all", (c) => c.text(`all ${c.req.method}`));
  methods.on("PURGE", "/cache", (c) => c.text("purged"));
  methods.on(["PUT", "DELETE"], ["/one", "/two"], (c) => c.text(`${c.req.method} ${c.req.path}`));
  app.route("/methods", methods);

  const strict = new Hono();
  strict.use(methodNotAllowed({ app: strict }));
  strict.get("/things", (c) => c.text("things"));
  strict.post("/things", (c) => c.text("made"));
  app.mount("/strict", strict.fetch);

  // Paths.
  const based = new Hono().basePath("/based");
  based.get("/:name/*", (c) =>
    c.json([basePath(c), baseRoutePath(c), routePath(c), matchedRoutes(c).map(({ path }) => path)]),
  );
  app.route("/paths", based);
  app.get("/optional/:a?", (c) => c.json(c.req.param()));
  app.get("/digits/:n{[0-9]+}", (c) => c.json(c.req.param()));
  const loose = new Hono({ strict: false });
  loose.get("/slash", (c) => c.text("loose"));
  app.mount("/loose", loose.fetch);
  const byHost = new Hono({
    getPath: (request) => `/${request.headers.get("x-tenant")}${new URL(request.url).pathname}`,
  });
  byHost.get("/acme/*", (c) => c.text(`acme ${c.req.path}`));
  app.mount("/tenant", byHost.fetch);

  // Other applications inside.
  const guest = (request, ...more) =>
    new Response(
      `${request.method} ${new URL(request.url).pathname} ${request instanceof Request} ${more.length}`,
    );
  app.mount("/mounted", guest);
  app.mount("/mounted-whole", guest, { replaceRequest: false, optionHandler: (c) => c.env });
  app.use("/mount-helper/*", mount(guest, { optionHandler: () => ["one", "two"] }));

  // Factories.
  const factory = createFactory({ initApp: (made) => void made.use(createMiddleware(shout)) });
  const made = factory.createApp();
  made.get("/", ...factory.createHandlers(factory.createMiddleware(shout), (c) => c.text("made")));
  app.route("/factory", made);
  app.route(
    "/factory-class",
    new Factory().createApp().get("/", (c) => c.text("class")),
  );

  // Errors and what is nowhere.
  app.notFound((c) => c.text("never reached: not the top", 404));
  const top = new Hono();
  watch("Hono", top);
  top.notFound((c) => c.text(`nothing at ${c.req.path}`, 404));
  top.onError((error, c) => c.text(`top: ${error.message}`, 500));
  top.get("/broken", async () => {
    throw new Error("broken");
  });
  app.mount("/top", top.fetch);

  // Without a server: requests of its own, the test client, the typed client.
  const small = new Hono()
    .get("/hello", (c) => c.json({ hello: c.req.query("name") ?? "you" }))
    .get("/bad", (c) => c.text("bad", 400));
  watch("Hono", small);
  app.get("/request", async (c) => {
    const answer = await small.request("/hello?name=Ada");
    return c.json([answer.status, await answer.json()]);
  });
  app.get("/test-client", async (c) =>
    c.json(await (await testClient(small).hello.$get({ query: { name: "B" } })).json()),
  );
  app.get("/hc", async (c) => {
    const client = hc("http://localhost/", { fetch: small.request });
    const good = await parseResponse(client.hello.$get({ query: { name: "C" } }));
    const bad = await parseResponse(client.bad.$get()).catch((error) => [
      error instanceof DetailedError,
      error.statusCode,
    ]);
    return c.json([good, bad, String(client.hello.$url())]);
  });
  app.get("/context", (c) => {
    const own = new Context(new Request("http://localhost/own"));
    return c.text(`${own.req.path} ${c instanceof Context}`);
  });
  app.get("/dev", (c) => {
    const said = [];
    const { log } = console;
    console.log = (line) => said.push(line);
    try {
      showRoutes(small, { verbose: true, colorize: false });
    } finally {
      console.log = log;
    }
    return c.json([inspectRoutes(small), said]);
  });
  app.get("/fire", (c) => {
    let listens = "none";
    const add = globalThis.addEventListener;
    globalThis.addEventListener = (type) => {
      listens = type;
    };
    try {
      small.fire();
    } finally {
      globalThis.addEventListener = add;
    }
    return c.text(listens);
  });
  return app;
}

async function shout(c, next) {
  await next();
  c.header("x-shout", "yes", { append: true });
}

const routerNames = ["base", "tiny", "quick", "regexp", "prepared", "smart", "trie", "pattern", "linear"];

export const cases = [
  ...routerNames.flatMap((name) => [
    ask(`GET /by/${name}`, 200, /^root \w+/),
    ask(`GET /by/${name}/users/7%20a`, 200, { id: "7 a" }),
    ask(`REPORT /by/${name}/files/a/b`, 200, "REPORT /files/a/b"),
    ask(`GET /by/${name}/none`, 404, "404 Not Found"),
  ]),
  ask("GET /router", 200, /"unsupported":"true"/),
  ...["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "QUERY"].map((method) =>
    ask(`${method} /methods/each`, method === "QUERY" ? { body: "q" } : {}, 200, method),
  ),
  ask("PURGE /methods/cache", 200, "purged"),
  ask("LOCK /methods/all", 200, "all LOCK"),
  ask("DELETE /methods/two", 200, "DELETE /routing/methods/two"),
  ask("GET /methods/two", 404),
  ask("DELETE /strict/things", 405, /./, { allow: /GET.*POST/ }),
  ask("POST /strict/things", 200, "made"),
  ask("GET /paths/based/a/b", 200, /based/),
  ask("GET /optional/x", 200, { a: "x" }),
  ask("GET /optional", 200, {}),
  ask("GET /digits/12", 200, { n: "12" }),
  ask("GET /digits/ab", 404),
  ask("GET /loose/slash/", 200, "loose"),
  ask("GET /tenant/a", { headers: { "x-tenant": "acme" } }, 200, "acme /acme/a"),
  ask("POST /mounted/a/b", { body: "x" }, 200, "POST /a/b true 2"),
  ask("GET /mounted-whole/a", 200, /^GET \/routing\/mounted-whole\/a true/),
  ask("GET /mount-helper/a", 200, "GET /a true 2"),
  ask("GET /factory", 200, "made", { "x-shout": "yes, yes" }),
  ask("GET /factory-class", 200, "class"),
  ask("GET /top/none", 404, "nothing at /none"),
  ask("GET /top/broken", 500, "top: broken"),
  ask("GET /request", 200, [200, { hello: "Ada" }]),
  ask("GET /test-client", 200, { hello: "B" }),
  ask("GET /hc", 200, [{ hello: "C" }, [true, 400], "http://localhost/hello"]),
  ask("GET /context", 200, "/ true"),
  ask("GET /dev", 200, /hello/),
  ask("GET /fire", 200, "fetch"),
];

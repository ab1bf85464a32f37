/** Handlers and middleware in all their forms, apps in apps, Node's handlers, and the app without a server. */
import { ask, differs } from "../cases.mjs";

export async function makeApp({ use, watch }) {
  const h3 = use("h3");
  const { H3, H3Core, H3Event } = h3;
  const log = [];
  const app = new H3({ silent: true, debug: false, allowMalformedURL: true });
  watch("H3", app);

  for (const method of ["get", "post", "put", "delete", "patch", "options", "trace", "query"]) {
    app[method]("/each", (event) => event.req.method);
  }
  app.head("/head", (event) => {
    event.res.headers.set("x-head", "1");
    return "never sent";
  });
  app.connect("/connect", () => "connect");
  app.on("POST", "/on", () => "on");
  app.on("", "/any", () => "any");
  app.all("/all", (event) => event.req.method);
  app.get("/params/:a/:b", (event) => event.context.params);
  app.get("/wild/**:rest", (event) => event.context.params);
  app.get("/route", (event) => [event.context.matchedRoute.route, event.context.matchedRoute.meta], {
    meta: { m: 1 },
  });

  app.get(
    "/defined",
    h3.defineHandler({
      handler: () => "defined",
      middleware: [async (event, next) => `${await next()} around ${event.req.method}`],
    }),
  );
  app.get(
    "/event-handler",
    h3.eventHandler(() => "event handler"),
  );
  app.get(
    "/define-event-handler",
    h3.defineEventHandler(() => "defined event handler"),
  );
  app.get(
    "/lazy",
    h3.defineLazyEventHandler(async () => h3.defineHandler(() => "lazy")),
  );
  app.get(
    "/lazy-old",
    h3.lazyEventHandler(() => () => "lazy old"),
  );
  const dynamic = h3.dynamicEventHandler(() => "first");
  app.get("/dynamic", dynamic);
  app.get("/dynamic-set", () => {
    dynamic.set(() => "second");
    return "set";
  });
  app.get(
    "/to-event-handler",
    h3.toEventHandler({ fetch: (request) => new Response(`fetched ${new URL(request.url).pathname}`) }),
  );
  app.get(
    "/from-web",
    h3.fromWebHandler((request, context) => new Response(`${request.method} ${typeof context}`)),
  );
  const inner = new H3().get("/inner", () => "inner").get("/base/x", () => "based");
  app.get("/to-web", async (event) =>
    h3.toWebHandler(inner)(new Request("http://localhost/inner"), event.context),
  );
  app.all("/with-base/**", h3.withBase("/handlers/with-base", inner));
  app.all("/use-base/**", h3.useBase("/handlers/use-base", inner));
  app.mount("/mounted", inner);
  app.mount("/mounted-fetch", (request) => new Response(new URL(request.url).pathname));
  const router = h3.createRouter().get("/", () => "router");
  app.mount(
    "/created",
    h3
      .createApp()
      .mount("/router", router)
      .get("/", () => "app"),
  );
  const core = new H3Core();
  watch("H3", core);
  core.config.onError = undefined;
  app.get("/core", async () => [
    (await core.fetch(new Request("http://localhost/"))).status,
    typeof core.handler,
  ]);

  h3.defineRoute({ method: "GET", route: "/route-plugin", handler: () => "route plugin", meta: { r: 1 } })(
    app,
  );
  app.get("/removed", () => "still here");
  h3.removeRoute(app, "GET", "/removed");
  app.register(
    h3.definePlugin((plugged, options) => void plugged.get("/plugged", () => options))({ name: "plugin" }),
  );

  const guarded = new H3({
    onRequest: () => void log.push("config onRequest"),
    onResponse: (response) => void log.push(`config onResponse ${response.status}`),
    onError: (error) => void log.push(`config onError ${error.message}`),
    silent: true,
  });
  guarded.use(h3.onRequest(() => void log.push("onRequest")));
  guarded.use(h3.onResponse((response) => void log.push(`onResponse ${response.status}`)));
  guarded.use(
    h3.onError((error) => {
      log.push(`onError ${error.status}`);
      return error.message === "rescued" ? "rescued" : undefined;
    }),
  );
  guarded.use(
    "/only/**",
    h3.defineMiddleware((event, next) => {
      event.context.only = "only";
      return next();
    }),
    { method: "GET", match: (event) => event.req.headers.get("x-a") === "1" },
  );
  guarded.get("/only/it", (event) => event.context.only ?? "not");
  guarded.get("/fine", (event) => {
    h3.onDispose(event, () => void log.push("disposed"));
    return "fine";
  });
  guarded.get("/rescued", () => {
    throw new Error("rescued");
  });
  guarded.get("/broken", () => {
    throw new Error("broken");
  });
  app.mount("/guarded", guarded);
  app.get("/guarded-whole", async () => [
    (await guarded.request("/fine")).status,
    (await guarded.request("/broken")).status,
  ]);
  app.get("/log", () => log.splice(0).sort());
  app.get("/composed", (event) => {
    const steps = [(_event, next) => next(), h3.toMiddleware(() => undefined)];
    const compose = h3.composeMiddleware(steps);
    return Promise.all([compose(event, () => "composed"), h3.callMiddleware(event, steps, () => "called")]);
  });

  app.get(
    "/node",
    h3.fromNodeHandler(
      h3.defineNodeHandler((request, response) => {
        response.setHeader("x-node", "1");
        response.end(`node ${request.url}`);
      }),
    ),
  );
  app.get(
    "/node-middleware",
    h3.fromNodeMiddleware(
      h3.defineNodeMiddleware((_request, response, next) => {
        response.setHeader("x-node", "1");
        next();
      }),
    ),
    { middleware: [async (_event, next) => (await next()) ?? "behind"] },
  );
  app.get("/node-listener", () => [
    typeof h3.defineNodeListener(() => {}),
    typeof h3.toNodeHandler(inner),
    typeof h3.toNodeListener(inner),
  ]);
  app.get("/early-hints", async (event) => {
    await h3.writeEarlyHints(event, { link: "</a.css>; rel=preload" });
    return "hinted";
  });
  app.get("/serve", async () => {
    const server = h3.serve(
      new H3().get("/", () => "served"),
      { port: 0, hostname: "127.0.0.1", silent: true },
    );
    await server.ready();
    const text = await (await fetch(server.url)).text();
    await server.close(true);
    return text;
  });

  // Where nothing upgrades: what the hooks are put on is told.
  app.get("/socket", h3.defineWebSocketHandler(h3.defineWebSocket({ message: () => {} })));
  app.get(
    "/socket-or-http",
    h3.defineWebSocketHandler({}, () => "plain"),
  );
  const methods = {
    add: ({ params }) => params[0] + params[1],
    fail: () => {
      throw new Error("failed");
    },
  };
  app.post("/rpc", h3.defineJsonRpcHandler({ methods }));
  app.get("/rpc-socket", h3.defineJsonRpcWebSocketHandler({ methods }));

  app.get("/request", async () => {
    const answer = await app.request("/all", { method: "PATCH" });
    return [
      answer.status,
      await answer.text(),
      await (await h3.defineHandler(() => "by fetch").fetch("http://localhost/")).text(),
    ];
  });
  app.get("/event", () => {
    const event = new H3Event(new Request("http://localhost/x?y=1"), { params: { a: "1" } }, app);
    return [event.url.search, event.context.params.a];
  });
  app.get("/tracing", async () => {
    const { tracingPlugin, wrapHandlerWithTracing } = use("h3/tracing");
    const traced = new H3();
    traced.register(tracingPlugin({ traceMiddleware: true, traceRoutes: true }));
    traced.use((_event, next) => next());
    traced.get(
      "/",
      wrapHandlerWithTracing(() => "traced"),
    );
    return (await traced.request("/")).text();
  });
  return app;
}

const rpc = (...calls) => ({ json: calls.length === 1 ? calls[0] : calls });

const noNode = "a fetch application has no request and response of Node's: h3 asks for event.runtime.node";

export const cases = [
  ...["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "QUERY"].map((method) =>
    ask(`${method} /each`, method === "GET" ? {} : { body: "x" }, 200, method),
  ),
  ask("HEAD /head", 200, "", { "x-head": "1" }),
  ask("POST /on", { body: "" }, 200, "on"),
  ask("PURGE /any", 200, "any"),
  ask("LOCK /all", 200, "LOCK"),
  ask("GET /params/a%20b/c", 200, /"b":"c"/),
  ask("GET /wild/a/b", 200, /"rest":"a\/b"/),
  ask("GET /route", 200, ["/handlers/route", { m: 1 }]),
  ask("GET /defined", 200, "defined around GET"),
  ask("GET /event-handler", 200, "event handler"),
  ask("GET /define-event-handler", 200, "defined event handler"),
  ask("GET /lazy", 200, "lazy"),
  ask("GET /lazy-old", 200, "lazy old"),
  ask("GET /dynamic", 200, "first"),
  ask("GET /dynamic-set", 200, "set"),
  ask("GET /dynamic?again", 200, "second"),
  ask("GET /to-event-handler", 200, /^fetched /),
  ask("GET /from-web", 200, "GET object"),
  ask("GET /to-web", 200, "inner"),
  ask("GET /with-base/inner", 200),
  ask("GET /use-base/inner", 200),
  ask("GET /mounted/inner", 200, "inner"),
  ask("GET /mounted-fetch/a", 200, /\/a$/),
  ask("GET /created", 200, "app"),
  ask("GET /created/router", 200),
  ask("GET /core", 200, [404, "function"]),
  ask("GET /route-plugin", 200, "route plugin"),
  ask("GET /removed", 404),
  ask("GET /plugged", 200, { name: "plugin" }),
  ask("GET /guarded/only/it", { headers: { "x-a": "1" } }, 200, "only"),
  ask("GET /guarded/only/it?not", 200, "not"),
  ask("GET /guarded/fine", 200, "fine"),
  ask("GET /guarded/rescued", 200, "rescued"),
  ask("GET /guarded/broken", 500),
  ask("GET /guarded-whole", 200, [200, 500]),
  ask(
    "GET /log",
    200,
    /config onError broken.*config onRequest.*config onResponse 200.*disposed.*onError 500.*onRequest.*onResponse 200/,
  ),
  ask("GET /composed", 200, ["composed", "called"]),
  differs(ask("GET /node", 200, "node /handlers/node", { "x-node": "1" }), noNode, 500),
  differs(ask("GET /node-middleware", 200, "behind"), noNode, 500),
  ask("GET /node-listener", 200, ["function", "function", "function"]),
  differs(ask("GET /early-hints", 200, "hinted"), noNode, 200, "hinted", { link: "</a.css>; rel=preload" }),
  ask("GET /serve", 200, "served"),
  ask("GET /socket", 426),
  ask("GET /socket-or-http", 200, "plain"),
  ask("POST /rpc", rpc({ jsonrpc: "2.0", method: "add", params: [1, 2], id: 1 }), 200, {
    jsonrpc: "2.0",
    id: 1,
    result: 3,
  }),
  ask(
    "POST /rpc?batch",
    rpc({ jsonrpc: "2.0", method: "add", params: [1, 2], id: 1 }, { jsonrpc: "2.0", method: "fail", id: 2 }),
    200,
    /"error"/,
  ),
  ask("POST /rpc?notification", rpc({ jsonrpc: "2.0", method: "add", params: [1, 2] }), 202),
  ask("GET /rpc-socket", 426),
  ask("GET /request", 200, [200, "PATCH", "by fetch"]),
  ask("GET /event", 200, ["?y=1", "1"]),
  ask("GET /tracing", 200, "traced"),
  ask("GET /%zz", 400),
];

/** What a request tells: its parts, its body, and whether it is let through. */
import { ask } from "../cases.mjs";

export function makeApp({ use, watch }) {
  const h3 = use("h3");
  const { H3, H3Event, HTTPError } = h3;
  const app = new H3({ silent: true });
  app.use((event) => watch("H3Event", event) ?? undefined);

  app.all("/about/:id/**", (event) => ({
    method: [event.method, h3.getMethod(event), h3.isMethod(event, ["GET", "PUT"]), event.req.method],
    url: [event.url.pathname, event.path, h3.getRequestPath(event), h3.getRequestURL(event).pathname],
    host: [
      h3.getRequestHost(event).replace(/\d+$/, ""),
      h3.getRequestHost(event, { xForwardedHost: true }).replace(/\d+$/, ""),
    ],
    protocol: [h3.getRequestProtocol(event), h3.getRequestProtocol(event, { xForwardedProto: true })],
    ip: [h3.getRequestIP(event), h3.getRequestIP(event, { xForwardedFor: true })],
    params: [h3.getRouterParams(event), h3.getRouterParam(event, "id", { decode: true })],
    query: h3.getQuery(event),
    headers: [
      event.headers.get("x-a"),
      h3.getRequestHeader(event, "x-a"),
      h3.getHeader(event, "x-a"),
      h3.getRequestHeaders(event)["x-a"],
      h3.getHeaders(event)["x-a"],
    ],
    event: [
      String(event),
      JSON.stringify(event),
      event instanceof H3Event,
      h3.isEvent(event),
      h3.isHTTPEvent(event),
      event.app !== undefined,
    ],
    context: h3.getEventContext(event) === event.context,
    request: [event.req instanceof Request, typeof event.req.waitUntil, event.req.signal.aborted],
  }));
  app.get("/wait-until", (event) => {
    event.waitUntil(Promise.resolve());
    void [event.runtime, event.node];
    return "waited";
  });
  app.get("/assert", (event) => {
    h3.assertMethod(event, "POST");
  });
  app.get("/fingerprint", async (event) => [
    await h3.getRequestFingerprint(event, { hash: false, ip: true, method: true, userAgent: true }),
    (await h3.getRequestFingerprint(event)) !== null,
  ]);

  app.post("/body", async (event) => ({ body: await h3.readBody(event) }));
  app.post("/body-text", async (event) => h3.readBody(event, { type: "text" }));
  app.post("/raw", async (event) => h3.readRawBody(event));
  app.post("/raw-bytes", async (event) => (await h3.readRawBody(event, false))?.length ?? "none");
  app.post("/form", async (event) =>
    Promise.all(
      [...(await h3.readFormData(event))].map(async ([name, value]) => [
        name,
        value.text ? `${value.name} ${await value.text()}` : value,
      ]),
    ),
  );
  app.post("/form-body", async (event) => [...(await h3.readFormDataBody(event)).keys()]);
  app.post("/multipart", async (event) =>
    (await h3.readMultipartFormData(event)).map(({ data, ...rest }) => ({
      ...rest,
      text: new TextDecoder().decode(data),
    })),
  );
  app.post("/stream", (event) => h3.getBodyStream(event));
  app.post("/web-stream", async (event) => {
    let bytes = 0;
    for await (const piece of h3.getRequestWebStream(event)) bytes += piece.length;
    return { bytes };
  });
  app.post("/own", async (event) => ({ json: await event.req.json() }));
  app.post("/clone", async (event) => [await event.req.clone().text(), await event.req.text()]);
  app.post("/size", (event) => {
    h3.assertBodySize(event, 5);
    return "small";
  });
  app.post("/limited", async (event) => h3.readRawBody(event), { middleware: [h3.bodyLimit(5)] });
  app.post("/type", (event) => h3.requireContentType(event, ["application/json", "text/*"]));

  const number = (value) => (Number.isInteger(Number(value.n)) ? { n: Number(value.n) } : false);
  const schema = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) =>
        value?.n > 0
          ? { value: { n: Number(value.n) } }
          : { issues: [{ message: "n must be more than 0", path: ["n"] }] },
    },
  };
  const onError = ({ issues }) => ({ status: 422, message: issues[0].message });
  app.get("/valid/query", async (event) => [
    await h3.getValidatedQuery(event, number),
    await h3.getValidatedQuery(event, schema, { onError }),
  ]);
  app.get("/valid/params/:n", async (event) => h3.getValidatedRouterParams(event, schema));
  app.get("/valid/cookies", async (event) => h3.getValidatedCookies(event, schema));
  app.post("/valid/body", async (event) => h3.readValidatedBody(event, schema, { onError }));
  app.post(
    "/valid/handler",
    h3.defineValidatedHandler({
      validate: {
        body: schema,
        query: schema,
        headers: { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } },
      },
      handler: async (event) => [await event.req.json(), event.url.searchParams.get("n")],
    }),
  );

  app.get("/basic", async (event) => {
    await h3.requireBasicAuth(event, { username: "ada", password: "pässword", realm: "r" });
    return event.context.basicAuth.username;
  });
  app.get("/basic-by", () => "in", {
    middleware: [h3.basicAuth({ validate: async (name, password) => name === password })],
  });
  const cors = {
    origin: ["http://a.example", /^http:\/\/b/],
    methods: ["PUT"],
    allowHeaders: ["x-a"],
    exposeHeaders: ["x-b"],
    credentials: true,
    maxAge: "60",
    preflight: { statusCode: 200 },
  };
  app.all("/cors", (event) => h3.handleCors(event, cors) || "in");
  app.all("/cors-by-hand", (event) => {
    if (h3.isPreflightRequest(event)) h3.appendCorsPreflightHeaders(event, cors);
    else h3.appendCorsHeaders(event, { origin: "*", methods: "*" });
    return String(h3.isCorsOriginAllowed(event.headers.get("origin"), cors));
  });

  app.get("/upstream", (event) => {
    event.res.headers.append("set-cookie", "a=1; Domain=inner.example; Path=/");
    event.res.headers.append("set-cookie", "b=2");
    return {
      forwarded: event.headers.get("x-forwarded-for") !== null,
      added: event.headers.get("x-added"),
      a: event.headers.get("x-a"),
      method: event.method,
    };
  });
  app.post("/upstream", async (event) => `posted ${await event.req.text()}`);
  app.get("/redirecting", () => h3.redirect("/requests/upstream"));
  const upstream = (event, name = "upstream") => `http://${event.headers.get("host")}/requests/${name}`;
  app.get("/proxy", (event) =>
    h3.proxy(event, upstream(event), {
      headers: { "x-added": "1" },
      cookieDomainRewrite: "outer.example",
      xfwd: true,
      onResponse: (proxied, { status }) => void proxied.res.headers.set("x-seen", String(status)),
    }),
  );
  app.all("/proxy-request", (event) => h3.proxyRequest(event, upstream(event), { forwardHeaders: ["x-a"] }));
  app.get("/send-proxy", (event) => h3.sendProxy(event, upstream(event)));
  app.get(
    "/proxy-headers",
    (event) => h3.getProxyRequestHeaders(event, { filterHeaders: ["x-b"] })["x-a"] ?? "none",
  );
  app.get("/fetch-with-event", (event) => h3.fetchWithEvent(event, upstream(event)));
  app.get("/proxy-nowhere", (event) => h3.proxy(event, "http://127.0.0.1:1/"));
  app.get("/own-fetch", (event) => fetch(new Request(upstream(event), event.req)));

  app.get("/paths", () => [
    h3.resolveDotSegments("/a/../b//c", { mergeSlashes: true }),
    h3.isCanonicalPath("/a/../b"),
    h3.normalizeRoute("a/:b"),
  ]);
  app.get("/requests", async () => {
    const request = h3.toRequest("/made?x=1", { method: "PUT" });
    const moved = h3.requestWithURL(request, "http://localhost/moved");
    const based = h3.requestWithBaseURL(h3.toRequest("http://localhost/base/inner"), "/base");
    const event = h3.mockEvent("/mocked", { method: "PATCH" });
    return [
      request.method,
      new URL(moved.url).pathname,
      new URL(based.url).pathname,
      event.req.method,
      event.url.pathname,
    ];
  });
  app.get("/moved", async (event) => {
    const moved = h3.requestWithURL(event.req, "http://localhost/elsewhere");
    return [moved.method, moved.url, moved.headers.get("x-a"), moved instanceof Request];
  });
  app.get("/throws-http", () => {
    throw new HTTPError("not here", { status: 404 });
  });
  return app;
}

const xA = { headers: { "x-a": "1", "x-b": "2" } };
const forwarded = {
  headers: {
    "x-a": "1",
    "x-forwarded-for": "192.0.2.1",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "proxied.example:1",
  },
};
const basic = (text) => ({ headers: { authorization: `Basic ${Buffer.from(text).toString("base64")}` } });
const file = { name: "f.txt", type: "text/plain", content: "content" };
const large = "0123456789".repeat(20_000);

export const cases = [
  ask("GET /about/7/a/b?x=1&x=2&y=%C3%A4", xA, 200, /"ip":\["127.0.0.1","127.0.0.1"\]/),
  ask("PUT /about/%C3%A4/", { ...forwarded, body: "x" }, 200, /"ip":\["127.0.0.1","192.0.2.1"\]/),
  ask("GET /wait-until", 200, "waited"),
  ask("GET /assert", 405),
  ask("GET /fingerprint", { headers: { "user-agent": "test" } }, 200, [
    /./.source && "127.0.0.1|GET|test",
    true,
  ]),
  ask("POST /body", { json: { a: [1] } }, 200, { body: { a: [1] } }),
  ask("POST /body?form", { form: { a: "1", b: "ä" } }, 200, { body: { a: "1", b: "ä" } }),
  ask("POST /body?broken", { body: "{", headers: { "content-type": "application/json" } }, 400),
  ask("POST /body?none", 200, {}),
  ask("POST /body-text", { body: "täxt" }, 200, "täxt"),
  ask("POST /raw", { body: "raw" }, 200, "raw"),
  ask("POST /raw-bytes", { body: ["some ", "pieces"] }, 200, "11"),
  ask("POST /form", { parts: { a: "1", file } }, 200, [
    ["a", "1"],
    ["file", "f.txt content"],
  ]),
  ask("POST /form-body", { form: { a: "1" } }, 200, ["a"]),
  ask("POST /multipart", { parts: { file } }, 200, [
    { name: "file", filename: "f.txt", type: "text/plain", text: "content" },
  ]),
  ask("POST /stream", { body: large }, 200, large),
  ask("POST /web-stream", { body: [large, "a"] }, 200, { bytes: 200_001 }),
  ask("POST /own", { json: 1 }, 200, { json: 1 }),
  ask("POST /clone", { body: "text" }, 200, ["text", "text"]),
  ask("POST /size", { body: "small" }, 200, "small"),
  ask("POST /size?large", { body: "too large" }, 413),
  ask("POST /limited", { body: "small" }, 200, "small"),
  ask("POST /limited?large", { body: "too large" }, 413),
  ask("POST /limited?pieces", { body: ["too ", "large"] }, 413),
  ask("POST /type", { json: 1 }, 200, /json/),
  ask("POST /type?wrong", { body: "x", headers: { "content-type": "image/png" } }, 415),
  ask("GET /valid/query?n=7", 200, [{ n: 7 }, { n: 7 }]),
  ask("GET /valid/query?n=x", 400),
  ask("GET /valid/query?n=-1", 422, /n must be more than 0/),
  ask("GET /valid/params/3", 200, { n: 3 }),
  ask("GET /valid/params/0", 400),
  ask("GET /valid/cookies", { headers: { cookie: "n=4" } }, 200, { n: 4 }),
  ask("POST /valid/body", { json: { n: 5 } }, 200, { n: 5 }),
  ask("POST /valid/body?wrong", { json: {} }, 422, /n must be more than 0/),
  ask("POST /valid/handler?n=6", { json: { n: 5 } }, 200, [{ n: 5 }, "6"]),
  ask("POST /valid/handler?n=0", { json: { n: 5 } }, 400),
  ask("GET /basic", 401, /./, { "www-authenticate": 'Basic realm="r", charset="UTF-8"' }),
  ask("GET /basic?right", basic("ada:pässword"), 200, "ada"),
  ask("GET /basic-by", basic("a:b"), 401),
  ask("GET /basic-by?right", basic("a:a"), 200, "in"),
  ask("GET /cors", { headers: { origin: "http://b.example" } }, 200, "in", {
    "access-control-allow-origin": "http://b.example",
    "access-control-expose-headers": "x-b",
  }),
  ask(
    "OPTIONS /cors",
    { headers: { origin: "http://a.example", "access-control-request-method": "PUT" } },
    200,
    "",
    { "access-control-allow-methods": "PUT", "access-control-max-age": "60" },
  ),
  ask("GET /cors-by-hand", { headers: { origin: "http://c.example" } }, 200, "false"),
  ask(
    "OPTIONS /cors-by-hand",
    { headers: { origin: "http://a.example", "access-control-request-method": "PUT" } },
    200,
    "true",
  ),
  ask("GET /proxy", xA, 200, /"added":"1"/, { "set-cookie": /outer\.example.*b=2/s }),
  ask("GET /proxy-request", xA, 200, /"a":"1"/),
  ask("POST /proxy-request", { body: "body" }, 200, "posted body"),
  ask("GET /send-proxy", 200, /"method":"GET"/),
  ask("GET /proxy-headers", xA, 200, "1"),
  ask("GET /fetch-with-event", xA, 200, /"a":null/),
  ask("GET /proxy-nowhere", 502),
  ask("GET /own-fetch", xA, 200, /"a":"1"/),
  ask("GET /paths", 200, /"\/b/),
  ask("GET /requests", 200, ["PUT", "/moved", "/inner", "PATCH", "/mocked"]),
  ask("GET /moved", xA, 200, ["GET", "http://localhost/elsewhere", "1", true]),
  ask("GET /throws-http", 404, /not here/),
];

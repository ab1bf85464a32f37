/** Middleware that changes requests and answers. */
import { ask } from "../cases.mjs";

export function makeApp({ use }) {
  const { Hono } = use("hono");
  const { cache } = use("hono/cache");
  const { compress, COMPRESSIBLE_CONTENT_TYPE_REGEX } = use("hono/compress");
  const { contextStorage, getContext, tryGetContext } = use("hono/context-storage");
  const { etag, RETAINED_304_HEADERS } = use("hono/etag");
  const { appendTrailingSlash, trimTrailingSlash } = use("hono/trailing-slash");
  const { timing, setMetric, startTime, endTime, wrapTime } = use("hono/timing");
  const { logger } = use("hono/logger");
  const { methodOverride } = use("hono/method-override");
  const { poweredBy } = use("hono/powered-by");
  const { prettyJSON } = use("hono/pretty-json");
  const { requestId } = use("hono/request-id");
  const language = use("hono/language");
  const { secureHeaders, NONCE } = use("hono/secure-headers");
  const app = new Hono();

  // Node has no Cache API.
  const kept = new Map();
  globalThis.caches ??= {
    open: async () => ({
      match: async (key) => kept.get(String(key.url ?? key))?.clone(),
      put: async (key, response) => void kept.set(String(key.url ?? key), response),
    }),
  };
  let made = 0;
  app.get("/cached", cache({ cacheName: "c", wait: true, cacheControl: "max-age=60", vary: "accept" }), (c) =>
    c.text(`made ${++made}`),
  );

  app.use("/compressed/*", compress({ threshold: 100 }));
  app.get("/compressed/long", (c) => c.text("long text ".repeat(1000)));
  app.get("/compressed/short", (c) => c.text("short", 200, { "content-length": "5" }));
  app.get("/compressed/stream", (c) =>
    c.body(new Blob(["piece ".repeat(500)]).stream(), 200, { "content-type": "text/plain" }),
  );
  app.get("/compressed/image", (c) => c.body("x".repeat(2000), 200, { "content-type": "image/png" }));
  app.get("/compressible", (c) => c.text(String(COMPRESSIBLE_CONTENT_TYPE_REGEX.test("text/html"))));

  app.get("/storage", contextStorage(), async (c) => {
    c.set("name", "Ada");
    await Promise.resolve();
    return c.text(`${getContext().var.name} ${tryGetContext() === c}`);
  });
  app.get("/no-storage", (c) => c.text(String(tryGetContext())));

  app.get("/etag", etag(), (c) => c.text("tagged", 200, { "cache-control": "no-cache", "x-dropped": "1" }));
  app.get("/etag-weak", etag({ weak: true, retainedHeaders: [...RETAINED_304_HEADERS, "x-kept"] }), (c) =>
    c.text("weak", 200, { "x-kept": "1" }),
  );
  app.get("/etag-stream", etag(), (c) => c.body(new Blob(["stream"]).stream()));

  app.use("/slash/append/*", appendTrailingSlash());
  app.get("/slash/append/it/", (c) => c.text("appended"));
  app.use("/slash/trim/*", trimTrailingSlash());
  app.get("/slash/trim/it", (c) => c.text("trimmed"));

  app.get("/timing", timing({ crossOrigin: true }), async (c) => {
    setMetric(c, "region", "eu");
    setMetric(c, "rows", 12.345, "Rows", 1);
    startTime(c, "work", "Work");
    await wrapTime(c, "wait", Promise.resolve());
    endTime(c, "work");
    return c.text("timed");
  });

  const lines = [];
  app.get(
    "/logged",
    logger((...said) => void lines.push(said.join(" "))),
    (c) => c.text("logged"),
  );
  app.get("/log", (c) => c.json(lines.map((line) => line.replace(/\d+ms$/, "0ms"))));

  const override = new Hono();
  override.use(methodOverride({ app: override }));
  override.delete("/", async (c) => c.text(`deleted ${(await c.req.parseBody()).id}`));
  override.post("/", (c) => c.text("posted"));
  app.mount("/override", override.fetch);
  const byHeader = new Hono();
  byHeader.use(methodOverride({ app: byHeader, header: "x-method" }));
  byHeader.patch("/", async (c) => c.text(`patched ${await c.req.text()}`));
  app.mount("/override-header", byHeader.fetch);
  const byQuery = new Hono();
  byQuery.use(methodOverride({ app: byQuery, query: "_method" }));
  byQuery.put("/", async (c) => c.text(`put ${new URL(c.req.url).search} ${await c.req.text()}`));
  app.mount("/override-query", byQuery.fetch);

  app.get("/powered", poweredBy({ serverName: "someone" }), (c) => c.text("powered"));
  app.get("/pretty", prettyJSON({ space: 4 }), (c) => c.json({ a: [1] }));
  app.get("/id", requestId(), (c) => c.text(c.get("requestId")));

  const options = { supportedLanguages: ["en", "de", "fr"], fallbackLanguage: "en", lookupFromPathIndex: 2 };
  app.get(
    "/language/:lang?",
    language.languageDetector({ ...options, order: ["querystring", "cookie", "path", "header"] }),
    (c) => c.text(c.get("language")),
  );
  app.get("/languages/:lang", (c) => {
    const all = {
      ...options,
      ...{
        lookupQueryString: "lang",
        lookupCookie: "language",
        lookupFromHeaderKey: "accept-language",
        ignoreCase: true,
      },
    };
    const { detectFromCookie, detectFromHeader, detectFromPath, detectFromQuery } = language;
    return c.json(
      [detectFromCookie, detectFromHeader, detectFromPath, detectFromQuery].map(
        (detect) => detect(c, all) ?? null,
      ),
    );
  });

  app.get("/secure", secureHeaders(), (c) => c.text("secure"));
  app.get(
    "/secure-more",
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'self'"],
        scriptSrc: [NONCE, "https://a.example"],
        upgradeInsecureRequests: [],
      },
      permissionsPolicy: { camera: [], geolocation: ["self"] },
      reportTo: [{ group: "g", max_age: 1, endpoints: [{ url: "https://a.example" }] }],
      reportingEndpoints: [{ name: "g", url: "https://a.example" }],
      xFrameOptions: "DENY",
      xXssProtection: false,
    }),
    (c) => c.text(`nonce ${c.get("secureHeadersNonce")}`),
  );
  return app;
}

const accepts = (coding) => ({ headers: { "accept-encoding": coding } });
const tagOf = (title) => (answerTo) => ({
  headers: {
    "if-none-match": answerTo(title)
      .headers.find((line) => line.startsWith("etag: "))
      .slice(6),
  },
});

export const cases = [
  ask("GET /cached", 200, "made 1", { "cache-control": "max-age=60" }),
  ask("GET /cached?again", 200, "made 2"),
  ask("HEAD /cached", 200, ""),
  ask("GET /cached?again&", 200, /^made \d$/),
  ask("GET /compressed/long", accepts("gzip"), 200, /^(long text ){1000}$/, {
    "content-encoding": "gzip",
    vary: /accept-encoding/i,
  }),
  ask("GET /compressed/long?deflate", accepts("deflate"), 200, /^long/, { "content-encoding": "deflate" }),
  ask("GET /compressed/long?none", 200, /^long/, { "content-encoding": null }),
  ask("HEAD /compressed/long", accepts("gzip"), 200, ""),
  ask("GET /compressed/short", accepts("gzip"), 200, "short", { "content-encoding": null }),
  ask("GET /compressed/stream", accepts("gzip"), 200, /^(piece ){500}$/, { "content-encoding": "gzip" }),
  ask("GET /compressed/image", accepts("gzip"), 200, /^x+$/, { "content-encoding": null }),
  ask("GET /compressible", 200, "true"),
  ask("GET /storage", 200, "Ada true"),
  ask("GET /no-storage", 200, "undefined"),
  ask("GET /etag", 200, "tagged", { etag: /^"/ }),
  ask("GET /etag?same", tagOf("GET /middleware/etag"), 304, "", {
    "cache-control": "no-cache",
    "x-dropped": null,
  }),
  ask("GET /etag-weak", 200, "weak", { etag: /^W\// }),
  ask("GET /etag-weak?same", tagOf("GET /middleware/etag-weak"), 304, "", { "x-kept": "1" }),
  ask("GET /etag-stream", 200, "stream", { etag: /^"/ }),
  ask("GET /slash/append/it", 301, "", { location: /it\/$/ }),
  ask("GET /slash/append/it/", 200, "appended"),
  ask("GET /slash/trim/it/", 301, "", { location: /it$/ }),
  ask("GET /timing", 200, "timed", {
    "server-timing": /region;desc="eu".*rows;dur=.*work;dur=/,
    "timing-allow-origin": "*",
  }),
  ask("GET /logged", 200, "logged"),
  ask("GET /log", 200, /<-- GET \/middleware\/logged/),
  ask("POST /override", { form: { _method: "DELETE", id: "7" } }, 200, "deleted 7"),
  ask("POST /override?not", { form: { id: "7" } }, 200, "posted"),
  ask("POST /override-header", { body: "text", headers: { "x-method": "PATCH" } }, 200, "patched text"),
  ask("POST /override-query?_method=PUT&a=1", { body: "text" }, 200, /^put \?.*a=1 text$/),
  ask("GET /powered", 200, "powered", { "x-powered-by": "someone" }),
  ask("GET /pretty", 200, '{"a":[1]}'),
  ask("GET /pretty?pretty", 200, '{\n    "a": [\n        1\n    ]\n}'),
  ask("GET /id", 200, "…", { "x-request-id": "…" }),
  ask("GET /id?given", { headers: { "x-request-id": "mine" } }, 200, "mine", { "x-request-id": "mine" }),
  ask("GET /language", 200, "en"),
  ask("GET /language?lang=de", 200, "de", { "set-cookie": /language=de/ }),
  ask("GET /language?header", { headers: { "accept-language": "es,fr;q=0.8" } }, 200, "fr"),
  ask("GET /language?cookie", { headers: { cookie: "language=de" } }, 200, "de"),
  ask("GET /language/fr", 200, "fr"),
  ask("GET /languages/fr?lang=de", { headers: { cookie: "language=fr", "accept-language": "de" } }, 200, [
    "fr",
    "de",
    "fr",
    "de",
  ]),
  ask("GET /secure", 200, "secure", {
    "x-frame-options": "SAMEORIGIN",
    "strict-transport-security": /max-age/,
  }),
  ask("GET /secure-more", 200, /^nonce /, {
    "content-security-policy": /nonce-…/,
    "x-frame-options": "DENY",
    "x-xss-protection": null,
  }),
];

/** All of Connect, with middleware of its kind, on Node's own server. */
import { createServer } from "node:http";
import { ask } from "../fetch-apps/complete/cases.mjs";

export const packages = ["connect"];
export const style = "node";

export async function makeApp({ use, watch, load }) {
  const { default: connect } = use("connect");
  const { default: compression } = await load("compression");
  const { default: bodyParser } = await load("body-parser");
  const { default: cookieSession } = await load("cookie-session");
  const app = connect();
  watch("app", app);

  app.use(function named(request, response, next) {
    response.setHeader("x-first", request.method);
    next();
  });
  app.use("/compressed", compression({ threshold: 0 }));
  app.use("/compressed", (_request, response) => {
    response.setHeader("content-type", "text/plain");
    response.write("long ".repeat(500));
    response.end("end");
  });
  app.use("/session", cookieSession({ keys: ["one", "two"] }));
  app.use("/session", (request, response) => {
    request.session.visits = (request.session.visits ?? 0) + 1;
    response.end(`visit ${request.session.visits}`);
  });
  for (const [name, parser] of Object.entries({
    json: bodyParser.json({ limit: 100 }),
    urlencoded: bodyParser.urlencoded({ extended: true }),
    text: bodyParser.text(),
    raw: bodyParser.raw({ type: "*/*" }),
  })) {
    app.use(`/body/${name}`, parser);
  }
  app.use("/body", ({ body }, response) =>
    response.end(JSON.stringify({ body: Buffer.isBuffer(body) ? body.toString() : body })),
  );

  // A path is taken off, and put back for those that come after.
  app.use("/mounted", ({ url, originalUrl }, _response, next) => {
    app.last = [url, originalUrl];
    next();
  });
  app.use("/mounted", ({ url }, response) => response.end([...app.last, url].join(" ")));
  app.use("/Trailing/", (_request, response) => response.end("any case"));
  const inner = connect();
  watch("app", inner);
  inner.use("/deeper", ({ url, originalUrl }, response) => response.end(`inner ${url} ${originalUrl}`));
  app.use("/inner", inner);
  app.use(
    "/server",
    createServer((request, response) => response.end(`server ${request.url}`)),
  );
  app.use("/handled", (request, response) =>
    inner.handle(request, response, () => response.end("out of the inner one")),
  );
  app.use("/about", (_request, response) =>
    response.end(
      JSON.stringify([
        app.route,
        app.stack.length > 5,
        inner.stack[0].route,
        typeof app.listen,
        typeof app.on,
        typeof app.emit,
      ]),
    ),
  );

  // Errors go past what does not take them.
  app.use("/throws", () => {
    throw Object.assign(new Error("thrown"), { status: 418 });
  });
  app.use("/passes", (_request, _response, next) => next(new Error("passed")));
  app.use("/unhandled", (_request, _response, next) =>
    next(Object.assign(new Error("unhandled"), { statusCode: 503, headers: { "x-error": "1" } })),
  );
  app.use((_request, response, next) => {
    response.setHeader("x-passed", "1");
    next();
  });
  app.use((error, { url }, response, next) => {
    if (url.startsWith("/unhandled")) return next(error);
    response.statusCode = error.status ?? 500;
    response.end(`handled ${error.message} ${response.getHeader("x-passed")}`);
  });
  return app;
}

export async function serveReference(app) {
  const server = app.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return server.address().port;
}

const typed = (type, body) => ({ body, headers: { "content-type": type } });

export const cases = [
  ask("GET /compressed", { headers: { "accept-encoding": "gzip" } }, 200, /^(long ){500}end$/, {
    "content-encoding": "gzip",
  }),
  ask("GET /compressed?plain", 200, /^long/, { "content-encoding": null }),
  ask("HEAD /compressed", 200, "", { "x-first": "HEAD" }),
  ask("GET /session", 200, "visit 1", { "set-cookie": /session.sig=/ }),
  ask(
    "GET /session?again",
    (answerTo) => ({
      headers: {
        cookie: answerTo("GET /session")
          .headers.filter((line) => line.startsWith("set-cookie"))
          .map((line) => line.slice(12).split(";")[0])
          .join("; "),
      },
    }),
    200,
    "visit 2",
  ),
  ask("POST /body/json", { json: { a: 1 } }, 200, { body: { a: 1 } }),
  ask("POST /body/json?broken", typed("application/json", "{"), 400),
  ask("POST /body/json?large", { json: "x".repeat(200) }, 413),
  ask(
    "POST /body/json?pieces",
    { body: ['{"a"', ":1}"], headers: { "content-type": "application/json" } },
    200,
    { body: { a: 1 } },
  ),
  ask("POST /body/urlencoded", { form: { "a[b]": "ä" } }, 200, { body: { a: { b: "ä" } } }),
  ask("POST /body/text", typed("text/plain", "täxt"), 200, { body: "täxt" }),
  ask("POST /body/raw", typed("a/b", "raw"), 200, { body: "raw" }),
  ask("GET /mounted/a?b=1", 200, "/a?b=1 /mounted/a?b=1 /a?b=1"),
  ask("GET /mounted", 200, "/ /mounted /"),
  ask("GET /mounted-not", 404),
  ask("GET /trailing/x", 200, "any case"),
  ask("GET /inner/deeper/x?y", 200, "inner /x?y /inner/deeper/x?y"),
  ask("GET /inner/none", 404),
  ask("GET /server/x", 200, "server /x"),
  ask("GET /handled/x", 200, "out of the inner one"),
  ask("GET /about", 200, ["/", true, "/deeper", "function", "function", "function"]),
  ask("GET /throws", 418, "handled thrown undefined"),
  ask("GET /passes", 500, "handled passed undefined"),
  ask("GET /unhandled", 503, /unhandled/, { "x-error": "1" }),
  ask("GET /none", 404, /Cannot GET \/none/, {
    "x-passed": "1",
    "content-security-policy": "default-src 'none'",
  }),
  ask("PROPFIND /none", { body: "x" }, 404, /Cannot PROPFIND/),
];

export const notForServers = {};

export const short = [
  "GET /compressed",
  "GET /session",
  "POST /body/json",
  "GET /inner/deeper/x?y",
  "GET /none",
];

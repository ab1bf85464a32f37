/** Everything that a handler's `c` and `c.req` have. */
import { ask } from "../cases.mjs";

export function makeApp({ use }) {
  const { Hono } = use("hono");
  const { HTTPException } = use("hono/http-exception");
  const { cloneRawRequest, HonoRequest } = use("hono/request");
  const app = new Hono();

  // Answers.
  app.get("/text", (c) => c.text("text", 201, { "x-a": "1" }));
  app.get("/json", (c) => c.json({ a: ["ä"] }));
  app.get("/html", (c) => c.html("<p>html</p>"));
  app.get("/html-later", (c) => c.html(Promise.resolve("<p>later</p>")));
  app.get("/body", (c) => {
    c.header("content-type", "application/x-thing");
    c.status(202);
    return c.body(new Uint8Array([104, 105]));
  });
  app.get("/blob", (c) => c.body(new Blob(["blob"], { type: "text/x-blob" })));
  app.get("/nobody", (c) => c.body(null, 204));
  app.get("/new", (c) => c.newResponse("new", { status: 203, headers: { "x-a": ["1", "2"] } }));
  app.get("/redirect", (c) => c.redirect("/elsewhere?ü=1"));
  app.get("/redirect-for-good", (c) => c.redirect(new URL("http://example.org/there"), 308));
  app.get("/not-found", (c) => c.notFound());
  app.get("/raw", () => new Response("raw", { headers: { "x-raw": "1" }, statusText: "Fine" }));
  app.get("/json-raw", () => Response.json({ raw: true }, { status: 206 }));
  app.get("/redirect-raw", () => Response.redirect("http://example.org/raw", 307));
  app.get("/headers", (c) => {
    c.header("x-many", "1");
    c.header("x-many", "2", { append: true });
    c.header("x-gone", "1");
    c.header("x-gone");
    c.header("set-cookie", "a=1");
    c.header("set-cookie", "b=2", { append: true });
    return c.text("headers");
  });
  app.get("/res", async (c) => {
    c.res.headers.set("x-before", "1");
    c.res = new Response("first", { headers: { "x-first": "1" } });
    c.res = new Response(`${await c.res.text()} second`, { headers: { "x-second": "1" } });
    c.res.headers.append("x-second", "2");
    return c.res;
  });
  app.use("/after/*", async (c, next) => {
    await next();
    const was = c.finalized;
    c.header("x-finalized", String(was));
    c.res = new Response(`${await c.res.text()} changed`, c.res);
  });
  app.get("/after/change", (c) => c.text("text", { headers: { "x-kept": "1" } }));

  // Values, renderers and what the host gives.
  app.get("/values", (c) => {
    c.set("name", "Ada");
    return c.text(`${c.get("name")} ${c.var.name} ${c.get("nothing")}`);
  });
  app.use("/render", async (c, next) => {
    c.setRenderer((content) => c.html(`<main>${content}</main>`));
    c.setLayout((props) => `layout ${props.title}`);
    await next();
  });
  app.get("/render", (c) => {
    c.header("x-layout", c.getLayout()({ title: "t" }));
    return c.render("rendered");
  });
  app.get("/host", (c) => {
    let event = "none";
    try {
      event = typeof c.event;
    } catch (error) {
      event = error.message;
    }
    return c.json({ env: typeof c.env.incoming.socket.remotePort, event });
  });
  app.get("/execution", (c) => {
    try {
      c.executionCtx.waitUntil(Promise.resolve());
      c.executionCtx.passThroughOnException();
    } catch {
      // @hono/node-server has none.
    }
    return c.text("done");
  });

  // Errors.
  app.get("/throw/http", () => {
    throw new HTTPException(401, { message: "who?", cause: new Error("inside") });
  });
  app.get("/throw/response", () => {
    throw new HTTPException(403, {
      res: new Response("own answer", { status: 403, headers: { "x-own": "1" } }),
    });
  });
  app.get("/throw/response/later", async (c) => {
    await Promise.resolve();
    c.header("x-context", "1");
    throw new HTTPException(429).getResponse().status === 429 ? new HTTPException(429) : new Error("no");
  });
  const faulty = new Hono();
  faulty.onError((error, c) => c.text(`handled: ${error.message} ${c.error === error}`, 500));
  faulty.get("/", () => {
    throw new Error("broken");
  });
  app.route("/faulty", faulty);

  // The request.
  app.all("/request/:id/:rest{.+}", (c) => {
    const { req } = c;
    return c.json({
      param: [req.param("id"), req.param()],
      query: [req.query("a"), req.query(), req.queries("a"), req.queries()],
      header: [req.header("x-a"), req.header()["x-a"], req.header("none") ?? null],
      about: [req.method, req.url, req.path, req.routePath, req.routeIndex, req.matchedRoutes.length],
      raw: [
        req instanceof HonoRequest && req.raw instanceof Request,
        req.raw.method,
        req.raw.headers.get("x-a"),
        req.raw.signal.aborted,
      ],
    });
  });
  app.post("/read/json", async (c) =>
    c.json([await c.req.json(), await c.req.text(), Object.keys(c.req.bodyCache)]),
  );
  app.post("/read/text", async (c) => c.text(await c.req.text()));
  app.post("/read/buffer", async (c) => c.body(await c.req.arrayBuffer()));
  app.post("/read/bytes", async (c) => c.body(await c.req.bytes()));
  app.post("/read/blob", async (c) => {
    const blob = await c.req.blob();
    return c.json([blob.type, blob.size, await blob.text()]);
  });
  app.post("/read/form", async (c) => {
    const form = await c.req.formData();
    return c.json(await Promise.all([...form].map(async ([name, value]) => [name, await text(value)])));
  });
  app.post("/read/parsed", async (c) => {
    const body = await c.req.parseBody({ all: true, dot: true });
    const { file, ...rest } = body;
    return c.json({ ...rest, ...(file === undefined ? {} : { file: await text(file) }) });
  });
  app.post("/read/clone", async (c) => {
    const before = await c.req.text();
    const clone = await cloneRawRequest(c.req);
    return c.json([before, await clone.text(), clone.headers.get("x-a"), clone.method]);
  });
  app.post("/read/twice", async (c) => {
    const copy = c.req.raw.clone();
    return c.text(`${await c.req.raw.text()} ${await copy.text()} ${c.req.raw.bodyUsed}`);
  });
  app.post("/validated", (c) => {
    c.req.addValidatedData("json", { a: 1 });
    return c.json(c.req.valid("json"));
  });
  return app;
}

async function text(value) {
  return typeof value === "string" ? value : `${value.name} ${value.type} ${await value.text()}`;
}

const file = { name: "f.txt", type: "text/plain", content: "content" };
const xA = { headers: { "x-a": "1" } };

export const cases = [
  ask("GET /text", 201, "text", { "content-type": "text/plain; charset=UTF-8", "x-a": "1" }),
  ask("HEAD /text", 201, ""),
  ask("GET /json", 200, { a: ["ä"] }, { "content-type": "application/json" }),
  ask("GET /html", 200, "<p>html</p>"),
  ask("GET /html-later", 200, "<p>later</p>"),
  ask("GET /body", 202, "hi", { "content-type": "application/x-thing" }),
  ask("GET /blob", 200, "blob"),
  ask("GET /nobody", 204, ""),
  ask("GET /new", 203, "new", { "x-a": /1.*2/s }),
  ask("GET /redirect", 302, "", { location: /^\/elsewhere/ }),
  ask("GET /redirect-for-good", 308, "", { location: "http://example.org/there" }),
  ask("GET /not-found", 404, "404 Not Found"),
  ask("GET /raw", 200, "raw", { "x-raw": "1" }),
  ask("GET /json-raw", 206, { raw: true }),
  ask("GET /redirect-raw", 307, "", { location: "http://example.org/raw" }),
  ask("GET /headers", 200, "headers", { "x-many": "1, 2", "x-gone": null, "set-cookie": /a=1\nb=2/ }),
  ask("GET /res", 200, "first second", { "x-before": "1", "x-first": "1", "x-second": /1.*2/s }),
  ask("GET /after/change", 200, "text changed", { "x-finalized": "true", "x-kept": "1" }),
  ask("GET /values", 200, "Ada Ada undefined"),
  ask("GET /render", 200, "<main>rendered</main>", { "x-layout": "layout t" }),
  ask("GET /host", 200, { env: "number", event: "This context has no FetchEvent" }),
  ask("GET /execution", 200, "done"),
  ask("GET /throw/http", 401, "who?"),
  ask("GET /throw/response", 403, "own answer", { "x-own": "1" }),
  ask("GET /throw/response/later", 429, ""),
  ask("GET /faulty", 500, "handled: broken true"),
  ask("GET /request/7/a/b?a=1&a=2&b=%C3%A4", xA, 200, /"raw":\[true,"GET","1",false\]/),
  ask("PUT /request/%C3%A4/c%2Fd?q", xA, 200, /"id":"ä"/),
  ask("POST /read/json", { json: { a: 1 } }, 200, [{ a: 1 }, '{"a":1}', ["text"]]),
  ask("POST /read/text", { body: "täxt" }, 200, "täxt"),
  ask("POST /read/buffer", { body: ["some ", "pieces"] }, 200, "some pieces"),
  ask("POST /read/bytes", { body: Uint8Array.of(104, 105) }, 200, "hi"),
  ask("POST /read/blob", { body: "x", headers: { "content-type": "text/x-a" } }, 200, ["text/x-a", 1, "x"]),
  ask("POST /read/form", { parts: { a: "1", file } }, 200, [
    ["a", "1"],
    ["file", "f.txt text/plain content"],
  ]),
  ask("POST /read/parsed", { parts: { "a.b": "1", file } }, 200, {
    a: { b: "1" },
    file: "f.txt text/plain content",
  }),
  ask("POST /read/parsed?form", { form: { a: "1 ä", b: "" } }, 200, { a: "1 ä", b: "" }),
  ask("POST /read/clone", { body: "text", ...xA }, 200, ["text", "text", "1", "POST"]),
  ask("POST /read/twice", { body: "text" }, 200, "text text true"),
  ask("POST /validated", { body: "" }, 200, { a: 1 }),
];

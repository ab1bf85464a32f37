/** What a handler returns, and the headers, cookies and streams beside it. */
import { ask } from "../cases.mjs";

export function makeApp({ use, watch }) {
  const h3 = use("h3");
  const { H3, HTTPResponse, HTTPError, H3Error, EventStream } = h3;
  const app = new H3({ silent: true });
  app.use((event) => {
    watch("H3Event", event);
    watch("H3EventResponse", event.res);
  });

  app.get("/text", () => "text");
  app.get("/object", () => ({ a: ["ä"] }));
  app.get("/number", () => 7);
  app.get("/true", () => true);
  app.get("/bigint", () => 12n);
  app.get("/null", () => null);
  app.get("/bytes", () => new Uint8Array([104, 105]));
  app.get("/blob", () => new Blob(["blob"], { type: "text/x-blob" }));
  app.get("/stream", () => new Blob(["stream"]).stream());
  app.get("/response", () => new Response("response", { status: 203, headers: { "x-a": "1" } }));
  app.get("/http-response", () => {
    const answer = new HTTPResponse("made", { status: 202, headers: { "x-a": "1" } });
    watch("HTTPResponse", answer);
    answer.headers.set("x-is", `${answer.status} ${answer.statusText} ${answer.body}`);
    return answer;
  });
  app.get("/res", (event) => {
    event.res.status = 201;
    event.res.statusText = "Made";
    event.res.headers.set("x-a", "1");
    event.res.headers.append("set-cookie", "a=1");
    event.res.headers.append("set-cookie", "b=2");
    return "res";
  });
  app.get("/nothing", () => h3.noContent());
  app.get("/no-content", (event) => h3.sendNoContent(event, 205));
  app.get("/redirect", () => h3.redirect("/else where", 307));
  app.get("/send-redirect", (event) => h3.sendRedirect(event, "http://example.org/", 308));
  app.get("/redirect-back", (event) => h3.redirectBack(event, { fallback: "/home" }));
  app.get("/html", () => h3.html`<p>${"<Ada>"} ${h3.raw("<b>raw</b>")}</p>`);
  app.get("/html-text", () => h3.html("<p>plain</p>"));
  app.get("/iterable", () => h3.iterable(["a", { b: 1 }, "c"]));
  app.get("/iterable-own", () =>
    h3.iterable(
      async function* () {
        yield 1;
        await Promise.resolve();
        yield 2;
      },
      { serializer: (value) => new TextEncoder().encode(`<${value}>`) },
    ),
  );
  app.get("/send-iterable", (event) => h3.sendIterable(event, new Set(["x", "y"])));
  app.get("/send-stream", (event) => h3.sendStream(event, new Blob(["sent"]).stream()));
  app.get("/send-web-response", () => h3.sendWebResponse(new Response("web")));
  app.get("/to-response", async (event) => h3.toResponse(Promise.resolve({ by: "hand" }), event));

  app.get("/events", (event) => {
    const events = h3.createEventStream(event);
    watch("EventStream", events);
    events.onClosed(() => {});
    void [events.body, events.status, events.statusText, events.headers];
    setTimeout(async () => {
      await events.push({ id: "1", event: "first", retry: 10, data: "two\nlines" });
      await events.push(["a", "b"]);
      await events.pushComment("comment");
      events.pause();
      await events.push(`paused ${events.isPaused}`);
      await events.resume();
      await events.flush();
      await events.close();
    });
    return events.send();
  });
  app.get("/events-class", (event) => {
    const events = new EventStream(event);
    events.push("one").then(() => events.close());
    return events;
  });

  app.get("/headers", (event) => {
    h3.setResponseStatus(event, 202, "Noted");
    h3.setResponseHeader(event, "x-a", "1");
    h3.setHeader(event, "x-b", ["2", "3"]);
    h3.setResponseHeaders(event, { "x-c": "4" });
    h3.setHeaders(event, { "x-d": "5" });
    h3.appendResponseHeader(event, "x-a", "1+");
    h3.appendHeader(event, "x-e", "6");
    h3.appendResponseHeaders(event, { "x-e": "7" });
    h3.appendHeaders(event, { "x-f": "8" });
    h3.removeResponseHeader(event, "x-f");
    h3.setHeader(event, "x-g", "9");
    h3.clearResponseHeaders(event, ["x-g"]);
    h3.defaultContentType(event, "application/x-thing");
    return JSON.stringify([
      ...[h3.getResponseStatus(event), h3.getResponseStatusText(event), h3.getResponseHeader(event, "x-a")],
      h3.getResponseHeaders(event),
    ]);
  });
  app.get("/cookies", (event) => {
    h3.setCookie(event, "plain", "a b;ä", { maxAge: 60, httpOnly: true, sameSite: "lax" });
    h3.setCookie(event, "plain", "again", { path: "/" });
    h3.setChunkedCookie(event, "large", "0123456789".repeat(3), { chunkMaxLength: 12 });
    h3.deleteCookie(event, "old");
    h3.deleteChunkedCookie(event, "big");
    return [h3.parseCookies(event), h3.getCookie(event, "a"), h3.getChunkedCookie(event, "big")];
  });
  app.get("/timing", async (event) => {
    h3.setServerTiming(event, "cache", { desc: "Hit", dur: 1 });
    return h3.withServerTiming(event, "work", () => "timed");
  });
  app.get("/cached", (event) =>
    h3.handleCacheHeaders(event, {
      etag: '"1"',
      modifiedTime: new Date(1_000_000_000_000),
      maxAge: 60,
      cacheControls: ["immutable"],
    })
      ? null
      : "fresh",
  );
  app.get(
    "/isolated",
    h3.withCacheIsolation((event) => event.context.clientAddress ?? "isolated"),
  );
  app.get("/accept-query", (event) => {
    h3.appendAcceptQuery(event, ["application/json", "text/plain"]);
    return "asked";
  });
  app.get("/sanitized", () => [
    h3.sanitizeStatusCode("999"),
    h3.sanitizeStatusCode(418),
    h3.sanitizeStatusMessage("a\nb"),
  ]);

  const files = {
    "/a.txt": "text of a",
    "/index.html": "<p>index</p>",
    "/b.js": "plain",
    "/b.js.gz": "compressed",
  };
  app.get("/files/**", (event) =>
    h3.serveStatic(event, {
      getMeta: (id) =>
        files[toFile(id)] && {
          size: files[toFile(id)].length,
          mtime: 1_000_000_000_000,
          etag: `"${toFile(id)}"`,
        },
      getContents: (id) => files[toFile(id)],
      indexNames: ["/index.html"],
      encodings: { gzip: ".gz" },
      headers: { "x-static": "1" },
      getType: (extension) => ({ ".txt": "text/plain" })[extension],
    }),
  );

  app.get("/errors/thrown", () => {
    throw new Error("inside");
  });
  app.get("/errors/http", () => {
    const error = new HTTPError({
      status: 418,
      statusText: "Teapot",
      message: "short",
      data: { a: 1 },
      body: { b: 2 },
      headers: { "x-a": "1" },
    });
    watch("HTTPError", error);
    void [error.name, error.statusCode, error.statusMessage, error.cause, error.unhandled];
    throw error;
  });
  app.get("/errors/status", () => HTTPError.status(402, "Pay"));
  app.get("/errors/created", (event) => {
    event.res.errHeaders.set("x-error", "1");
    throw h3.createError({ statusCode: 409, statusMessage: "Conflict", message: "created" });
  });
  app.get("/errors/is", () => [
    h3.isError(h3.createError("x")),
    h3.isError(new Error("x")),
    new H3Error("x") instanceof HTTPError,
  ]);
  return app;
}

function toFile(id) {
  return id.replace("/answers/files", "").replace("/files", "");
}

const gzip = { headers: { "accept-encoding": "gzip" } };

export const cases = [
  ask("GET /text", 200, "text"),
  ask("HEAD /text", 200, ""),
  ask("GET /object", 200, { a: ["ä"] }, { "content-type": /^application\/json/ }),
  ask("GET /number", 200, "7"),
  ask("GET /true", 200, "true"),
  ask("GET /bigint", 200, "12"),
  ask("GET /null", 200, ""),
  ask("GET /bytes", 200, "hi"),
  ask("GET /blob", 200, "blob", { "content-type": "text/x-blob" }),
  ask("GET /stream", 200, "stream"),
  ask("GET /response", 203, "response", { "x-a": "1" }),
  ask("GET /http-response", 202, "made", { "x-is": "202 undefined made" }),
  ask("GET /res", 201, "res", { "set-cookie": /a=1\nb=2/, "x-a": "1" }),
  ask("GET /nothing", 204, ""),
  ask("GET /no-content", 205, ""),
  ask("GET /redirect", 307, /refresh/, { location: "/else where" }),
  ask("GET /send-redirect", 308, /./, { location: "http://example.org/" }),
  ask("GET /redirect-back", 302, /./, { location: "/home" }),
  ask(
    "GET /redirect-back?from",
    (_answerTo, port) => ({ headers: { referer: `http://127.0.0.1:${port}/answers/there?q` } }),
    302,
    /./,
    { location: /there/ },
  ),
  ask("GET /html", 200, "<p>&lt;Ada&gt; <b>raw</b></p>", { "content-type": /^text\/html/ }),
  ask("GET /html-text", 200, "&lt;p&gt;plain&lt;/p&gt;"),
  ask("GET /iterable", 200, 'a{"b":1}c'),
  ask("GET /iterable-own", 200, "<1><2>"),
  ask("GET /send-iterable", 200, "xy"),
  ask("GET /send-stream", 200, "sent"),
  ask("GET /send-web-response", 200, "web"),
  ask("GET /to-response", 200, { by: "hand" }),
  ask(
    "GET /events",
    200,
    /^id: 1\nevent: first\nretry: 10\ndata: two\ndata: lines\n\n.*: comment.*data: paused true\n\n$/s,
    { "content-type": "text/event-stream" },
  ),
  ask("GET /events-class", 200, "data: one\n\n"),
  ask("GET /headers", 202, /^\[202,"Noted","1, 1\+"/, {
    "x-b": "2, 3",
    "x-e": "6, 7",
    "x-f": null,
    "x-g": null,
    "content-type": "application/x-thing",
  }),
  ask(
    "GET /cookies",
    { headers: { cookie: "a=%C3%A4; big=__chunked__2; big.1=one; big.2=two; old=1" } },
    200,
    /"ä","onetwo"\]$/,
    { "set-cookie": /plain=again/ },
  ),
  ask("GET /timing", 200, "timed", { "server-timing": /cache.*work;dur=/ }),
  ask("GET /cached", 200, "fresh", { etag: '"1"', "cache-control": /immutable/ }),
  ask("GET /cached?same", { headers: { "if-none-match": '"1"' } }, 304, ""),
  ask("GET /isolated", 200, "isolated"),
  ask("GET /accept-query", 200, "asked", { "accept-query": /application\/json/ }),
  ask("GET /sanitized", 200, /418/),
  ask("GET /files/a.txt", 200, "text of a", { "content-type": /^text\/plain/, "x-static": "1" }),
  ask("HEAD /files/a.txt", 200, ""),
  ask("GET /files/a.txt?same", { headers: { "if-none-match": '"/a.txt"' } }, 304, ""),
  ask("GET /files/", 200, "<p>index</p>"),
  ask("GET /files/none", 404),
  ask("POST /files/a.txt", { body: "" }, 404),
  ask("GET /errors/thrown", 500, /HTTPError|Internal|500/),
  ask("GET /errors/http", 418, /"data":\{"a":1\}/, { "x-a": "1" }),
  ask("GET /errors/status", 402, /402/),
  ask("GET /errors/created", 409, /created/),
  ask("GET /errors/is", 200, [true, false, true]),
  ask("GET /files/b.js", gzip, 200, /./),
];

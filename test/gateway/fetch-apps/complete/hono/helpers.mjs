/** Helpers: cookies, what is accepted, HTML and CSS, the environment, files, the proxy, web sockets. */
import { ask, converse } from "../cases.mjs";
import { acceptOf, readText, talk, textFrame } from "../small-socket.mjs";

export async function makeApp({ use, load }) {
  const { Hono } = use("hono");
  const cookies = use("hono/cookie");
  const { accepts } = use("hono/accepts");
  const { html, raw } = use("hono/html");
  const style = use("hono/css");
  const { checkUserAgentEquals, env, getRuntimeKey, knownUserAgents } = use("hono/adapter");
  const { proxy } = use("hono/proxy");
  const { serveStatic } = use("hono/serve-static");
  const ssg = use("hono/ssg");
  const { defineWebSocketHelper, createWSMessageEvent, WSContext } = use("hono/ws");
  const node = await load("@hono/node-server/serve-static");
  const { getConnInfo } = await load("@hono/node-server/conninfo");
  const app = new Hono();

  app.get("/cookies", async (c) => {
    const { getCookie, getSignedCookie, setCookie, setSignedCookie, deleteCookie } = cookies;
    setCookie(c, "plain", "a b;ä", { path: "/", maxAge: 60, httpOnly: true, sameSite: "Lax" });
    setCookie(c, "secure", "1", { prefix: "secure", partitioned: true });
    setCookie(c, "host", "1", { prefix: "host", expires: new Date(0), priority: "High" });
    await setSignedCookie(c, "signed", "value", "secret");
    return c.json(
      [
        getCookie(c),
        getCookie(c, "a"),
        await getSignedCookie(c, "secret", "signed"),
        deleteCookie(c, "a"),
      ].map((value) => value ?? null),
    );
  });
  app.get("/cookie-lines", async (c) => {
    c.header("set-cookie", cookies.generateCookie("a", "1"));
    c.header("set-cookie", await cookies.generateSignedCookie("b", "2", "secret"), { append: true });
    return c.body(null);
  });
  app.get("/accepts", (c) =>
    c.text(accepts(c, { header: "Accept-Language", supports: ["en", "de"], default: "en" })),
  );

  app.get("/html", (c) => {
    const name = "<Ada>";
    return c.html(html`<p>${name} ${raw("<b>raw</b>")} ${["a", "b"]} ${Promise.resolve("later")}</p>`);
  });
  app.get("/css", (c) => {
    const { css, cx, keyframes, viewTransition, Style, rawCssString } = style;
    const fade = keyframes`from { opacity: 0; }`;
    const box = css`color: ${rawCssString("red")}; animation: ${fade};`;
    return c.html(
      html`${Style({ nonce: "n" })}<p class="${cx(box, css`margin: 0;`)}" data-t="${viewTransition()}">styled</p>`,
    );
  });
  app.get("/css-own", (c) => {
    const { css, Style } = style.createCssContext({ id: "own" });
    return c.html(html`${Style()}<p class="${css`color: blue;`}">own</p>`);
  });

  app.get("/env", (c) =>
    c.json([
      env(c).PATH === process.env.PATH,
      getRuntimeKey(),
      knownUserAgents.node,
      checkUserAgentEquals("Node.js"),
    ]),
  );
  app.get("/conn-info", (c) => {
    const { address, addressType, port } = getConnInfo(c).remote;
    return c.json([address, addressType, typeof port]);
  });

  // Behind the proxy: the application itself.
  app.all("/upstream", async (c) => {
    c.header("set-cookie", "a=1");
    c.header("set-cookie", "b=2", { append: true });
    c.header("content-encoding", "gzip");
    const { x, connection = "" } = c.req.header();
    const text = `${c.req.method} ${x ?? ""} ${await c.req.text()} ${connection.includes("x-hop")}`;
    return c.body(new Response(text).body.pipeThrough(new CompressionStream("gzip")));
  });
  const upstream = (c) => new URL("/helpers/upstream", c.req.url);
  app.all("/proxy", (c) =>
    proxy(upstream(c), { ...c.req, raw: c.req.raw, headers: { ...c.req.header(), x: "added" } }),
  );
  app.get("/proxy-plain", (c) => proxy(upstream(c)));
  app.all("/proxy-own", (c) =>
    proxy(new Request(upstream(c), c.req.raw), {
      customFetch: async (request) => new Response(`own ${request.method}`),
    }),
  );
  app.get("/fetched", (c) => fetch(upstream(c)));
  app.all("/passed", (c) => fetch(new Request(upstream(c), c.req.raw)));

  const files = {
    "/site/a.txt": "text of a",
    "/site/index.html": "<p>index</p>",
    "/site/b.js.gz": "compressed",
  };
  app.get(
    "/static/*",
    serveStatic({
      root: "/site",
      precompressed: true,
      rewriteRequestPath: (path) => path.replace("/helpers/static", ""),
      getContent: async (path) => files[path.startsWith("/") ? path : `/${path}`] ?? null,
      isDir: (path) => /site\/?$/.test(path),
      onFound: (_path, c) => c.header("x-found", "1"),
      onNotFound: (_path, c) => c.header("x-missing", "1"),
    }),
  );
  const here = import.meta.dirname;
  app.get(
    "/files/*",
    node.serveStatic({
      root: here,
      rewriteRequestPath: (path) => path.replace("/helpers/files", ""),
      precompressed: true,
    }),
  );

  // A site that is built: as far as a server meets it.
  app.get("/ssg/params/:id", ssg.ssgParams([{ id: "1" }]), (c) =>
    c.text(`${c.req.param("id")} ${ssg.isSSGContext(c)}`),
  );
  app.get("/ssg/disabled", ssg.disableSSG(), (c) => c.text("served"));
  app.get("/ssg/only", ssg.onlySSG(), (c) => c.text("never"));

  // Hono has no web sockets of its own, but what a host's are made with: here with the upgrade that Socle gives.
  const upgradeWebSocket = defineWebSocketHelper((c, events) => {
    if (c.req.header("upgrade") !== "websocket" || c.env.upgrade === undefined) return;
    const accept = acceptOf(c.req.header("sec-websocket-key"));
    const transport = c.env.upgrade("websocket", { "sec-websocket-accept": accept });
    const socket = new WSContext({
      url: c.req.url,
      protocol: "p",
      readyState: 1,
      raw: transport,
      send: (data) => void transport.write(textFrame(data)),
      close: () => transport.close(),
    });
    transport.start({
      onData: (chunk) => events.onMessage?.(createWSMessageEvent(readText(chunk)), socket),
      onEnd: () => socket.close(),
      onDrain() {},
      onClose: () => events.onClose?.(new Event("close"), socket),
    });
    events.onOpen?.(new Event("open"), socket);
    return new Response();
  });
  app.get(
    "/socket",
    upgradeWebSocket(() => ({
      onOpen: (_event, socket) => socket.send("opened"),
      onMessage: ({ data }, socket) => socket.send(`${data} ${socket.url.pathname}`),
    })),
    (c) => {
      const made = new WSContext({ url: c.req.url, send() {}, close() {}, readyState: 3 });
      return c.text(`${made.readyState} ${createWSMessageEvent("no socket").data}`, 426);
    },
  );
  return app;
}

export const cases = [
  ask("GET /cookies", { headers: { cookie: "a=1; b=%C3%A4; signed=value.none" } }, 200, [
    { a: "1", b: "ä", signed: "value.none" },
    "1",
    null,
    "1",
  ]),
  ask("GET /cookie-lines", 200, "", { "set-cookie": /^a=1; Path=\/\nb=2\./ }),
  ask("GET /accepts", { headers: { "accept-language": "fr, de;q=0.5" } }, 200, "de"),
  ask("GET /html", 200, "<p>&lt;Ada&gt; <b>raw</b> ab later</p>"),
  ask("GET /css", 200, /<style.*color:red.*<p class="css-\d+/s),
  ask("GET /css-own", 200, /<style id="own">/),
  ask("GET /env", 200, [true, "node", "Node.js", true]),
  ask("GET /conn-info", 200, ["127.0.0.1", "IPv4", "number"]),
  ask("POST /proxy", { body: "body", headers: { "x-hop": "1" } }, 200, "POST added body false", {
    "set-cookie": /a=1\nb=2/,
    "content-encoding": null,
  }),
  ask("GET /proxy", 200, "GET added  false"),
  ask("GET /proxy-plain", 200, "GET   false"),
  ask("PUT /proxy-own", { body: "x" }, 200, "own PUT"),
  ask("GET /static/a.txt", 200, "text of a", { "content-type": /^text\/plain/, "x-found": "1" }),
  ask("GET /static/", 200, "<p>index</p>"),
  ask("GET /static/none", 404, "404 Not Found"),
  ask("GET /static/%2e%2e/a.txt", 404),
  ask("GET /files/tokens.mjs", 200, /^\/\*\* JSON web tokens/, {
    "content-type": /javascript/,
  }),
  ask("HEAD /files/tokens.mjs", 200, ""),
  ask("GET /files/tokens.mjs?part", { headers: { range: "bytes=4-7" } }, 206, "JSON", {
    "content-range": /^bytes 4-7\//,
  }),
  ask("GET /files/none", 404),
  ask("GET /ssg/params/1", 200, "1 false"),
  ask("GET /ssg/disabled", 200, "served"),
  ask("GET /ssg/only", 404),
  ask("GET /socket", 426, "3 no socket"),
  {
    ...converse("a web socket opens where the host gives an upgrade", talk("/helpers/socket"), [426]),
    onSocle: { reason: "the plain adapter gives none", expected: [101, "|opened|hi /helpers/socket"] },
  },
];

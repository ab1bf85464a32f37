/** All of @hono/node-server: on Socle it is served as it is, by the listener that it makes for Node. */
import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import { ask, converse } from "./cases.mjs";
import { acceptOf, readText, talk, textFrame } from "./small-socket.mjs";

// Before the package puts one of its own in its place.
const PlatformResponse = globalThis.Response;

export const packages = ["@hono/node-server"];
export const style = "node";

export async function makeApp({ use, load }) {
  const { createAdaptorServer, getRequestListener, RequestError, serve, upgradeWebSocket } =
    use("@hono/node-server");
  const { getConnInfo } = use("@hono/node-server/conninfo");
  const { earlyHints } = use("@hono/node-server/early-hints");
  const { serveStatic } = use("@hono/node-server/serve-static");
  const { Hono } = await load("hono");
  const { streamSSE } = await load("hono/streaming");
  const app = new Hono();

  app.get("/text", (c) => c.text("text", 201, { "x-a": "1" }));
  app.get("/cookies", (c) => {
    c.header("set-cookie", "a=1");
    c.header("set-cookie", "b=2", { append: true });
    return c.json([typeof c.env.incoming.rawHeaders, typeof c.env.outgoing.writeHead]);
  });
  app.get("/conn-info", (c) => {
    const { address, addressType, port } = getConnInfo(c).remote;
    return c.json([address, addressType, typeof port]);
  });
  app.get("/hinted", earlyHints({ link: "</a.css>; rel=preload; as=style" }), (c) => c.text("hinted"));
  app.get(
    "/files/*",
    serveStatic({ root: import.meta.dirname, rewriteRequestPath: (path) => path.slice("/files".length) }),
  );
  app.get("/events", (c) =>
    streamSSE(c, async (out) => {
      await out.writeSSE({ data: "one" });
      await out.sleep(1);
      await out.writeSSE({ data: "two" });
    }),
  );
  app.post("/echo", (c) => c.body(c.req.raw.body));
  app.post("/json", async (c) => c.json(await c.req.json()));
  app.post("/form", async (c) => c.json(Object.keys(await c.req.parseBody())));
  app.get("/raw", (c) => {
    c.env.outgoing.writeHead(202, { "x-raw": "1" });
    c.env.outgoing.end("by hand");
    return new PlatformResponse(null, { headers: { "x-hono-already-sent": "1" } });
  });
  app.get("/throws", () => {
    throw new Error("thrown");
  });
  app.get("/request-error", (c) => c.text(new RequestError("wrong", { cause: 1 }).name));
  app.get("/serve", async (c) => {
    const server = serve({ fetch: () => new Response("served"), port: 0, hostname: "127.0.0.1" });
    await once(server, "listening");
    const text = await (await fetch(`http://127.0.0.1:${server.address().port}/`)).text();
    server.close();
    return c.text(text);
  });
  app.get("/listener", async (c) => {
    const failing = () => {
      throw new Error("inside");
    };
    const server = createServer(
      getRequestListener(failing, {
        errorHandler: (error) => new Response(`caught ${error.message}`, { status: 503 }),
      }),
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const answer = await fetch(`http://127.0.0.1:${server.address().port}/`);
    const text = `${answer.status} ${await answer.text()}`;
    server.close().closeAllConnections();
    return c.text(text);
  });
  app.get(
    "/socket",
    upgradeWebSocket(() => ({
      onOpen: (_event, socket) => socket.send("opened"),
      onMessage: ({ data }, socket) => socket.send(`${data} ${socket.url.pathname}`),
    })),
  );
  return createAdaptorServer({ fetch: app.fetch, websocket: { server: new SmallSocketServer() } });
}

export async function serveReference(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server.address().port;
}

/** What the package wants of a WebSocket server. */
class SmallSocketServer extends EventEmitter {
  options = { noServer: true };

  close() {}

  handleUpgrade(request, socket, _head, callback) {
    const accept = acceptOf(request.headers["sec-websocket-key"]);
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    const peer = Object.assign(new EventEmitter(), {
      protocol: "",
      readyState: 1,
      send: (text) => void socket.write(textFrame(text)),
      close: () => void socket.end(),
    });
    socket.on("data", (frame) => peer.emit("message", readText(frame), false));
    socket.on("error", () => {}).on("close", () => peer.emit("close", 1006, Buffer.alloc(0)));
    callback(peer);
  }
}

const large = "0123456789".repeat(20_000);

export const cases = [
  ask("GET /text", 201, "text", { "x-a": "1" }),
  ask("HEAD /text", 201, ""),
  ask("GET /cookies", 200, ["object", "function"], { "set-cookie": /a=1\nb=2/ }),
  ask("GET /conn-info", 200, ["127.0.0.1", "IPv4", "number"]),
  ask("GET /hinted", 200, "hinted"),
  ask("GET /files/cases.mjs", 200, /^\/\*\* How the applications say/),
  ask("GET /files/cases.mjs?part", { headers: { range: "bytes=4-6" } }, 206, "How"),
  ask("GET /events", 200, "data: one\n\ndata: two\n\n"),
  ask("POST /echo", { body: large }, 200, large),
  ask("POST /echo?pieces", { body: ["some ", "pieces"] }, 200, "some pieces"),
  ask("POST /json", { json: { a: 1 } }, 200, { a: 1 }),
  ask("POST /form", { parts: { a: "1" } }, 200, ["a"]),
  ask("GET /raw", 202, "by hand", { "x-raw": "1" }),
  ask("GET /throws", 500, "Internal Server Error"),
  ask("GET /request-error", 200, "RequestError"),
  ask("GET /serve", 200, "served"),
  ask("GET /listener", 200, "503 caught inside"),
  ask("GET /none", 404, "404 Not Found"),
  converse("a web socket opens, and answers", talk("/socket"), [101, "|opened|hi /socket"]),
];

export const notForServers = {
  "@hono/node-server/utils/*": "what the rest is made of",
};

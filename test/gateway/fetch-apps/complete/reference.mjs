/** A fetch application on node:http with the platform's classes, in the plainest way: what Socle's answers are compared with. */
import { once } from "node:events";
import { createServer } from "node:http";
import { Readable } from "node:stream";

/** @returns the port */
export async function listenFetch(handler) {
  const server = createServer((incoming, outgoing) => {
    answer(handler, incoming, outgoing).catch((error) => {
      console.error(error);
      if (outgoing.headersSent) return outgoing.destroy();
      outgoing.writeHead(500, { "content-type": "text/plain; charset=utf-8" }).end("Internal Server Error\n");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server.address().port;
}

async function answer(handler, incoming, outgoing) {
  const departure = new AbortController();
  outgoing.on("close", () => outgoing.writableFinished || departure.abort());
  const headers = new Headers();
  for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
    headers.append(incoming.rawHeaders[i], incoming.rawHeaders[i + 1]);
  }
  const hasBody = headers.has("content-length") || headers.has("transfer-encoding");
  const request = new Request(`http://${incoming.headers.host}${incoming.url}`, {
    method: incoming.method,
    headers,
    body: hasBody ? Readable.toWeb(incoming) : undefined,
    duplex: "half",
    signal: departure.signal,
  });
  Object.defineProperty(request, "ip", { value: incoming.socket.remoteAddress });
  const context = { incoming, outgoing, waitUntil() {}, passThroughOnException() {} };
  const response = await handler(request, context, context);
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) if (name !== "set-cookie") outgoing.setHeader(name, value);
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies);
  if (response.body === null || incoming.method === "HEAD") return void outgoing.end();
  const reader = response.body.getReader();
  outgoing.on("close", () => reader.cancel().catch(() => {}));
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return void outgoing.end();
    if (!outgoing.write(value)) await Promise.race([once(outgoing, "drain"), once(outgoing, "close")]);
  }
}

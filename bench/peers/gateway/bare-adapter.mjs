// node bare-adapter.mjs MODULE: the least that puts a fetch application on node:http with the platform's own
// objects. What an adapter for use needs besides, such as a signal for each request, is left out: it would cost more.
import { once } from "node:events";
import { createServer } from "node:http";
import { Readable } from "node:stream";

const { app } = await import(process.argv[2]);

createServer(async (incoming, outgoing) => {
  try {
    await send(await app.fetch(requestOf(incoming)), outgoing);
  } catch (error) {
    console.error(error);
    if (outgoing.headersSent) outgoing.destroy();
    else outgoing.writeHead(500).end();
  }
}).listen(Number(process.env.PORT), "127.0.0.1");

function requestOf(incoming) {
  const { method, url, rawHeaders } = incoming;
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i], rawHeaders[i + 1]);
  const hasBody = method !== "GET" && method !== "HEAD";
  return new Request(`http://${incoming.headers.host}${url}`, {
    method,
    headers,
    ...(hasBody ? { body: Readable.toWeb(incoming), duplex: "half" } : {}),
  });
}

/** A piece waits for the next, so that one that is alone goes out with its length, in one write. */
async function send({ status, headers, body }, outgoing) {
  outgoing.statusCode = status;
  outgoing.setHeaders(headers);
  const reader = body?.getReader();
  let piece = await reader?.read();
  while (piece?.done === false) {
    const next = await reader.read();
    if (next.done) break;
    if (!outgoing.write(piece.value)) await once(outgoing, "drain");
    piece = next;
  }
  outgoing.end(piece?.value);
}

// The engine alone, as in socle-engine.ts.
import { HttpServer } from "../../../../dist/http/index.js";
import { contentBytes, piece, pieceBytes } from "./content.mjs";

const textHeaders = ["content-type", "text/plain"];
const downloadHeaders = ["content-type", "application/octet-stream", "content-length", String(contentBytes)];

const server = new HttpServer((exchange) =>
  exchange.body === null ? download(exchange) : upload(exchange, exchange.body),
);
await server.listen({ kind: "tcp", host: "127.0.0.1", port: Number(process.env.PORT) });

async function upload(exchange, body) {
  body.maxBytes = contentBytes;
  let bytes = 0;
  for await (const chunk of body) bytes += chunk.length;
  exchange.respond(200, textHeaders, String(bytes));
}

async function download(exchange) {
  const writer = exchange.start(200, downloadHeaders);
  for (let sent = 0; sent < contentBytes; sent += pieceBytes) {
    const full = writer.write(piece);
    if (full !== undefined) await full;
    if (exchange.closed) return;
  }
  writer.end();
}

import { once } from "node:events";
import { createServer } from "node:http";
import { contentBytes, piece, pieceBytes } from "./content.mjs";

createServer((request, response) =>
  request.method === "POST" ? upload(request, response) : download(response),
).listen(Number(process.env.PORT), "127.0.0.1");

function upload(request, response) {
  let bytes = 0;
  request.on("data", (chunk) => {
    bytes += chunk.length;
  });
  request.on("end", () => {
    const body = String(bytes);
    response.writeHead(200, { "Content-Type": "text/plain", "Content-Length": body.length });
    response.end(body);
  });
}

async function download(response) {
  response.writeHead(200, { "Content-Type": "application/octet-stream", "Content-Length": contentBytes });
  for (let sent = 0; sent < contentBytes; sent += pieceBytes) {
    if (!response.write(piece)) await once(response, "drain");
    if (response.destroyed) return;
  }
  response.end();
}

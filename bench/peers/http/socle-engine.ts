// The engine alone: no application interface, no framework, one call an answer.
import { readFileSync } from "node:fs";
import { HttpServer } from "../../../dist/http/index.js";

const headers = ["content-type", "text/plain; charset=utf-8"];
const { PORT, TLS_CERT, TLS_KEY } = process.env;
const tls = TLS_CERT && TLS_KEY ? { tls: { cert: readFileSync(TLS_CERT), key: readFileSync(TLS_KEY) } } : {};

// Idle connections are kept as long as the others keep them.
const server = new HttpServer((exchange) => exchange.respond(200, headers, "Hello, World!\n"), {
  limits: { keepAliveTimeout: 60_000 },
});
await server.listen({ kind: "tcp", host: "127.0.0.1", port: Number(PORT) }, tls);

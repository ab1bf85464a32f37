import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";

const { PORT, TLS_CERT, TLS_KEY } = process.env;
// As long as the others keep an idle connection; 5 seconds are the default.
const options = { keepAliveTimeout: 60_000 };

function answer(_, response) {
  response.writeHead(200, { "Content-Type": "text/plain; charset=utf-8", "Content-Length": 14 });
  response.end("Hello, World!\n");
}

const server = TLS_CERT
  ? createTlsServer({ ...options, cert: readFileSync(TLS_CERT), key: readFileSync(TLS_KEY) }, answer)
  : createServer(options, answer);
server.listen(Number(PORT), "127.0.0.1");

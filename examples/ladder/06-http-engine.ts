/**
 * Rung 6, done right: the same answer on socle/http.
 *
 * What the version by hand takes as it comes, two readers can understand in two ways, and whoever stands behind a proxy
 * is open to request smuggling by it. The engine keeps to RFC 9112 to the letter: it refuses what is ambiguous, frames
 * bodies, keeps connections open for the next request, answers HEAD, and lets nobody wait for ever.
 *
 *     node examples/ladder/06-http-engine.ts
 *     curl -v 127.0.0.1:8000/hello
 */
import { HttpServer } from "socle/http";
import { formatAddress, parseAddress } from "socle/net";

const server = new HttpServer((exchange) => {
  const { method, authority, target } = exchange;
  if (method === "GET" || method === "HEAD") {
    exchange.respond(200, ["content-type", "text/plain"], `You asked ${authority} for ${target}\n`);
  } else {
    exchange.respond(405, ["allow", "GET, HEAD"], "Only GET is understood.\n");
  }
});

const address = await server.listen(parseAddress(process.argv[2] ?? "127.0.0.1:8000"));
console.log(`listening on http://${formatAddress(address)}`);

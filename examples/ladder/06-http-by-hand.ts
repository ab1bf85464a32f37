/**
 * Rung 6: HTTP, read by hand from a socket.
 *
 * HTTP is a line protocol: a request line, header lines, an empty line; the answer alike, and behind it the page. So a
 * browser can be answered with `readLine` and `write`. That it is so easy to read is a trap: 06-http-engine.ts.
 *
 *     node examples/ladder/06-http-by-hand.ts
 *     curl -v 127.0.0.1:8000/hello
 */
import { type Connection, formatAddress, SocketServer } from "socle/net";

async function answer(connection: Connection): Promise<void> {
  const line = (await connection.readLine({ max: 8192 })) ?? "";
  const [, method, target] = /^([A-Z]+) (\/\S*) HTTP\/1\.[01]$/.exec(line) ?? [];
  if (method === undefined) return respond(connection, "400 Bad Request", "That is no request.\n");

  const headers = new Map<string, string>();
  for (let count = 0; ; count++) {
    const field = await connection.readLine({ max: 8192 });
    if (field === null || field === "") break;
    if (count === 100)
      return respond(connection, "431 Request Header Fields Too Large", "Too many headers.\n");
    const colon = field.indexOf(":");
    if (colon < 1) return respond(connection, "400 Bad Request", "That is no header.\n");
    headers.set(field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim());
  }

  if (method !== "GET") return respond(connection, "405 Method Not Allowed", "Only GET is understood.\n");
  await respond(connection, "200 OK", `You asked ${headers.get("host")} for ${target}\n`);
}

async function respond(connection: Connection, status: string, text: string): Promise<void> {
  const head = [
    `HTTP/1.1 ${status}`,
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(text)}`,
    "Connection: close",
  ];
  await connection.write(`${head.join("\r\n")}\r\n\r\n${text}`);
}

const server = new SocketServer(answer, { totalTimeout: 30_000 });
const address = await server.listen(process.argv[2] ?? "127.0.0.1:8000");
console.log(`listening on ${formatAddress(address)}`);

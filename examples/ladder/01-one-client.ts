/**
 * Rung 1: one client, once.
 *
 * A server owns an address and waits there. A client connects, and both hold a stream of bytes: what one writes, the
 * other reads. When the handler returns, the connection ends, and by the model `once` the server with it.
 *
 *     node examples/ladder/01-one-client.ts
 *     nc 127.0.0.1 8000
 */
import { formatAddress, SocketServer } from "socle/net";

const server = new SocketServer(
  async (connection) => {
    await connection.write("What is your name?\n");
    const name = await connection.readLine();
    await connection.write(`Hello, ${name}.\n`);
  },
  { model: "once" },
);

const address = await server.listen(process.argv[2] ?? "127.0.0.1:8000");
console.log(`listening on ${formatAddress(address)}`);

/**
 * Rung 2: one client after the other.
 *
 * The same handler in a loop: the model `serial` serves a client to its end, and then the next. Connect from two
 * terminals: the second is not asked for a name before the first has given its own.
 *
 *     node examples/ladder/02-one-after-the-other.ts
 *     nc 127.0.0.1 8000
 */
import { formatAddress, SocketServer } from "socle/net";

const server = new SocketServer(
  async (connection) => {
    await connection.write("What is your name?\n");
    const name = await connection.readLine();
    await connection.write(`Hello, ${name}.\n`);
  },
  { model: "serial" },
);

const address = await server.listen(process.argv[2] ?? "127.0.0.1:8000");
console.log(`listening on ${formatAddress(address)}`);

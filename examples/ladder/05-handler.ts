/**
 * Rung 5: the server and the handler.
 *
 * What every server needs is in one class, what makes yours is in another. Each connection gets a handler of its own:
 * `setup`, `handle`, and `finish` however it went. All of them share one event loop, and each reads like a
 * conversation: `await` is where the others have their turn. The server sees to limits, deadlines and the end.
 *
 *     node examples/ladder/05-handler.ts
 *     nc 127.0.0.1 8000
 */
import { type Connection, formatAddress, Handler, SocketServer } from "socle/net";

class Visitor extends Handler {
  static readonly present: Set<Visitor> = new Set();
  name = "nobody";

  override async setup(connection: Connection) {
    await connection.write("What is your name?\n");
    this.name = (await connection.readLine()) ?? "nobody";
    Visitor.present.add(this);
  }

  async handle(connection: Connection, closing: AbortSignal) {
    for (;;) {
      const names = Array.from(Visitor.present, ({ name }) => name);
      await connection.write(`Here: ${names.join(", ")}. Press Enter to look again, or write "bye".\n`);
      const line = await connection.readLine({ timeout: 60_000, signal: closing });
      if (line === null || line === "bye") return;
    }
  }

  override finish() {
    Visitor.present.delete(this);
  }
}

const server = new SocketServer(Visitor, { maxConnections: 1000, totalTimeout: 3_600_000 });

const address = await server.listen(process.argv[2] ?? "127.0.0.1:8000");
console.log(`listening on ${formatAddress(address)}`);

process.once("SIGINT", async () => {
  const { finished, aborted } = await server.close({ deadline: 1000 });
  console.log(`closed: ${finished} finished, ${aborted} cut`);
});

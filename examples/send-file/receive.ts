/**
 * Receives files that are sent with send.ts.
 *
 *     node examples/send-file/receive.ts [FOLDER] [-b HOST:PORT]
 *
 * Whoever can connect can send, and nothing is encrypted: listen where you trust everyone.
 */
import { mkdir } from "node:fs/promises";
import { parseArgs } from "node:util";
import {
  type Connection,
  ConnectionLost,
  formatAddress,
  InvalidData,
  SocketServer,
  Timeout,
} from "socle/net";
import { Inbox, type IncomingFile, Refusal } from "./inbox.ts";
import { formatBytes, ProgressDisplay } from "./progress.ts";
import { messages, printable, type Reply, readOffer } from "./protocol.ts";

const OFFER_TIMEOUT = 10_000;
const DATA_TIMEOUT = 30_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { bind: { type: "string", short: "b", default: "127.0.0.1:7001" } },
});
const folder = positionals[0] ?? "received";
await mkdir(folder, { recursive: true });

const inbox = new Inbox(folder);
const display = new ProgressDisplay(process.stdout);

async function serve(connection: Connection): Promise<void> {
  const wire = connection.framed(messages);
  const reply = (message: Reply): Promise<void> => wire.send(message);
  let incoming: IncomingFile | null = null;
  try {
    const offer = readOffer(await wire.receive({ timeout: OFFER_TIMEOUT }));
    incoming = await inbox.open(offer);
    if (incoming === null) return await reply({ busy: true });
    await reply({ offset: incoming.offset });
    await receive(connection, incoming);
    const saved = await incoming.finish();
    display.say(`${saved}: complete, ${formatBytes(offer.size)}, SHA-256 ${offer.sha256.slice(0, 16)}…`);
    await incoming.close();
    await reply({ saved });
  } catch (error) {
    const label = incoming?.name ?? "a transfer";
    if (error instanceof Refusal || error instanceof InvalidData) {
      display.say(`${label}: ${printable(error.message)}`);
      await incoming?.close();
      await reply({ error: error.message });
    } else if (error instanceof ConnectionLost || error instanceof Timeout) {
      if (incoming !== null) {
        display.say(
          `${label}: cut at ${formatBytes(incoming.offset)} of ${formatBytes(incoming.offer.size)}`,
        );
      }
    } else {
      throw error;
    }
  } finally {
    await incoming?.close();
  }
}

/** Takes the bytes that are still missing. */
async function receive(connection: Connection, incoming: IncomingFile): Promise<void> {
  const { offset, offer, name } = incoming;
  if (offset === offer.size) return;
  if (offset > 0) display.say(`${name}: going on at ${formatBytes(offset)}`);
  const task = display.begin(name, offer.size, offset);
  try {
    while (incoming.offset < offer.size) {
      const chunk = await connection.read({ max: offer.size - incoming.offset, timeout: DATA_TIMEOUT });
      if (chunk === null) throw new ConnectionLost("the sender has ended in the middle");
      await incoming.write(chunk);
      task.done = incoming.offset;
    }
  } finally {
    display.end(task);
  }
}

const server = new SocketServer(serve, { maxConnections: 100, highWaterMark: 1024 * 1024 });
const address = formatAddress(await server.listen(values.bind));
console.log(
  `receiving into ${folder} on ${address}; send with: node examples/send-file/send.ts FILE ${address}`,
);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // What is not complete goes on when it is sent again.
  process.once(signal, () => void server.close({ deadline: 0 }));
}

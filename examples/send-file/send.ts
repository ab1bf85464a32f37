/**
 * Sends a file to receive.ts, and goes on by itself when the connection is cut.
 *
 *     node examples/send-file/send.ts FILE [HOST:PORT]
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ConnectError, type Connection, ConnectionLost, connect, EndOfStream, Timeout } from "socle/net";
import { formatBytes, formatTime, ProgressDisplay } from "./progress.ts";
import { messages, type Offer, type Reply, readReply, toMessage } from "./protocol.ts";

/** Milliseconds in which the receiver has to find what it has of the file, or to check and save all of it. */
const REPLY_TIMEOUT = 5 * 60_000;
/** Milliseconds without any progress, after which it is given up. */
const PATIENCE = 60_000;
/** Milliseconds before the first new try, and before those that follow when it has not helped. */
const FIRST_WAIT = 250;
const LAST_WAIT = 8000;
const READ_SIZE = 256 * 1024;

/** Why the file was not sent, for the user. */
class SendError extends Error {}

/** The receiver can't be spoken to now, but may be later. */
class Interrupted extends Error {}

const display = new ProgressDisplay();

class Sender {
  readonly #path: string;
  readonly #address: string;
  readonly #offer: Offer;
  readonly #modified: number;
  /** The most of the file that the receiver was known to have; -1 when it has never been spoken to. */
  #reached = -1;
  /** Since when it has not got on. */
  #stuckSince: number | undefined;

  private constructor(path: string, address: string, offer: Offer, modified: number) {
    this.#path = path;
    this.#address = address;
    this.#offer = offer;
    this.#modified = modified;
  }

  /** Looks at the file: all of it, since its checksum is what the receiver knows it by. */
  static async open(path: string, address: string): Promise<Sender> {
    const { size, mtimeMs } = await statFile(path);
    const hash = createHash("sha256");
    const task = display.begin(`checking ${basename(path)}`, size);
    try {
      for await (const chunk of createReadStream(path, { highWaterMark: READ_SIZE })) {
        hash.update(chunk);
        task.done += chunk.length;
      }
    } finally {
      display.end(task);
    }
    return new Sender(path, address, { name: basename(path), size, sha256: hash.digest("hex") }, mtimeMs);
  }

  get size(): number {
    return this.#offer.size;
  }

  /** Sends it, in as many tries as it takes. Resolves to the name that it was saved under. */
  async send(): Promise<string> {
    for (let wait = FIRST_WAIT; ; wait = Math.min(LAST_WAIT, wait * 2)) {
      const before = this.#reached;
      try {
        return await this.#try();
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
        if (this.#reached < 0) throw new SendError(error.message);
        if (this.#reached > before) wait = FIRST_WAIT;
        this.#stuckSince ??= performance.now();
        if (performance.now() - this.#stuckSince > PATIENCE) {
          throw new SendError(`${error.message}. Given up; send it again, and it goes on where it stopped`);
        }
        display.say(`${error.message}; trying again`);
        await sleep(wait);
      }
    }
  }

  async #try(): Promise<string> {
    let connection: Connection | undefined;
    try {
      connection = await connect(this.#address);
      this.#note(0);
      const saved = await this.#converse(connection);
      await connection.close();
      return saved;
    } catch (error) {
      connection?.abort();
      throw isInterruption(error) ? new Interrupted(error.message, { cause: error }) : error;
    }
  }

  async #converse(connection: Connection): Promise<string> {
    const wire = connection.framed(messages);
    const { size } = this.#offer;
    const hear = async (): Promise<Reply> => {
      const message = await wire.receive({ timeout: REPLY_TIMEOUT });
      if (message === null) throw new Interrupted("the receiver has hung up");
      const reply = readReply(message);
      if ("error" in reply) throw new SendError(reply.error);
      if ("busy" in reply) throw new Interrupted("the receiver has this file under way already");
      return reply;
    };

    await wire.send(toMessage(this.#offer));
    const first = await hear();
    if (!("offset" in first) || first.offset > size)
      throw new SendError("the receiver's answer makes no sense");
    if (first.offset > 0 && first.offset < size) display.say(`going on at ${formatBytes(first.offset)}`);
    this.#note(first.offset);

    // Listened for while the bytes go out: the receiver speaks early when something is wrong.
    const last = hear();
    let heard = false;
    last.then(
      () => (heard = true),
      () => (heard = true),
    );
    await this.#sendBytes(connection, first.offset, () => heard);
    const reply = await last;
    if (!("saved" in reply)) throw new SendError("the receiver's answer makes no sense");
    return reply.saved;
  }

  /** Sends the file from `offset` on, until its end or until the receiver has answered. */
  async #sendBytes(connection: Connection, offset: number, isAnswered: () => boolean): Promise<void> {
    const { name, size } = this.#offer;
    await this.#checkUnchanged();
    if (offset === size) return;
    const task = display.begin(name, size, offset);
    try {
      for await (const chunk of createReadStream(this.#path, {
        start: offset,
        end: size - 1,
        highWaterMark: READ_SIZE,
      })) {
        await connection.write(chunk);
        task.done += chunk.length;
        if (isAnswered()) return;
      }
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error; // else the receiver's last words say more, if there are any
    } finally {
      display.end(task);
    }
    if (task.done < size && !isAnswered()) await this.#checkUnchanged();
  }

  async #checkUnchanged(): Promise<void> {
    const { size, mtimeMs } = await statFile(this.#path);
    if (size !== this.#offer.size || mtimeMs !== this.#modified) {
      throw new SendError("the file has changed since its checksum was taken: send it again");
    }
  }

  #note(offset: number): void {
    if (offset <= this.#reached) return;
    this.#reached = offset;
    this.#stuckSince = undefined;
  }
}

async function statFile(path: string): Promise<{ size: number; mtimeMs: number }> {
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new SendError(error.code === "ENOENT" ? `there is no file ${path}` : error.message);
  });
  if (!info.isFile()) throw new SendError(`${path} is not a file`);
  return info;
}

function isInterruption(error: unknown): error is Error {
  return [Interrupted, ConnectionLost, ConnectError, EndOfStream, Timeout].some(
    (kind) => error instanceof kind,
  );
}

const [path, address = "127.0.0.1:7001"] = process.argv.slice(2);
if (path === undefined) {
  console.error("usage: node examples/send-file/send.ts FILE [HOST:PORT]");
  process.exit(2);
}
try {
  const sender = await Sender.open(path, address);
  const start = performance.now();
  const saved = await sender.send();
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `sent ${path}, ${formatBytes(sender.size)} in ${formatTime(seconds)}; it was saved as ${saved}`,
  );
} catch (error) {
  if (!(error instanceof Error)) throw error;
  console.error(`can't send ${path}: ${error.message}`);
  process.exitCode = 1;
}

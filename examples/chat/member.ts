/** One client: it is read from no faster than it may speak, and never waited for when it does not read. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, LimitExceeded } from "socle/net";
import type { Limits } from "./limits.ts";
import type { Room } from "./room.ts";
import { clean } from "./text.ts";

/** Why a member was dropped: there is too much that it did not read. */
export class SlowReader extends Error {}

export class Member {
  name = "";
  room: Room | undefined;
  readonly #connection: Connection;
  readonly #closing: AbortSignal;
  readonly #limits: Limits;
  /** Lines that may come at once; below zero, those that came too early. */
  #allowance: number;
  #countedAt: number = performance.now();

  constructor(connection: Connection, closing: AbortSignal, limits: Limits) {
    this.#connection = connection;
    this.#closing = closing;
    this.#limits = limits;
    this.#allowance = limits.burst;
  }

  send(line: string): void {
    if (this.#connection.bufferedBytes > this.#limits.unreadBytes) {
      this.#connection.abort(new SlowReader("too slow a reader"));
    } else {
      void this.#connection.write(`${line}\n`);
    }
  }

  /**
   * The next line, fit to be shown to others; null when the client has ended its side. A line that is too long is left out.
   * @param timeout milliseconds
   * @throws SlowReader, Timeout, ConnectionLost; the closing signal's reason
   */
  async receive(timeout: number): Promise<string | null> {
    const options = { max: this.#limits.lineBytes, timeout, signal: this.#closing };
    for (let skipping = false; ; ) {
      await this.#pace();
      try {
        const line = await this.#connection.readLine(options);
        if (line === null) return null;
        if (!skipping) return clean(line);
        skipping = false; // that was the rest of it
      } catch (error) {
        if (!(error instanceof LimitExceeded)) throw error;
        if (!skipping) this.send(`* That line was left out: it is longer than ${error.limit} bytes.`);
        skipping = true;
        await this.#connection.read({ max: error.limit }); // no line end is in there
      }
    }
  }

  /** Waits until the next line may come. Meanwhile the client is held by TCP. */
  async #pace(): Promise<void> {
    const { burst, linesPerSecond } = this.#limits;
    const now = performance.now();
    const earned = ((now - this.#countedAt) / 1000) * linesPerSecond;
    this.#allowance = Math.min(burst, this.#allowance + earned) - 1;
    this.#countedAt = now;
    if (this.#allowance < 0) await sleep((-this.#allowance / linesPerSecond) * 1000);
  }
}

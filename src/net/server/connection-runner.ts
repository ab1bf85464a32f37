/** Runs the handler for each of this thread's connections, and sees every one of them to its end. */
import { setMaxListeners } from "node:events";
import { Connection, type ConnectionOptions } from "../connection/connection.ts";
import { type Deferred, deferred } from "../deferred.ts";
import type { Transport } from "../transport/transport.ts";
import type { ConnectionHandler } from "./handler.ts";

/** What became of the connections that were open when a server closed. */
export interface CloseReport {
  /** Connections whose handlers came to an end, and what they wrote was sent. */
  readonly finished: number;
  /** Connections that were cut at the deadline, and those that never had their turn. */
  readonly aborted: number;
}

export interface RunnerOptions {
  readonly connection: ConnectionOptions;
  /** Takes what a handler has thrown. */
  onError(error: unknown, connection: Connection): void;
  /** Told how many connections there are, each time that changes. */
  onActive?(connections: number): void;
}

export class ConnectionRunner {
  readonly #handler: ConnectionHandler;
  readonly #options: RunnerOptions;
  readonly #running: Set<Connection> = new Set();
  /** Those of them whose handlers have finished: what is left is to send the rest, and the peer's goodbye. */
  readonly #handled: Set<Connection> = new Set();
  readonly #closing: AbortController = new AbortController();
  #draining = false;
  readonly #emptied: Deferred<void> = deferred();
  readonly #timers: NodeJS.Timeout[] = [];
  /** The last moments of the connections that were cut. */
  readonly #cutOff: Promise<void>[] = [];
  /** Connections that came to an end since the closing began, and those that were cut. */
  #finished = 0;
  #aborted = 0;

  constructor(handler: ConnectionHandler, options: RunnerOptions) {
    this.#handler = handler;
    this.#options = options;
    setMaxListeners(0, this.#closing.signal);
  }

  /** Connections that are open. */
  get active(): number {
    return this.#running.size;
  }

  /** Serves a connection. Resolves when its handler has finished and it is gone; never rejects, unless `onError` throws. */
  async serve(transport: Transport): Promise<void> {
    const connection = new Connection(transport, this.#options.connection);
    this.#running.add(connection);
    this.#options.onActive?.(this.#running.size);
    const handler = this.#handler;
    try {
      await handler(connection, this.#closing.signal);
      this.#handled.add(connection);
      await connection.close();
    } catch (error) {
      if (error === this.#closing.signal.reason) {
        // A handler that lets the closing end its wait has said all that it wants to say.
        this.#handled.add(connection);
        await connection.close();
        return;
      }
      // What a handler throws whose connection was cut at the deadline is no news.
      if (this.#running.has(connection)) this.#options.onError(error, connection);
    } finally {
      connection.abort(); // does nothing after an orderly end
      this.#remove(connection);
    }
  }

  /**
   * Tells the handlers that the server closes, and resolves when they have finished. Called again, it can only bring
   * the deadline forward.
   * @param deadline milliseconds after which the rest is cut; Infinity waits for them; with null the handlers are not
   *   even told, and the connections last as long as they would have
   */
  async close(deadline: number | null): Promise<CloseReport> {
    this.#draining = true;
    if (deadline !== null) this.#closing.abort();
    if (this.#running.size === 0) this.#emptied.resolve();
    else if (deadline !== null && Number.isFinite(deadline))
      this.#timers.push(setTimeout(() => this.#cut(), deadline));
    await this.#emptied.promise;
    for (const timer of this.#timers.splice(0)) clearTimeout(timer);
    await Promise.all(this.#cutOff);
    return { finished: this.#finished, aborted: this.#aborted };
  }

  #cut(): void {
    for (const connection of this.#running) {
      if (this.#handled.has(connection) && connection.bufferedBytes === 0) this.#finished += 1;
      else this.#aborted += 1;
      connection.abort();
      this.#cutOff.push(connection.closed);
    }
    this.#running.clear();
    this.#handled.clear();
    this.#options.onActive?.(0);
    // Not waited for: a handler that goes on although its connection is gone.
    this.#emptied.resolve();
  }

  #remove(connection: Connection): void {
    if (!this.#running.delete(connection)) return;
    this.#handled.delete(connection);
    this.#options.onActive?.(this.#running.size);
    if (!this.#draining) return;
    this.#finished += 1;
    if (this.#running.size === 0) this.#emptied.resolve();
  }
}

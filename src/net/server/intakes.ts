/** What the models that serve in this thread do with a new connection. */
import type { Transport } from "../transport/transport.ts";

/** Serves a connection; resolves when it is gone. */
export type Serve = (transport: Transport) => Promise<void>;

export interface Intake {
  /** Takes a connection that was accepted. */
  take(transport: Transport): void;
  /** Drops what waits for its turn, and serves no more. Returns how many were dropped. */
  close(): number;
}

/** `events`: every connection is served at once. */
export class EventsIntake implements Intake {
  readonly #serve: Serve;

  constructor(serve: Serve) {
    this.#serve = serve;
  }

  take(transport: Transport): void {
    void this.#serve(transport);
  }

  close(): number {
    return 0;
  }
}

/**
 * `serial`: one connection is served at a time. The others wait in the order in which they came, unread but for what
 * fits the stream's buffer; who comes when `backlog` wait already is turned away.
 */
export class SerialIntake implements Intake {
  readonly #serve: Serve;
  readonly #backlog: number;
  readonly #waiting: Transport[] = [];
  #busy = false;
  #closed = false;

  constructor(serve: Serve, backlog: number) {
    this.#serve = serve;
    this.#backlog = backlog;
  }

  take(transport: Transport): void {
    if (this.#closed || (this.#busy && this.#waiting.length >= this.#backlog)) {
      transport.destroy();
      return;
    }
    this.#waiting.push(transport);
    if (!this.#busy) void this.#serveWaiting();
  }

  close(): number {
    this.#closed = true;
    const dropped = this.#waiting.splice(0);
    for (const transport of dropped) transport.destroy();
    return dropped.length;
  }

  async #serveWaiting(): Promise<void> {
    this.#busy = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      await this.#serve(next);
    }
    this.#busy = false;
  }
}

/** `once`: the first connection is served, and the server closed. Nobody else is. */
export class OnceIntake implements Intake {
  readonly #serve: Serve;
  readonly #onFirst: () => void;
  readonly #onServed: () => void;
  #taken = false;

  /**
   * @param onFirst called when the one client has come
   * @param onServed called when it has gone
   */
  constructor(serve: Serve, onFirst: () => void, onServed: () => void) {
    this.#serve = serve;
    this.#onFirst = onFirst;
    this.#onServed = onServed;
  }

  take(transport: Transport): void {
    if (this.#taken) {
      transport.destroy();
      return;
    }
    this.#taken = true;
    this.#onFirst();
    void this.#serve(transport).then(this.#onServed);
  }

  close(): number {
    this.#taken = true;
    return 0;
  }
}

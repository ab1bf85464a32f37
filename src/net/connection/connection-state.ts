/**
 * A connection's life: it hands what the transport says on to the two halves, keeps the deadlines, and sees to
 * it that when the connection goes, everyone who waits is told once.
 *
 *     OPEN ──close()──▶ CLOSING ──▶ CLOSED
 *       └─ abort(), a deadline, an error ──▲
 */
import { clock, type Ticking } from "../clock.ts";
import { type Deferred, deferred } from "../deferred.ts";
import { ConnectionLost, connectionLost, Timeout } from "../errors.ts";
import { UNREGISTERED } from "../registry.ts";
import type { Protocol, Transport } from "../transport/transport.ts";
import { StreamReader } from "./stream-reader.ts";
import { StreamWriter, type WriterHost } from "./stream-writer.ts";

/** Limits of one connection. Deadlines in whole are looked at twice a second: never early, and up to a second late. */
export interface ConnectionOptions {
  /** Milliseconds in which nothing comes and nothing is written, after which the connection is aborted. Default 0: never. */
  readonly idleTimeout?: number;
  /** Milliseconds after which the connection is aborted, whatever it does. Default 0: never. */
  readonly totalTimeout?: number;
  /** Milliseconds that a read waits when it does not say. Default 0: for ever. */
  readonly readTimeout?: number;
  /** Milliseconds in which the peer takes nothing of what waits for it, after which the connection is aborted. Default 30 s. 0: never. */
  readonly writeTimeout?: number;
  /** Bytes that may come before they are read; from then on the peer is held. Default 64 KiB. */
  readonly highWaterMark?: number;
}

const OPEN = 0;
const CLOSING = 1;
const CLOSED = 2;

/** How long, and for how many bytes, we listen to a peer after our FIN, so that no RST overtakes what was sent last. */
const LINGER_MILLISECONDS = 2000;
const LINGER_BYTES = 1024 * 1024;
/** No deadline. Not Infinity: a field that is a small integer takes no memory beside its object. */
const NEVER = 0;

export class ConnectionState implements Protocol, Ticking, WriterHost {
  /** Reads hand out the chunks themselves. */
  readonly keepsChunks = true;
  readonly transport: Transport;
  readonly reader: StreamReader;
  readonly writer: StreamWriter;
  readonly #options: ConnectionOptions;
  place: number = UNREGISTERED;
  #state = OPEN;
  #watching = false;
  #idleDeadline = NEVER;
  #totalDeadline = NEVER;
  #lingerDeadline = NEVER;
  #lingered = 0;
  /** Why it was lost. */
  #reason: unknown;
  #controller: AbortController | undefined;
  #closed: Deferred<void> | undefined;

  constructor(transport: Transport, options: ConnectionOptions) {
    this.transport = transport;
    this.#options = options;
    this.reader = new StreamReader(transport, options.highWaterMark ?? 64 * 1024, options.readTimeout ?? 0);
    this.writer = new StreamWriter(transport, options.writeTimeout ?? 30_000, this);
    const { idleTimeout = 0, totalTimeout = 0 } = options;
    if (idleTimeout > 0 || totalTimeout > 0) {
      this.watchClock();
      if (idleTimeout > 0) this.#idleDeadline = clock.after(idleTimeout);
      if (totalTimeout > 0) this.#totalDeadline = clock.after(totalTimeout);
    }
    transport.start(this);
  }

  get isOpen(): boolean {
    return this.#state === OPEN && this.#reason === undefined;
  }

  /** Made when it is asked for. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Made when it is asked for. */
  get closed(): Promise<void> {
    if (this.#closed === undefined) {
      this.#closed = deferred();
      if (this.#state === CLOSED) this.#closed.resolve();
    }
    return this.#closed.promise;
  }

  write(data: string | Uint8Array): Promise<void> {
    this.#touch();
    return this.writer.write(data);
  }

  close(): Promise<void> {
    if (this.#state === OPEN) {
      this.#state = CLOSING;
      void this.writer.end();
      this.reader.discard(new ConnectionLost("the connection was closed here"));
      this.watchClock();
      this.#lingerDeadline = clock.after(LINGER_MILLISECONDS);
    }
    return this.closed;
  }

  abort(reason: unknown): void {
    if (this.#state === CLOSED || this.#reason !== undefined) return;
    const error = reason instanceof Error ? reason : new ConnectionLost("the connection was aborted here");
    this.#reason = reason ?? error;
    this.reader.discard(error);
    this.writer.lose(error);
    this.#controller?.abort(this.#reason);
    this.transport.destroy();
  }

  // What the transport calls.

  onData(chunk: Uint8Array): void {
    this.#touch();
    if (this.#state === CLOSING && (this.#lingered += chunk.length) > LINGER_BYTES) this.transport.destroy();
    else this.reader.push(chunk);
  }

  onEnd(): void {
    this.#touch();
    this.reader.end();
  }

  onDrain(): void {
    this.#touch();
    this.writer.drained();
  }

  onClose(error: Error | null): void {
    this.#state = CLOSED;
    this.#unwatchClock();
    const lost = connectionLost(error);
    this.#reason ??= lost;
    this.reader.lose(lost);
    this.writer.lose(lost);
    this.#controller?.abort(this.#reason);
    this.#closed?.resolve();
  }

  // What the clock calls.

  tick(now: number): void {
    const { idleTimeout = 0, totalTimeout = 0, writeTimeout = 0 } = this.#options;
    if (isPast(this.#totalDeadline, now)) {
      this.abort(
        new Timeout("total", totalTimeout, `the connection has lasted ${totalTimeout} ms (totalTimeout)`),
      );
    } else if (isPast(this.#idleDeadline, now)) {
      this.abort(
        new Timeout("idle", idleTimeout, `nothing came or went for ${idleTimeout} ms (idleTimeout)`),
      );
    } else if (this.writer.isStalled(now)) {
      this.abort(
        new Timeout("write", writeTimeout, `the peer took nothing for ${writeTimeout} ms (writeTimeout)`),
      );
    } else if (isPast(this.#lingerDeadline, now)) {
      // While the peer takes what is left, at its own pace, we linger on.
      if (this.writer.bufferedBytes > 0) this.#lingerDeadline = clock.after(LINGER_MILLISECONDS);
      else this.transport.destroy();
    } else if (!this.writer.watched && this.#lingerDeadline === NEVER) {
      if (this.#idleDeadline === NEVER && this.#totalDeadline === NEVER) this.#unwatchClock();
    }
  }

  watchClock(): void {
    if (this.#watching || this.#state === CLOSED) return;
    this.#watching = true;
    clock.watch(this);
  }

  #unwatchClock(): void {
    if (!this.#watching) return;
    this.#watching = false;
    clock.unwatch(this);
  }

  /** Something comes or goes. */
  #touch(): void {
    if (this.#idleDeadline !== NEVER) this.#idleDeadline = clock.after(this.#options.idleTimeout ?? 0);
  }
}

function isPast(deadline: number, now: number): boolean {
  return deadline !== NEVER && now >= deadline;
}

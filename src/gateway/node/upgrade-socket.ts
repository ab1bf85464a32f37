/** The socket that an application gets with a request to change the protocol (WebSocket). */
import type { CloseWatcher, Exchange, HeaderList } from "../../http/exchange.ts";
import { type Deferred, deferred } from "../../net/deferred.ts";
import type { Protocol, Transport } from "../../net/transport/transport.ts";
import { ConnectionSocket } from "./connection-socket.ts";
import { HandwrittenAnswer } from "./handwritten-answer.ts";
import type { WriteCallback } from "./node-internals.ts";
import type { NodeServer } from "./node-listener.ts";

/**
 * First the application writes an answer to it, by hand. Behind 101 the connection is the application's: what comes can be read, and
 * what is written goes out as it is. Any other answer is sent as an answer.
 */
export class UpgradeSocket extends ConnectionSocket implements Protocol, CloseWatcher {
  readonly keepsChunks = true;
  readonly #exchange: Exchange;
  readonly #answer: HandwrittenAnswer;
  readonly #outcome: Deferred<void> = deferred();
  #transport: Transport | undefined;
  #drained: WriteCallback | undefined;

  constructor(exchange: Exchange, server: NodeServer | null) {
    super(exchange.connection, server);
    this.#exchange = exchange;
    this.#answer = new HandwrittenAnswer(exchange, (headers, rest) => this.#switch(headers, rest));
    this.on("error", ignore);
  }

  /** Resolves once the request is answered, or can't be; rejects with a breach of the exchange's rules. */
  get outcome(): Promise<void> {
    return this.#outcome.promise;
  }

  /** For the exchange's signal only: the client has left before it was answered. */
  handleEvent(): void {
    if (this.#transport === undefined) this.destroy();
  }

  connectionClosed(): void {
    this.destroy();
  }

  override _read(): void {
    this.#transport?.resume();
  }

  override _write(data: string | Uint8Array, encoding: BufferEncoding, callback: WriteCallback): void {
    this.#write(toBytes(data, encoding), callback);
  }

  override _writev(
    chunks: readonly { chunk: string | Uint8Array; encoding: BufferEncoding }[],
    callback: WriteCallback,
  ): void {
    this.#write(Buffer.concat(chunks.map(({ chunk, encoding }) => toBytes(chunk, encoding))), callback);
  }

  override _final(callback: WriteCallback): void {
    if (this.#transport !== undefined) this.#transport.end();
    else this.#answer.end();
    callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    if (this.#transport === undefined) this.#answer.end();
    else if (this.writableFinished) this.#transport.close();
    else this.#transport.destroy();
    this.#outcome.resolve();
    super._destroy(error, callback as WriteCallback);
  }

  // What the transport calls.

  onData(chunk: Uint8Array): void {
    this._unrefTimer();
    const lent = this.#transport?.reusesChunks === true;
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (!this.push(lent ? Buffer.from(bytes) : bytes)) this.#transport?.pause();
  }

  onEnd(): void {
    this.push(null);
    // As a socket of Node: its end is told even where nobody has read.
    if (this.readableLength === 0) this.read(0);
  }

  onDrain(): void {
    const drained = this.#drained;
    this.#drained = undefined;
    drained?.();
  }

  onClose(error: Error | null): void {
    this.destroy(error ?? undefined);
  }

  #write(bytes: Uint8Array, callback: WriteCallback): void {
    this._unrefTimer();
    if (this.#transport !== undefined) {
      if (this.#transport.write(bytes)) callback();
      else this.#drained = callback;
      return;
    }
    try {
      this.#answer.write(bytes);
    } catch (error) {
      this.#outcome.reject(error);
      callback(error as Error);
      return;
    }
    callback();
  }

  #switch(headers: HeaderList, rest: Uint8Array): void {
    const others = headers.filter((_, i) => headers[i - (i % 2)]?.toLowerCase() !== "upgrade");
    const at = headers.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === "upgrade");
    const protocol = headers[at + 1] ?? "";
    this.#transport = this.#exchange.upgrade(protocol, others);
    this.#outcome.resolve();
    if (rest.byteLength > 0) this.#transport.write(rest);
    this.#transport.start(this);
  }
}

function toBytes(data: string | Uint8Array, encoding: BufferEncoding): Uint8Array {
  return typeof data === "string" ? Buffer.from(data, encoding) : data;
}

function ignore(): void {}

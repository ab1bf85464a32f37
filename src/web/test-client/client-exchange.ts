/** An exchange that is answered to a client in the same process, piece by piece. */
import { MemoryExchange, type MemoryExchangeOptions } from "../../gateway/memory-exchange.ts";
import type { HeaderList } from "../../http/exchange.ts";

/** Bytes that may wait for the client before the application is asked to wait, as a socket's buffer has it. */
const HIGH_WATER_MARK = 64 * 1024;

export class ClientExchange extends MemoryExchange {
  /** Resolves when there is an answer's head, or there will be none. */
  readonly begun: Promise<void>;
  #onBegun: () => void = () => {};
  #onMore: (() => void) | undefined;

  constructor(target: string, options: MemoryExchangeOptions) {
    super(target, { highWaterMark: HIGH_WATER_MARK, ...options });
    this.begun = new Promise((resolve) => {
      this.#onBegun = resolve;
    });
  }

  /**
   * The answer's content as it comes. Who stops reading before the end has left, and the application is told.
   * @param failure what is thrown where the answer was cut off
   */
  async *content(failure: () => unknown): AsyncGenerator<Uint8Array, undefined> {
    try {
      for (;;) {
        const bytes = this.take();
        if (bytes.byteLength > 0) yield bytes;
        else if (this.complete) return undefined;
        else if (this.closed) throw failure();
        else await this.#more();
      }
    } finally {
      this.disconnect();
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#onMore = resolve;
    });
  }

  #wake(): void {
    this.#onBegun();
    this.#onMore?.();
    this.#onMore = undefined;
  }

  // What `CheckedExchange` asks for.

  /** @internal */
  override sendWhole(
    status: number,
    headers: HeaderList,
    body: string | Uint8Array | null,
    contentLength: number,
    reason: string | undefined,
  ): void {
    const fields = contentLength < 0 ? headers : [...headers, "content-length", String(contentLength)];
    super.sendWhole(status, fields, body, contentLength, reason);
  }

  /** @internal */
  override sendHead(
    status: number,
    headers: HeaderList,
    bodiless: boolean,
    reason: string | undefined,
  ): void {
    super.sendHead(status, headers, bodiless, reason);
    this.#wake();
  }

  /** @internal */
  override sendPiece(piece: string | Uint8Array): Promise<void> | undefined {
    const waiting = super.sendPiece(piece);
    this.#wake();
    return waiting;
  }

  /** @internal */
  override sendEnd(trailers: HeaderList): void {
    super.sendEnd(trailers);
    this.#wake();
  }

  /** @internal */
  override clientLost(): void {
    super.clientLost();
    this.#wake();
  }
}

/** The request content of a `MemoryExchange`. */
import { RequestError } from "../http/errors.ts";
import type { RequestBody } from "../http/exchange.ts";
import type { FieldSection } from "../http/field-section.ts";

const encoder = new TextEncoder();

export class MemoryBody implements RequestBody {
  readonly length: number | null;
  readonly trailers: FieldSection | null = null;
  maxBytes: number;
  readonly #pieces: AsyncIterator<string | Uint8Array> | Iterator<string | Uint8Array>;
  #bytesRead = 0;
  #gone: (() => void) | undefined;
  readonly #disconnected: Promise<void>;
  #isDisconnected = false;

  constructor(content: string | Uint8Array | AsyncIterable<string | Uint8Array>, maxBytes: number) {
    const whole = typeof content === "string" ? encoder.encode(content) : content;
    this.length = whole instanceof Uint8Array ? whole.byteLength : null;
    this.#pieces = whole instanceof Uint8Array ? [whole].values() : whole[Symbol.asyncIterator]();
    this.maxBytes = maxBytes;
    this.#disconnected = new Promise((resolve) => {
      this.#gone = resolve;
    });
  }

  async read(): Promise<Uint8Array | null> {
    for (;;) {
      if (this.length !== null && this.length > this.maxBytes) throw this.#tooLarge();
      const next = this.#isDisconnected
        ? undefined
        : await Promise.race([this.#pieces.next(), this.#disconnected]);
      if (next === undefined || this.#isDisconnected) {
        throw new RequestError(
          400,
          "incomplete-body",
          "the client left before the end of the request's content",
        );
      }
      if (next.done === true) return null;
      const bytes = typeof next.value === "string" ? encoder.encode(next.value) : new Uint8Array(next.value);
      this.#bytesRead += bytes.byteLength;
      if (this.#bytesRead > this.maxBytes) throw this.#tooLarge();
      // A piece is never empty.
      if (bytes.byteLength > 0) return bytes;
    }
  }

  async bytes(): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this) pieces.push(piece);
    return new Uint8Array(Buffer.concat(pieces));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (let piece = await this.read(); piece !== null; piece = await this.read()) yield piece;
  }

  /** The client has left: a read that waits, and any later one, fails. */
  disconnect(): void {
    this.#isDisconnected = true;
    this.#gone?.();
  }

  #tooLarge(): RequestError {
    return new RequestError(
      413,
      "body-too-large",
      `the request's content is larger than ${this.maxBytes} bytes`,
    );
  }
}

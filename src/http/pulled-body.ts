/** The body of a request: a pull stream over whatever its connection reads from. While nobody pulls, the sender is held. */
import { ExchangeError, RequestError } from "./errors.ts";
import type { RequestBody } from "./exchange.ts";
import type { FieldSection } from "./field-section.ts";
import { CHUNKED } from "./framing.ts";

/** What the body needs of its connection. */
export interface BodySource {
  /** The next piece, null at the end, undefined when more bytes must come first. Throws RequestError. */
  pullBody(): Uint8Array | null | undefined;
  /** Somebody waits for bytes: see that they come. */
  wantBody(): void;
  /** The content of this length, lent, if all of it has come; its end is taken as well. Else null, and nothing is taken. */
  pullWhole?(length: number): Uint8Array | null;
  readonly bodyTrailers: FieldSection | null;
}

interface Waiting {
  resolve(piece: Uint8Array | null): void;
  reject(error: unknown): void;
}

export class PulledBody implements RequestBody {
  readonly length: number | null;
  maxBytes: number;
  readonly #source: BodySource;
  #received = 0;
  #ended = false;
  /** What was wrong with the bytes that came. */
  #error: RequestError | null = null;
  /** Why no more bytes will come. */
  #failure: RequestError | null = null;
  #waiting: Waiting | null = null;

  constructor(source: BodySource, length: number, maxBytes: number) {
    this.#source = source;
    this.length = length === CHUNKED ? null : length;
    this.maxBytes = maxBytes;
  }

  get trailers(): FieldSection | null {
    return this.#ended ? this.#source.bodyTrailers : null;
  }

  /** Bytes that have been read so far. */
  get received(): number {
    return this.#received;
  }

  /** Whether the bytes were at fault, so that nothing behind them should be read. */
  get broken(): boolean {
    return this.#error !== null;
  }

  read(): Promise<Uint8Array | null> {
    try {
      const piece = this.#pull();
      return piece === undefined ? this.#wait() : Promise.resolve(piece);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async bytes(): Promise<Uint8Array> {
    // Most bodies come in one piece. Of the others no piece is kept: a client chooses how small they are.
    let first: Uint8Array | null = null;
    let joined: Buffer | null = null;
    let size = 0;
    for (;;) {
      let piece = this.#pull();
      if (piece === undefined) piece = await this.#wait();
      if (piece === null) break;
      const needed = size + piece.length;
      if (first === null) {
        first = piece;
      } else {
        if (joined === null || needed > joined.length) {
          const grown: Buffer = Buffer.allocUnsafeSlow(Math.max(2 * needed, this.length ?? 0));
          grown.set(joined ?? first);
          joined = grown;
        }
        joined.set(piece, size);
      }
      size = needed;
    }
    return joined === null ? (first ?? new Uint8Array(0)) : joined.subarray(0, size);
  }

  readWhole(): Uint8Array | null {
    const { length } = this;
    if (length === null || length > this.maxBytes || this.#received > 0 || this.#ended) return null;
    if (this.#waiting !== null || this.#error !== null || this.#failure !== null) return null;
    const bytes = this.#source.pullWhole?.(length) ?? null;
    if (bytes !== null) {
      this.#received = length;
      this.#ended = true;
    }
    return bytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (let piece = await this.read(); piece !== null; piece = await this.read()) yield piece;
  }

  /** Bytes have come: serves whoever waits. */
  wake(): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    try {
      const piece = this.#pullOnce();
      if (piece === undefined) return;
      this.#waiting = null;
      waiting.resolve(piece);
    } catch (error) {
      this.#waiting = null;
      waiting.reject(error);
    }
  }

  /** The exchange is over: the bytes that are left are no longer this body's. */
  close(): void {
    if (this.#ended) return;
    this.#error ??= new RequestError(
      400,
      "body-dropped",
      "the request was answered before its body was read",
    );
    this.wake();
  }

  /** No more bytes will come: the error is for whoever reads beyond those that have. */
  fail(error: RequestError): void {
    this.#failure ??= error;
    this.wake();
  }

  #pull(): Uint8Array | null | undefined {
    if (this.#waiting !== null) throw new ExchangeError("the request's body is being read already");
    return this.#pullOnce();
  }

  #pullOnce(): Uint8Array | null | undefined {
    if (this.#ended) return null;
    if (this.#error !== null) throw this.#error;
    if (this.length !== null && this.length > this.maxBytes) throw this.#tooLarge();
    try {
      const piece = this.#source.pullBody();
      if (piece === null) this.#ended = true;
      else if (piece !== undefined) this.#received += piece.length;
      else if (this.#failure !== null) throw this.#failure;
      if (this.#received > this.maxBytes) throw this.#tooLarge();
      return piece;
    } catch (error) {
      if (error instanceof RequestError) this.#error = error;
      throw error;
    }
  }

  #wait(): Promise<Uint8Array | null> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#source.wantBody();
    });
  }

  #tooLarge(): RequestError {
    return new RequestError(413, "body-too-large", `the body is larger than ${this.maxBytes} bytes`);
  }
}

/**
 * The reading half of a connection: what has come and was not read, and the one read that waits for more.
 *
 * What waits is kept in fields: a read makes its promise and its result, and nothing else.
 */

import { ByteBuffer, fillsItsMemory } from "../codecs/byte-buffer.ts";
import type { Decoder } from "../codecs/codec.ts";
import { EndOfStream, Timeout } from "../errors.ts";
import type { Transport } from "../transport/transport.ts";
import { quiet, rejected } from "./promises.ts";

/** How long a read waits. */
export interface WaitOptions {
  /** Milliseconds after which it fails with `Timeout`. Default: the connection's `readTimeout`. 0: never. */
  readonly timeout?: number;
  /** Stops it: it fails with the signal's reason. */
  readonly signal?: AbortSignal;
}

type Result = IteratorResult<unknown, undefined>;
const finished: Result = { done: true, value: undefined };

export class StreamReader {
  readonly #transport: Transport;
  readonly #highWaterMark: number;
  readonly #timeout: number;
  /** Made when something has to wait: a chunk that is read when it comes never does. */
  #buffer: ByteBuffer | null = null;
  #paused = false;
  #ended = false;
  #failure: Error | null = null;

  // The read under way. Without a decoder, it wants any bytes.
  #waiting = false;
  #decoder: Decoder<unknown> | null = null;
  #max = 0;
  #iterating = false;
  #promise: Promise<unknown> | null = null;
  #resolve: ((value: unknown) => void) | null = null;
  #reject: ((error: unknown) => void) | null = null;
  #timer: NodeJS.Timeout | undefined;
  #signal: AbortSignal | undefined;

  /**
   * @param highWaterMark bytes that may wait unread before the transport is paused
   * @param timeout milliseconds that a read waits if it does not say; 0: for ever
   */
  constructor(transport: Transport, highWaterMark: number, timeout: number) {
    this.#transport = transport;
    this.#highWaterMark = highWaterMark;
    this.#timeout = timeout;
  }

  /** How many bytes have come and were not read. */
  get bufferedBytes(): number {
    return this.#buffer?.length ?? 0;
  }

  /** Reads what has come, at most `max` bytes; null at the end. */
  read(max: number, options?: WaitOptions): Promise<Uint8Array | null> {
    return this.#begin(null, max, false, options) as Promise<Uint8Array | null>;
  }

  /** Reads one value; null at the end. */
  decode<T>(decoder: Decoder<T>, options?: WaitOptions): Promise<T | null> {
    return this.#begin(decoder, 0, false, options) as Promise<T | null>;
  }

  /** As `read` or, with a decoder, `decode`, for an iterator. */
  next<T>(decoder: Decoder<T> | null, options?: WaitOptions): Promise<IteratorResult<T, undefined>> {
    return this.#begin(decoder, Number.POSITIVE_INFINITY, true, options) as Promise<
      IteratorResult<T, undefined>
    >;
  }

  unread(bytes: Uint8Array): void {
    if (this.#waiting) throw new Error(twoReads);
    this.#buffered().unread(bytes);
    this.#regulate();
  }

  /** Bytes have come. */
  push(chunk: Uint8Array): void {
    if (this.#failure !== null) return;
    const lent = this.#transport.reusesChunks;
    if (
      this.#waiting &&
      this.#decoder === null &&
      this.bufferedBytes === 0 &&
      chunk.length <= this.#max &&
      !lent &&
      fillsItsMemory(chunk)
    ) {
      this.#settle(chunk);
      return;
    }
    this.#buffered().push(lent ? Buffer.from(chunk) : chunk);
    if (this.#waiting) this.#retry();
    else this.#regulate();
  }

  /** The peer has ended its side. */
  end(): void {
    this.#ended = true;
    if (this.#waiting) this.#retry();
  }

  /** Nothing more will come. What has come can still be read, then reads fail. After an orderly end they don't. */
  lose(error: Error): void {
    if (this.#ended || this.#failure !== null) return;
    this.#failure = error;
    if (this.#waiting) this.#retry();
  }

  /** Nothing more is wanted: what has come is dropped, what comes is ignored, and reads fail. */
  discard(error: Error): void {
    this.#failure = error;
    this.#buffer?.clear();
    if (this.#waiting) this.#fail(error);
    this.#regulate();
  }

  /** For the signal of a read. */
  handleEvent(): void {
    this.#fail(this.#signal?.reason);
  }

  /** For the timer of a read. */
  expire(milliseconds: number): void {
    this.#fail(
      new Timeout("read", milliseconds, `nothing that was waited for came within ${milliseconds} ms`),
    );
  }

  #begin(
    decoder: Decoder<unknown> | null,
    max: number,
    iterating: boolean,
    options: WaitOptions | undefined,
  ): Promise<unknown> {
    if (this.#waiting) return rejected(new Error(twoReads));
    if (options?.signal?.aborted) return rejected(options.signal.reason);
    this.#decoder = decoder;
    this.#max = max;
    this.#iterating = iterating;
    let value: unknown;
    try {
      value = this.#attempt();
    } catch (error) {
      this.#regulate();
      return rejected(error);
    }
    if (value === undefined) return this.#wait(options);
    this.#regulate();
    return Promise.resolve(iterating ? iteration(value) : value);
  }

  /** The value, null at the end, or undefined when it needs more bytes. Throws what the read fails with. */
  #attempt(): unknown {
    const decoder = this.#decoder;
    if (decoder === null) {
      if (this.#buffer !== null && this.#buffer.length > 0) return this.#buffer.takeSome(this.#max);
    } else {
      const value = decoder.decode(this.#buffered());
      if (value !== undefined) return value;
    }
    if (this.#failure !== null) throw this.#failure;
    if (!this.#ended) return undefined;
    if (decoder === null) return null;
    const buffer = this.#buffered();
    if (decoder.decodeEnd !== undefined) return decoder.decodeEnd(buffer);
    if (buffer.length === 0) return null;
    throw new EndOfStream("the peer ended its side within a message", buffer.peek(buffer.length));
  }

  #wait(options: WaitOptions | undefined): Promise<unknown> {
    this.#waiting = true;
    this.#buffer?.compact();
    this.#resume();
    const timeout = options?.timeout ?? this.#timeout;
    if (timeout > 0) this.#timer = setTimeout(expire, timeout, this, timeout);
    const signal = options?.signal;
    if (signal !== undefined) {
      this.#signal = signal;
      signal.addEventListener("abort", this);
    }
    const promise = new Promise<unknown>(capture);
    this.#promise = promise;
    this.#resolve = captured.resolve;
    this.#reject = captured.reject;
    return promise;
  }

  #retry(): void {
    let value: unknown;
    try {
      value = this.#attempt();
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (value !== undefined) this.#settle(value);
  }

  #settle(value: unknown): void {
    const resolve = this.#resolve as (value: unknown) => void;
    this.#stopWaiting();
    this.#regulate();
    resolve(this.#iterating ? iteration(value) : value);
  }

  #fail(error: unknown): void {
    const reject = this.#reject as (error: unknown) => void;
    quiet(this.#promise as Promise<unknown>);
    this.#stopWaiting();
    this.#regulate();
    reject(error);
  }

  #stopWaiting(): void {
    this.#waiting = false;
    this.#promise = null;
    this.#resolve = null;
    this.#reject = null;
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    if (this.#signal !== undefined) {
      this.#signal.removeEventListener("abort", this);
      this.#signal = undefined;
    }
  }

  /** While nobody waits, the transport runs until `highWaterMark` bytes are unread. */
  #regulate(): void {
    if (this.bufferedBytes < this.#highWaterMark) this.#resume();
    else if (!this.#paused) {
      this.#paused = true;
      this.#transport.pause();
    }
  }

  #buffered(): ByteBuffer {
    this.#buffer ??= new ByteBuffer();
    return this.#buffer;
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#transport.resume();
  }
}

const twoReads = "a read is under way on this connection: wait for it before the next one is begun";

function iteration(value: unknown): Result {
  return value === null ? finished : { done: false, value };
}

function expire(reader: StreamReader, milliseconds: number): void {
  reader.expire(milliseconds);
}

/** The functions of the promise made last, so that making one needs no closure. */
const captured: { resolve: ((value: unknown) => void) | null; reject: ((error: unknown) => void) | null } = {
  resolve: null,
  reject: null,
};

function capture(resolve: (value: unknown) => void, reject: (error: unknown) => void): void {
  captured.resolve = resolve;
  captured.reject = reject;
}

/** A connection as a protocol's author sees it: an async byte stream, the same for both ends and for TCP, TLS and Unix. */
import type { Codec } from "../codecs/codec.ts";
import { DEFAULT_MAX_LINE, LineDecoder, UntilDecoder } from "../codecs/delimiters.ts";
import { ExactDecoder, PeekDecoder } from "../codecs/exact.ts";
import { type TextOptions, Utf8Decoder } from "../codecs/utf8.ts";
import type { ProxiedEndpoints } from "../transport/proxied-endpoints.ts";
import type { TlsFacts } from "../transport/tls-facts.ts";
import type { Endpoints, Transport } from "../transport/transport.ts";
import { type ConnectionOptions, ConnectionState } from "./connection-state.ts";
import { Framed } from "./framed.ts";
import { ReadIterator } from "./read-iterator.ts";
import type { WaitOptions } from "./stream-reader.ts";

export type { ConnectionOptions } from "./connection-state.ts";

/** What a read takes, and how long it waits. */
export interface ReadOptions extends WaitOptions {
  /** The most bytes that it takes. Default: 64 KiB for `readLine` and `readUntil`, beyond which they fail with `LimitExceeded`; none for the others. */
  readonly max?: number;
}

/** How a line or a text is read. */
export interface TextReadOptions extends ReadOptions, TextOptions {}

const defaultLine: LineDecoder = new LineDecoder(DEFAULT_MAX_LINE, false);
const noOptions: ConnectionOptions = {};
const NO_MAX = Number.POSITIVE_INFINITY;

/**
 * An async byte stream in both directions.
 *
 *     for await (const chunk of connection) await connection.write(chunk);
 *
 * Reads take turns: a second one while the first waits is an error. A read that fails with `LimitExceeded`,
 * `Timeout`, `EndOfStream` or an abort takes nothing, and the connection stays usable. When the connection
 * itself is lost, reads still find what had come, and then fail with `ConnectionLost`, or with the
 * `Timeout` or the reason that it was aborted for.
 *
 * Bytes that a read returns are views of the chunk that came, where they are at least half of the memory that
 * they keep alive, and else copies: keeping a few bytes costs a few bytes. Bytes that were given to
 * `write` or `unread` must not be changed any more.
 *
 * A rejection that nobody awaits does not end the process: what makes a connection fail is up to the peer.
 */
export class Connection implements AsyncIterable<Uint8Array>, AsyncDisposable, Endpoints {
  readonly #state: ConnectionState;

  /** Takes the transport over and starts it. */
  constructor(transport: Transport, options: ConnectionOptions = noOptions) {
    this.#state = new ConnectionState(transport, options);
  }

  /**
   * Reads what has come, as soon as there is any, at most `max` bytes; null when the peer has ended its side.
   * @throws Timeout, ConnectionLost
   */
  read(options?: ReadOptions): Promise<Uint8Array | null> {
    return this.#state.reader.read(size(options?.max, NO_MAX, 1), options);
  }

  /** Reads `count` bytes. @throws EndOfStream, Timeout, ConnectionLost */
  readExactly(count: number, options?: WaitOptions): Promise<Uint8Array> {
    return this.#decode(new ExactDecoder(size(count, 0, 0)), options);
  }

  /**
   * Reads up to and with a delimiter (a string stands for its UTF-8 bytes).
   * @throws LimitExceeded when it does not end within `max` bytes (default 64 KiB); EndOfStream, Timeout, ConnectionLost
   */
  readUntil(delimiter: string | Uint8Array, options?: ReadOptions): Promise<Uint8Array> {
    return this.#decode(new UntilDecoder(delimiter, size(options?.max, DEFAULT_MAX_LINE, 1)), options);
  }

  /**
   * Reads a line of UTF-8 text, without the LF or CRLF that ends it; null when the peer has ended its side. The
   * last line needs no line end. Malformed UTF-8 becomes U+FFFD, or with `fatal` an `InvalidData`, and that line is taken.
   * @throws LimitExceeded when no line end comes within `max` bytes (default 64 KiB); InvalidData, Timeout, ConnectionLost
   */
  readLine(options?: TextReadOptions): Promise<string | null> {
    return this.#state.reader.decode(lineDecoder(options), options);
  }

  /** As `readLine`, until the peer ends its side: `for await (const line of connection.lines())`. Leaving the loop leaves the connection open. */
  lines(options?: TextReadOptions): AsyncIterableIterator<string, undefined> {
    return new ReadIterator(this.#state.reader, lineDecoder(options), options);
  }

  /**
   * Reads what has come as UTF-8 text, at most `max` bytes of it, up to the last whole character; null when the peer
   * has ended its side. Malformed UTF-8 becomes U+FFFD, or with `fatal` an `InvalidData`.
   * @throws InvalidData, Timeout, ConnectionLost
   */
  readText(options?: TextReadOptions): Promise<string | null> {
    return this.#state.reader.decode(utf8Decoder(options), options);
  }

  /** As `readText`, until the peer ends its side: `for await (const text of connection.text())`. */
  text(options?: TextReadOptions): AsyncIterableIterator<string, undefined> {
    return new ReadIterator(this.#state.reader, utf8Decoder(options), options);
  }

  /** The next `count` bytes, which stay to be read; fewer when the peer ends its side before. @throws Timeout, ConnectionLost */
  peek(count: number, options?: WaitOptions): Promise<Uint8Array> {
    return this.#decode(new PeekDecoder(size(count, 0, 0)), options);
  }

  /** Puts bytes back, to be read next. */
  unread(bytes: Uint8Array): void {
    this.#state.reader.unread(bytes);
  }

  /** The connection as messages of a format: `for await (const message of connection.framed(jsonLines()))`. */
  framed<T>(codec: Codec<T>): Framed<T> {
    return new Framed(codec, this.#state.reader, this.#state);
  }

  /** Chunk after chunk as they come, until the peer ends its side. Fails as `read`. Leaving the loop leaves the connection open. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return new ReadIterator<Uint8Array>(this.#state.reader, null);
  }

  /**
   * Queues bytes, or text as UTF-8. Resolves when it is safe to write more, which is at once while the peer keeps up.
   * What is written within one turn of the event loop goes out together, at its end: what computes on without a pause
   * holds it back.
   * @throws ConnectionLost; Timeout when the peer took nothing for `writeTimeout`
   */
  write(data: string | Uint8Array): Promise<void> {
    return this.#state.write(data);
  }

  /**
   * Ends our side (FIN) behind what was written; the peer's side can still be read. Resolves when everything was handed
   * to the system or to its last buffer.
   * @throws as `write`
   */
  end(): Promise<void> {
    return this.#state.writer.end();
  }

  /**
   * Closes in good order: sends what was written, ends our side, ignores what still comes, and gives the peer two seconds after
   * that to end its own. Resolves when the connection is closed, however it came to that. Reads fail from now on.
   */
  close(): Promise<void> {
    return this.#state.close();
  }

  /** As `close`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Ends both sides at once and drops what is queued, also what was written just before. What waits fails with `reason`, if that is an error, or with `ConnectionLost`. */
  abort(reason?: unknown): void {
    this.#state.abort(reason);
  }

  /** Aborted when the connection is closed, for whatever reason: the signal's reason says which. */
  get signal(): AbortSignal {
    return this.#state.signal;
  }

  /** Resolves when the connection is closed, for whatever reason. Never rejects. */
  get closed(): Promise<void> {
    return this.#state.closed;
  }

  /** False once the connection is closing or closed. */
  get isOpen(): boolean {
    return this.#state.isOpen;
  }

  /** Bytes that were written and that the system has not taken: how far the peer is behind. */
  get bufferedBytes(): number {
    return this.#state.writer.bufferedBytes;
  }

  get remoteAddress(): string | undefined {
    return this.#state.transport.remoteAddress;
  }
  get remotePort(): number | undefined {
    return this.#state.transport.remotePort;
  }
  get localAddress(): string | undefined {
    return this.#state.transport.localAddress;
  }
  get localPort(): number | undefined {
    return this.#state.transport.localPort;
  }
  get encrypted(): boolean {
    return this.#state.transport.encrypted;
  }

  /** What is known of the encryption; undefined where there is none. */
  get tls(): TlsFacts | undefined {
    return this.#state.transport.tls;
  }

  /** What a proxy has told of the connection; the addresses above are then the client's. */
  get proxied(): ProxiedEndpoints | undefined {
    return this.#state.transport.proxied;
  }

  /** For decoders that have a value or throw, but never find an end. */
  #decode<T>(decoder: { decode: (input: never) => T | undefined }, options?: WaitOptions): Promise<T> {
    return this.#state.reader.decode(decoder as never, options) as Promise<T>;
  }
}

function lineDecoder(options: TextReadOptions | undefined): LineDecoder {
  return options?.max === undefined && options?.fatal === undefined
    ? defaultLine
    : new LineDecoder(size(options.max, DEFAULT_MAX_LINE, 1), options.fatal ?? false);
}

function utf8Decoder(options: TextReadOptions | undefined): Utf8Decoder {
  return new Utf8Decoder(size(options?.max, NO_MAX, 1), options?.fatal ?? false);
}

function size(value: number | undefined, byDefault: number, least: number): number {
  if (value === undefined) return byDefault;
  if (value === NO_MAX || (Number.isInteger(value) && value >= least)) return value;
  throw new RangeError(`a number of bytes is a whole number from ${least} up, not ${value}`);
}

/** Messages over a connection. */
import type { Codec } from "../codecs/codec.ts";
import { rejected } from "./promises.ts";
import { ReadIterator } from "./read-iterator.ts";
import type { StreamReader, WaitOptions } from "./stream-reader.ts";

/** What messages are sent with. */
interface Sink {
  write(data: string | Uint8Array): Promise<void>;
}

/**
 * A connection seen as messages of one format, in both directions. It holds nothing of its own: bytes that belong to no
 * message yet stay with the connection, and several views, and the connection's own reads, can take turns.
 */
export class Framed<T> implements AsyncIterable<T> {
  readonly #codec: Codec<T>;
  readonly #reader: StreamReader;
  readonly #sink: Sink;

  /** @internal */
  constructor(codec: Codec<T>, reader: StreamReader, sink: Sink) {
    this.#codec = codec;
    this.#reader = reader;
    this.#sink = sink;
  }

  /**
   * The next message; null when the peer has ended its side.
   * @throws EndOfStream within a message; LimitExceeded, InvalidData, as the codec says; Timeout; ConnectionLost
   */
  receive(options?: WaitOptions): Promise<T | null> {
    return this.#reader.decode(this.#codec, options);
  }

  /** Sends a message. Resolves when it is safe to send more, as `Connection.write`. @throws what the codec can't encode */
  send(message: T): Promise<void> {
    let data: string | Uint8Array;
    try {
      data = this.#codec.encode(message);
    } catch (error) {
      return rejected(error);
    }
    return this.#sink.write(data);
  }

  /** Message after message until the peer ends its side. Fails as `receive`. Leaving the loop leaves the connection open. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return new ReadIterator(this.#reader, this.#codec);
  }
}

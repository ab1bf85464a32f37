/** `for await` over what comes. Written by hand: an async generator costs several times as much a turn. */
import type { Decoder } from "../codecs/codec.ts";
import type { StreamReader, WaitOptions } from "./stream-reader.ts";

/** Value after value, or chunk after chunk without a decoder. It can be left and begun again: it holds no bytes. */
export class ReadIterator<T> implements AsyncIterableIterator<T, undefined> {
  readonly #reader: StreamReader;
  readonly #decoder: Decoder<T> | null;
  readonly #options: WaitOptions | undefined;

  constructor(reader: StreamReader, decoder: Decoder<T> | null, options?: WaitOptions) {
    this.#reader = reader;
    this.#decoder = decoder;
    this.#options = options;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return this.#reader.next(this.#decoder, this.#options);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

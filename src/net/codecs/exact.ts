/** A fixed number of bytes. */

import { EndOfStream } from "../errors.ts";
import type { ByteBuffer } from "./byte-buffer.ts";
import type { Decoder } from "./codec.ts";

/** So many bytes, and nothing less. */
export class ExactDecoder implements Decoder<Uint8Array> {
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
  }

  decode(input: ByteBuffer): Uint8Array | undefined {
    return input.length < this.#count ? undefined : input.take(this.#count);
  }

  decodeEnd(input: ByteBuffer): never {
    const { length } = input;
    throw new EndOfStream(
      `the peer ended its side after ${length} of ${this.#count} bytes`,
      input.peek(length),
    );
  }
}

/** The same, but they stay; fewer at the end. */
export class PeekDecoder implements Decoder<Uint8Array> {
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
  }

  decode(input: ByteBuffer): Uint8Array | undefined {
    return input.length < this.#count ? undefined : input.peek(this.#count);
  }

  decodeEnd(input: ByteBuffer): Uint8Array {
    return input.peek(input.length);
  }
}

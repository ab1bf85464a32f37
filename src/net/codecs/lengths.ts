/** Messages that say how long they are: binary length prefixes, and netstrings. */

import { InvalidData, LimitExceeded } from "../errors.ts";
import type { ByteBuffer } from "./byte-buffer.ts";
import type { Codec } from "./codec.ts";

/** The bytes of a message, where nothing else is asked for: 1 MiB. */
const DEFAULT_MAX = 1024 * 1024;

export interface LengthPrefixOptions {
  /** The form of the length: an unsigned number of so many bytes, or a LEB128 varint of up to five. Default 4. */
  readonly bytes?: 1 | 2 | 4 | "varint";
  /** The order of the bytes of a number. Default "big", the network's. A varint has its own. */
  readonly endian?: "big" | "little";
  /** The most bytes that a message may have. Default 1 MiB. Beyond it: `LimitExceeded`, and nothing is taken. */
  readonly max?: number;
}

/** Messages with their length before them. The length counts the message without itself. */
export function lengthPrefixed(options: LengthPrefixOptions = {}): Codec<Uint8Array> {
  const { bytes = 4, endian = "big", max = DEFAULT_MAX } = options;
  if (bytes === "varint") return new LengthCodec(new Varint(), Math.min(max, 2 ** 32 - 1));
  return new LengthCodec(new FixedWidth(bytes, endian === "little"), Math.min(max, 2 ** (8 * bytes) - 1));
}

export interface NetstringOptions {
  /** The most bytes that a string may have. Default 1 MiB. Beyond it: `LimitExceeded`, and nothing is taken. */
  readonly max?: number;
}

/** D. J. Bernstein's netstrings: `5:hello,`. */
export function netstrings(options: NetstringOptions = {}): Codec<Uint8Array> {
  return new NetstringCodec(options.max ?? DEFAULT_MAX);
}

/** A way to write a length. */
interface LengthFormat {
  /** Reads the length at the front of the buffer and sets `size` to its own size, or returns -1 when it is incomplete. */
  read(input: ByteBuffer): number;
  /** The bytes that the length which was read last takes. */
  size: number;
  write(length: number): Uint8Array;
}

class LengthCodec implements Codec<Uint8Array> {
  readonly #format: LengthFormat;
  readonly #max: number;

  constructor(format: LengthFormat, max: number) {
    this.#format = format;
    this.#max = max;
  }

  decode(input: ByteBuffer): Uint8Array | undefined {
    const length = this.#format.read(input);
    if (length < 0) return undefined;
    checkLength(length, this.#max);
    const { size } = this.#format;
    if (input.length < size + length) return undefined;
    input.skip(size);
    return input.take(length);
  }

  encode(message: Uint8Array): Uint8Array {
    checkLength(message.length, this.#max);
    return Buffer.concat([this.#format.write(message.length), message]);
  }
}

class FixedWidth implements LengthFormat {
  readonly size: number;
  readonly #littleEndian: boolean;

  constructor(size: number, littleEndian: boolean) {
    this.size = size;
    this.#littleEndian = littleEndian;
  }

  read(input: ByteBuffer): number {
    const { size } = this;
    if (input.length < size) return -1;
    let length = 0;
    for (let i = 0; i < size; i++) {
      length = length * 256 + (input.byteAt(this.#littleEndian ? size - 1 - i : i) as number);
    }
    return length;
  }

  write(length: number): Uint8Array {
    const bytes = Buffer.allocUnsafe(this.size);
    if (this.#littleEndian) bytes.writeUIntLE(length, 0, this.size);
    else bytes.writeUIntBE(length, 0, this.size);
    return bytes;
  }
}

/** Unsigned LEB128, as Protocol Buffers have it: seven bits a byte, the lowest first, the top bit saying "more". */
class Varint implements LengthFormat {
  size = 0;

  read(input: ByteBuffer): number {
    let length = 0;
    for (let i = 0; i < 5; i++) {
      const byte = input.byteAt(i);
      if (byte === undefined) return -1;
      length += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) {
        this.size = i + 1;
        return length;
      }
    }
    throw new InvalidData("a varint length has more than five bytes", input.peek(5));
  }

  write(length: number): Uint8Array {
    const bytes: number[] = [];
    let left = length;
    for (; left >= 0x80; left = Math.floor(left / 128)) bytes.push((left % 128) | 0x80);
    bytes.push(left);
    return Buffer.from(bytes);
  }
}

const COLON = 0x3a;
const COMMA = 0x2c;
const ZERO = 0x30;
const NINE = 0x39;

class NetstringCodec implements Codec<Uint8Array> {
  readonly #max: number;
  readonly #maxDigits: number;

  constructor(max: number) {
    this.#max = max;
    this.#maxDigits = String(max).length;
  }

  decode(input: ByteBuffer): Uint8Array | undefined {
    let length = 0;
    let at = 0;
    for (; ; at++) {
      const byte = input.byteAt(at);
      if (byte === undefined) return undefined;
      if (byte === COLON && at > 0) break;
      if (byte < ZERO || byte > NINE || (at === 1 && length === 0)) {
        throw new InvalidData(
          "a netstring begins with its length in decimal digits and a colon",
          input.peek(at + 1),
        );
      }
      if (at >= this.#maxDigits) throw tooLong(this.#max);
      length = length * 10 + byte - ZERO;
    }
    checkLength(length, this.#max);
    const end = at + 1 + length;
    if (input.length <= end) return undefined;
    if (input.byteAt(end) !== COMMA) {
      throw new InvalidData("a netstring ends with a comma where its length says", input.peek(at + 1));
    }
    input.skip(at + 1);
    const message = input.take(length);
    input.skip(1);
    return message;
  }

  encode(message: Uint8Array): Uint8Array {
    checkLength(message.length, this.#max);
    return Buffer.concat([Buffer.from(`${message.length}:`), message, Buffer.from(",")]);
  }
}

function checkLength(length: number, max: number): void {
  if (length > max) throw tooLong(max, length);
}

function tooLong(max: number, length?: number): LimitExceeded {
  const found = length === undefined ? "" : `: it has ${length}`;
  return new LimitExceeded(`a message may have ${max} bytes${found}`, max);
}

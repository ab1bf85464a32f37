/** Text in UTF-8 (RFC 3629), as it comes in pieces and goes out. */
import { isUtf8 } from "node:buffer";
import { InvalidData } from "../errors.ts";
import type { ByteBuffer } from "./byte-buffer.ts";
import type { Decoder } from "./codec.ts";

/** How text is read. */
export interface TextOptions {
  /**
   * Whether bytes that are not UTF-8 are an error (`InvalidData`; they are taken, and the next read goes on behind
   * them). Default false: each malformed sequence becomes U+FFFD.
   */
  readonly fatal?: boolean;
}

/** The longest character. */
const MAX_CHARACTER_BYTES = 4;

/** What of a text is there, up to the last whole character. */
export class Utf8Decoder implements Decoder<string> {
  readonly #max: number;
  readonly #fatal: boolean;

  /** @param max bytes to take at a time (at least one character is) */
  constructor(max: number, fatal: boolean) {
    this.#max = Math.max(max, MAX_CHARACTER_BYTES);
    this.#fatal = fatal;
  }

  decode(input: ByteBuffer): string | undefined {
    const size = Math.min(input.length, this.#max);
    const whole = size - incompleteTail(input, size);
    return whole === 0 ? undefined : takeText(input, whole, this.#fatal);
  }

  decodeEnd(input: ByteBuffer): string | null {
    return input.length === 0 ? null : takeText(input, input.length, this.#fatal);
  }
}

/** Takes bytes as text. @throws InvalidData for malformed UTF-8, if `fatal` */
export function takeText(input: ByteBuffer, size: number, fatal: boolean): string {
  if (fatal) {
    const bytes = input.peek(size);
    if (!isUtf8(bytes)) {
      input.skip(size);
      throw new InvalidData("the text is not UTF-8", bytes);
    }
  }
  return input.takeText(size);
}

/**
 * Text as `Transport.write` takes it: as it is where its latin1 bytes are its UTF-8 bytes (that is, where it is
 * ASCII), else encoded.
 */
export function encodeText(text: string): string | Uint8Array {
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text);
}

/** How many of the first `size` bytes are, at their end, the beginning of a character that is not complete. */
function incompleteTail(input: ByteBuffer, size: number): number {
  for (let back = 1; back < MAX_CHARACTER_BYTES && back <= size; back++) {
    const byte = input.byteAt(size - back) as number;
    if ((byte & 0xc0) !== 0x80) return characterLength(byte) > back ? back : 0;
  }
  return 0;
}

/** The length of the character that begins with a byte; 1 for bytes that can't begin one. */
function characterLength(first: number): number {
  if (first < 0xc2 || first > 0xf4) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

/** JSON Lines: one JSON value a line. */

import { InvalidData } from "../errors.ts";
import type { ByteBuffer } from "./byte-buffer.ts";
import type { Codec } from "./codec.ts";
import { DEFAULT_MAX_LINE, LineDecoder } from "./delimiters.ts";

export interface JsonLineOptions {
  /** The most bytes that a line may have, with its line end. Default 64 KiB. Beyond it: `LimitExceeded`. */
  readonly max?: number;
}

/**
 * One JSON value a line, in UTF-8. Blank lines are skipped. A line that is not JSON is an `InvalidData`; it is taken,
 * and the next read goes on behind it.
 * `T` is what the peer is trusted to send: nothing checks it.
 */
export function jsonLines<T = unknown>(options: JsonLineOptions = {}): Codec<T> {
  return new JsonLineCodec<T>(options.max ?? DEFAULT_MAX_LINE);
}

class JsonLineCodec<T> implements Codec<T> {
  readonly #line: LineDecoder;

  constructor(max: number) {
    this.#line = new LineDecoder(max, true);
  }

  decode(input: ByteBuffer): T | undefined {
    for (;;) {
      const line = this.#line.decode(input);
      if (line === undefined) return undefined;
      if (!isBlank(line)) return parse(line);
    }
  }

  decodeEnd(input: ByteBuffer): T | null {
    const line = this.#line.decodeEnd(input);
    return line === null || isBlank(line) ? null : parse(line);
  }

  encode(value: T): string {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) throw new TypeError(`a ${typeof value} has no form in JSON`);
    return `${text}\n`;
  }
}

function isBlank(line: string): boolean {
  return line.trim() === "";
}

function parse<T>(line: string): T {
  try {
    return JSON.parse(line) as T;
  } catch (error) {
    throw new InvalidData(`the line is not JSON: ${(error as Error).message}`, Buffer.from(line));
  }
}

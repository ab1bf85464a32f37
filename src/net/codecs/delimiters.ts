/** Lines, and other messages that end with a fixed sequence of bytes. */

import { EndOfStream, LimitExceeded } from "../errors.ts";
import type { ByteBuffer } from "./byte-buffer.ts";
import type { Codec, Decoder } from "./codec.ts";
import { type TextOptions, takeText } from "./utf8.ts";

/** The bytes of a line or of a delimited message, where nothing else is asked for: 64 KiB. */
export const DEFAULT_MAX_LINE: number = 64 * 1024;

const LF: Uint8Array = Buffer.from("\n");
const CR = 0x0d;

/** Bytes up to and with a delimiter. */
export class UntilDecoder implements Decoder<Uint8Array> {
  readonly delimiter: Buffer;
  readonly #max: number;

  constructor(delimiter: string | Uint8Array, max: number) {
    // A copy: the search remembers it.
    this.delimiter = Buffer.from(delimiter as string);
    if (this.delimiter.length === 0) throw new TypeError("a delimiter has at least one byte");
    this.#max = max;
  }

  decode(input: ByteBuffer): Uint8Array | undefined {
    const at = seek(input, this.delimiter, this.#max);
    return at < 0 ? undefined : input.take(at + this.delimiter.length);
  }

  decodeEnd(input: ByteBuffer): never {
    throw new EndOfStream("the peer ended its side before the delimiter", input.peek(input.length));
  }
}

/** A line as text. At the end of the stream, the last line needs no line end. */
export class LineDecoder implements Decoder<string> {
  readonly #max: number;
  readonly #fatal: boolean;

  constructor(max: number, fatal: boolean) {
    this.#max = max;
    this.#fatal = fatal;
  }

  decode(input: ByteBuffer): string | undefined {
    const at = seek(input, LF, this.#max);
    return at < 0 ? undefined : takeLine(input, at, this.#fatal);
  }

  decodeEnd(input: ByteBuffer): string | null {
    return input.length === 0 ? null : takeText(input, input.length, this.#fatal);
  }
}

/** Where the delimiter begins; -1 when it is still to come. @throws LimitExceeded when it can't come any more */
function seek(input: ByteBuffer, delimiter: Uint8Array, max: number): number {
  const at = input.indexOf(delimiter, max);
  if (at < 0 && input.length >= max) {
    const what = delimiter === LF ? "line end" : "delimiter";
    throw new LimitExceeded(`there is no ${what} within ${max} bytes`, max);
  }
  return at;
}

function takeLine(input: ByteBuffer, lineFeedAt: number, fatal: boolean): string {
  const cr = lineFeedAt > 0 && input.byteAt(lineFeedAt - 1) === CR ? 1 : 0;
  try {
    return takeText(input, lineFeedAt - cr, fatal);
  } finally {
    input.skip(cr + 1);
  }
}

export interface LineOptions extends TextOptions {
  /** The most bytes that a line may have, with its line end. Default 64 KiB. Beyond it: `LimitExceeded`. */
  readonly max?: number;
  /** What ends the lines that are sent. Default "\n". Lines that come may end with either. */
  readonly eol?: "\n" | "\r\n";
}

/** Lines of text. Those that come end with LF or CRLF; the last one need not. */
export function lines(options: LineOptions = {}): Codec<string> {
  return new LineCodec(options);
}

class LineCodec extends LineDecoder implements Codec<string> {
  readonly #eol: string;

  constructor(options: LineOptions) {
    super(options.max ?? DEFAULT_MAX_LINE, options.fatal ?? false);
    this.#eol = options.eol ?? "\n";
  }

  encode(line: string): string {
    if (line.includes("\n")) throw new TypeError("a line can't have a line feed in it: it would be two");
    if (line.endsWith("\r") && this.#eol === "\n") {
      throw new TypeError("a line can't end with a carriage return: it would come without it");
    }
    return line + this.#eol;
  }
}

export interface DelimitedOptions {
  /** The most bytes that a message may have, with its delimiter. Default 64 KiB. Beyond it: `LimitExceeded`. */
  readonly max?: number;
}

/** Messages that end with `delimiter`, which is not part of them and can't be. */
export function delimited(delimiter: string | Uint8Array, options: DelimitedOptions = {}): Codec<Uint8Array> {
  return new DelimiterCodec(delimiter, options.max ?? DEFAULT_MAX_LINE);
}

class DelimiterCodec implements Codec<Uint8Array> {
  readonly #until: UntilDecoder;

  constructor(delimiter: string | Uint8Array, max: number) {
    this.#until = new UntilDecoder(delimiter, max);
  }

  decode(input: ByteBuffer): Uint8Array | undefined {
    const whole = this.#until.decode(input);
    return whole?.subarray(0, whole.length - this.#until.delimiter.length);
  }

  encode(message: Uint8Array): Uint8Array {
    const { delimiter } = this.#until;
    const whole = Buffer.concat([message, delimiter]);
    if (whole.indexOf(delimiter) !== message.length) {
      throw new TypeError("the message has the delimiter in it, or makes one with it: it would be two");
    }
    return whole;
  }
}

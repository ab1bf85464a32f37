/**
 * Decodes the chunked transfer coding (RFC 9112 §7.1) up to, not including, the trailer section.
 * Sizes are read digit by digit and never by a number parser, since "0x5", "+5", "5_0" and the like
 * are what request smuggling is made of.
 */
import { CR, hexValue, LF } from "./chars.ts";
import { BAD_EXTENSION, EXTENSIONS_END, nextExtensionState, stateBehindSize } from "./chunk-extension.ts";
import { RequestError } from "./errors.ts";

const SIZE = 0;
const EXTENSION = 1;
const SIZE_LF = 2;
const CONTENT = 3;
const CONTENT_CR = 4;
const CONTENT_LF = 5;
const LAST = 6;

export class ChunkedDecoder {
  /** The piece that was decoded last: from and to, in the buffer given. */
  dataFrom = 0;
  dataTo = 0;

  readonly #maxExtensionBytes: number;
  #state = SIZE;
  #digits = 0;
  #size = 0;
  #extensionBytes = 0;
  /** Where in the extensions we are, while in the state EXTENSION. */
  #extension = EXTENSIONS_END;

  constructor(maxExtensionBytes: number) {
    this.#maxExtensionBytes = maxExtensionBytes;
  }

  begin(): void {
    this.#state = SIZE;
    this.#digits = 0;
    this.#size = 0;
    this.#extensionBytes = 0;
  }

  /** Whether the last chunk was read and the trailer section begins. */
  get finished(): boolean {
    return this.#state === LAST;
  }

  /**
   * Decodes as far as the end of one piece, of the last chunk's line, or of the bytes.
   * Returns the position behind what was used; `dataTo` is greater than `dataFrom` when there is a piece.
   * @throws RequestError
   */
  decode(buffer: Uint8Array, at: number, end: number): number {
    this.dataFrom = 0;
    this.dataTo = 0;
    let i = at;
    while (i < end) {
      const byte = buffer[i] as number;
      switch (this.#state) {
        case SIZE: {
          const digit = hexValue(byte);
          if (digit >= 0) {
            this.#size = this.#size * 16 + digit;
            if (++this.#digits > 16 || this.#size > Number.MAX_SAFE_INTEGER)
              throw badChunk("a chunk size is too large");
          } else if (this.#digits === 0) {
            throw badChunk("a chunk must begin with its size in hexadecimal digits");
          } else if (byte === CR) {
            this.#state = SIZE_LF;
          } else {
            this.#extension = stateBehindSize(byte);
            if (this.#extension === BAD_EXTENSION)
              throw badChunk("behind a chunk's size there must be CRLF or a semicolon");
            this.#state = EXTENSION;
          }
          i++;
          break;
        }
        case EXTENSION:
          // §7.1.1: "A server ought to limit the total length of chunk extensions received".
          if (++this.#extensionBytes > this.#maxExtensionBytes)
            throw badChunk("too many bytes of chunk extensions");
          this.#extension = nextExtensionState(this.#extension, byte);
          if (this.#extension === BAD_EXTENSION)
            throw badChunk("a chunk's extensions must be ;name or ;name=value, and end with CRLF");
          if (this.#extension === EXTENSIONS_END) this.#state = SIZE_LF;
          i++;
          break;
        case SIZE_LF:
          if (byte !== LF) throw badChunk("a chunk's first line must end with CRLF");
          i++;
          if (this.#size === 0) {
            this.#state = LAST;
            return i;
          }
          this.#state = CONTENT;
          break;
        case CONTENT: {
          const length = Math.min(this.#size, end - i);
          this.dataFrom = i;
          this.dataTo = i + length;
          this.#size -= length;
          if (this.#size === 0) this.#state = CONTENT_CR;
          return i + length;
        }
        case CONTENT_CR:
          if (byte !== CR) throw badChunk("a chunk must end with CRLF where its size says");
          this.#state = CONTENT_LF;
          i++;
          break;
        default:
          if (byte !== LF) throw badChunk("a chunk must end with CRLF where its size says");
          this.#state = SIZE;
          this.#digits = 0;
          i++;
      }
    }
    return i;
  }
}

function badChunk(message: string): RequestError {
  return new RequestError(400, "bad-chunk", message);
}

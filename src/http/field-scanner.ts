/**
 * Scans a header or trailer section, line by line, as far as its bytes have come, and notes where the
 * values stand that the engine itself must know. It makes no object and no string.
 *
 * Positions are relative to `base`, the start of the message in the buffer, so the buffer may move between calls.
 */
import { COLON, CR, FIELD, flags, HTAB, LF, SP, TOKEN } from "./chars.ts";
import { RequestError } from "./errors.ts";

/** Where a value stands. `from` is -1 where there is no such field. */
export class Span {
  from = -1;
  to = -1;
  /** True when there was more than one such line; the span is then that of the last. */
  repeated = false;

  clear(): void {
    this.from = -1;
    this.repeated = false;
  }
}

export class FieldScanner {
  readonly host: Span = new Span();
  readonly connection: Span = new Span();
  readonly contentType: Span = new Span();
  readonly contentLength: Span = new Span();
  readonly transferEncoding: Span = new Span();
  readonly expect: Span = new Span();

  readonly #what: string;
  readonly #maxBytes: number;
  readonly #maxCount: number;
  #sectionFrom = 0;
  #lineFrom = 0;
  #colon = 0;
  #at = 0;
  #count = 0;
  #inValue = false;

  /** @param what "header" or "trailer", for messages */
  constructor(what: string, maxBytes: number, maxCount: number) {
    this.#what = what;
    this.#maxBytes = maxBytes;
    this.#maxCount = maxCount;
  }

  /** Begins a section at a position relative to the base. */
  begin(at: number): void {
    this.#sectionFrom = at;
    this.#lineFrom = at;
    this.#at = at;
    this.#count = 0;
    this.#inValue = false;
    this.host.clear();
    this.connection.clear();
    this.contentType.clear();
    this.contentLength.clear();
    this.transferEncoding.clear();
    this.expect.clear();
  }

  /** Whether the section has no lines (so far). */
  get empty(): boolean {
    return this.#count === 0;
  }

  /**
   * Goes on scanning. Returns the position (relative to base) behind the empty line that ends the
   * section, or -1 when more bytes are needed.
   * @throws RequestError
   */
  scan(buffer: Uint8Array, base: number, end: number): number {
    // The limit cuts at one byte position, however the bytes came, so that any split gives the same answer.
    const limit = base + this.#sectionFrom + this.#maxBytes;
    const stop = Math.min(end, limit);
    let lineFrom = base + this.#lineFrom;
    let colon = base + this.#colon;
    let i = base + this.#at;
    let inValue = this.#inValue;
    for (;;) {
      if (!inValue) {
        while (i < stop && ((flags[buffer[i] as number] as number) & TOKEN) !== 0) i++;
        if (i === stop) break;
        if (buffer[i] !== COLON) {
          if (buffer[i] !== CR || i !== lineFrom) throw this.#badName(buffer[i] as number, i === lineFrom);
          if (i + 1 === stop) break;
          if (buffer[i + 1] !== LF) throw bareCr();
          return i + 2 - base;
        }
        if (i === lineFrom) throw new RequestError(400, "bad-field-name", `a ${this.#what} line has no name`);
        if (++this.#count > this.#maxCount) throw this.#tooMany();
        colon = i++;
        inValue = true;
      }
      while (i < stop && ((flags[buffer[i] as number] as number) & FIELD) !== 0) i++;
      if (i === stop) break;
      if (buffer[i] !== CR) throw this.#badValue(buffer[i] as number);
      if (i + 1 === stop) break;
      if (buffer[i + 1] !== LF) throw bareCr();
      this.#note(buffer, base, lineFrom, colon, i);
      i += 2;
      lineFrom = i;
      inValue = false;
    }
    if (stop === limit) throw this.#tooLarge();
    this.#lineFrom = lineFrom - base;
    this.#colon = colon - base;
    this.#at = i - base;
    this.#inValue = inValue;
    return -1;
  }

  #note(buffer: Uint8Array, base: number, nameFrom: number, colon: number, lineEnd: number): void {
    let span: Span;
    switch (colon - nameFrom) {
      case 4:
        if (!isName(buffer, nameFrom, "host")) return;
        span = this.host;
        break;
      case 6:
        if (!isName(buffer, nameFrom, "expect")) return;
        span = this.expect;
        break;
      case 10:
        if (!isName(buffer, nameFrom, "connection")) return;
        span = this.connection;
        break;
      case 12:
        if (!isName(buffer, nameFrom, "content-type")) return;
        span = this.contentType;
        break;
      case 14:
        if (!isFramingName(buffer, nameFrom, "content-length", "content\x7flength")) return;
        span = this.contentLength;
        break;
      case 17:
        if (!isFramingName(buffer, nameFrom, "transfer-encoding", "transfer\x7fencoding")) return;
        span = this.transferEncoding;
        break;
      default:
        return;
    }
    let from = colon + 1;
    let to = lineEnd;
    while (from < to && (buffer[from] === SP || buffer[from] === HTAB)) from++;
    while (to > from && (buffer[to - 1] === SP || buffer[to - 1] === HTAB)) to--;
    if (span.from !== -1) span.repeated = true;
    span.from = from - base;
    span.to = to - base;
  }

  #badName(byte: number, first: boolean): RequestError {
    if (byte === SP || byte === HTAB) {
      return first
        ? // §5.2: obs-fold, and §2.2: whitespace before the first header line.
          new RequestError(400, "line-folding", `a ${this.#what} line may not begin with whitespace`)
        : // §5.1: "No whitespace is allowed between the field name and colon."
          new RequestError(
            400,
            "bad-field-name",
            `a ${this.#what} name is followed by whitespace instead of a colon`,
          );
    }
    if (byte === CR || byte === LF) {
      return new RequestError(
        400,
        first ? "bare-lf" : "no-colon",
        `a ${this.#what} line has no colon or ends with a bare line feed`,
      );
    }
    return new RequestError(
      400,
      "bad-field-name",
      `a ${this.#what} name has a character that no name may have`,
    );
  }

  #badValue(byte: number): RequestError {
    return byte === LF
      ? new RequestError(400, "bare-lf", "lines must end with CRLF")
      : new RequestError(400, "bad-field-value", `a ${this.#what} value has a control character`);
  }

  // RFC 6585 §5.
  #tooMany(): RequestError {
    return new RequestError(431, "too-many-fields", `more than ${this.#maxCount} ${this.#what} lines`);
  }

  #tooLarge(): RequestError {
    return new RequestError(
      431,
      "fields-too-large",
      `more than ${this.#maxBytes} bytes of ${this.#what} lines`,
    );
  }
}

/** §2.2: "a bare CR … within any protocol elements other than the content" makes the message invalid. */
export function bareCr(): RequestError {
  return new RequestError(400, "bare-cr", "a carriage return must be followed by a line feed");
}

/**
 * As `isName`, for a field that frames a message. With an underscore for the hyphen it means nothing here, but the
 * same to whoever reads fields as environment variables (CGI, WSGI): such a message is refused.
 * @param alias the name with the underscore as `isName` sees it
 */
function isFramingName(buffer: Uint8Array, from: number, name: string, alias: string): boolean {
  if (isName(buffer, from, name)) return true;
  if (!isName(buffer, from, alias)) return false;
  throw new RequestError(400, "bad-field-name", `a field is named as ${name}, but with an underscore`);
}

/** Whether the bytes, known to be a token, are this lower-case name. Setting bit 5 folds the case of letters, leaves "-" alone, and makes DEL of "_". */
function isName(buffer: Uint8Array, from: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    if (((buffer[from + i] as number) | 0x20) !== name.charCodeAt(i)) return false;
  }
  return true;
}

/** Scans a request line (RFC 9112 §3), as far as its bytes have come. Positions are relative to `base`, as in FieldScanner. */
import { CR, flags, LF, PATH, QUERY, SP, TOKEN } from "./chars.ts";
import { RequestError } from "./errors.ts";
import { bareCr } from "./field-scanner.ts";

const IN_METHOD = 0;
const IN_PATH = 1;
const IN_QUERY = 2;
const IN_VERSION = 3;

const QUESTION_MARK = 0x3f;
/** `HTTP/1.1`, of which the digits are looked at one by one. */
const VERSION = [0x48, 0x54, 0x54, 0x50, 0x2f, 0x31, 0x2e, 0x31];
const MAJOR = 5;
const MINOR = 7;
const UNSUPPORTED = -1;

export class RequestLineScanner {
  /** The method is from 0 to here; 0 until it has come whole. */
  methodEnd = 0;
  /** The target is from methodEnd + 1 to here. */
  targetEnd = 0;
  /** 0 for HTTP/1.0, 1 for HTTP/1.1. */
  minorVersion = 1;

  readonly #maxBytes: number;
  #phase = IN_METHOD;
  #at = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  begin(): void {
    this.methodEnd = 0;
    this.methodEnd = 0;
    this.#phase = IN_METHOD;
    this.#at = 0;
  }

  /**
   * Returns the position behind the line's CRLF, or -1 when more bytes are needed.
   * @throws RequestError
   */
  scan(buffer: Uint8Array, base: number, end: number): number {
    const limit = base + this.#maxBytes + 2;
    const stop = Math.min(end, limit);
    let i = base + this.#at;
    let phase = this.#phase;

    if (phase === IN_METHOD) {
      while (i < stop && ((flags[buffer[i] as number] as number) & TOKEN) !== 0) i++;
      if (i < stop) {
        if (buffer[i] !== SP || i === base) {
          throw new RequestError(
            400,
            "bad-method",
            "the request line must begin with a method and one space",
          );
        }
        this.methodEnd = i - base;
        i++;
        phase = IN_PATH;
      }
    }
    if (phase === IN_PATH) {
      while (i < stop && ((flags[buffer[i] as number] as number) & PATH) !== 0) i++;
      if (i < stop && buffer[i] === QUESTION_MARK) {
        i++;
        phase = IN_QUERY;
      }
    }
    if (phase === IN_QUERY) {
      while (i < stop && ((flags[buffer[i] as number] as number) & QUERY) !== 0) i++;
    }
    if (phase === IN_PATH || phase === IN_QUERY) {
      if (i < stop) {
        if (buffer[i] !== SP || i === base + this.methodEnd + 1) throw badTarget(buffer[i] as number);
        this.targetEnd = i - base;
        i++;
        phase = IN_VERSION;
      }
    }
    if (phase === IN_VERSION) {
      const versionFrom = base + this.targetEnd + 1;
      const versionEnd = versionFrom + VERSION.length;
      while (i < stop) {
        const offset = i - versionFrom;
        const byte = buffer[i] as number;
        if (offset === MAJOR) {
          if (!isDigit(byte)) throw badVersion();
          this.minorVersion = byte === 0x31 ? 0 : UNSUPPORTED;
        } else if (offset === MINOR) {
          if (!isDigit(byte)) throw badVersion();
          if (byte !== 0x30) this.minorVersion = this.minorVersion === 0 && byte === 0x31 ? 1 : UNSUPPORTED;
        } else if (i < versionEnd) {
          if (byte !== VERSION[offset]) throw badVersion();
        } else if (i === versionEnd) {
          if (byte === LF) throw new RequestError(400, "bare-lf", "lines must end with CRLF");
          if (byte !== CR)
            throw new RequestError(400, "bad-version", "the request line must end after the version");
          // RFC 9110 §15.6.6.
          if (this.minorVersion === UNSUPPORTED)
            throw new RequestError(505, "unsupported-version", "only HTTP/1.1 and HTTP/1.0 are spoken here");
        } else {
          if (byte !== LF) throw bareCr();
          return i + 1 - base;
        }
        i++;
      }
    }
    if (stop === limit) throw this.#tooLong(phase);
    this.#phase = phase;
    this.#at = i - base;
    return -1;
  }

  /** §3: 501 for a method longer than any that is implemented, 414 for a target longer than the server wishes to parse. */
  #tooLong(phase: number): RequestError {
    return phase === IN_METHOD
      ? new RequestError(501, "method-too-long", "no method is that long")
      : new RequestError(414, "target-too-long", `the request line is longer than ${this.#maxBytes} bytes`);
  }
}

function badTarget(byte: number): RequestError {
  if (byte === LF || byte === CR) {
    return new RequestError(
      400,
      "bad-request-line",
      "the request line must be: method, target, HTTP version",
    );
  }
  return new RequestError(
    400,
    "bad-target",
    "the request target has a character that must be percent-encoded",
  );
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function badVersion(): RequestError {
  return new RequestError(400, "bad-version", "the request line must end with HTTP/1.1 or HTTP/1.0");
}

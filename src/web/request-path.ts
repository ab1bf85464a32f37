/**
 * The path of a request, decoded once and for everyone: the router, guards and file servers all see this
 * one text. In it a slash is always a separator, and no segment is `.` or `..`; whatever two readers could
 * take for two different paths is refused (HTTP 400).
 */
import { HttpError } from "./http-error.ts";

const PERCENT = 0x25;
const DOT = 0x2e;
const SLASH = 0x2f;
const QUESTION_MARK = 0x3f;
const BACKSLASH = 0x5c;
const DELETE = 0x7f;

/**
 * Reads the path of one request after the other, and makes nothing for it where nothing is encoded: the path is the
 * request target's beginning then.
 */
export class PathReader {
  /** What the path is the beginning of. */
  text = "";
  /** The path's length. */
  end = 0;
  /** The path's UTF-16 code units, up to `end`: quicker to come by than those of a string. */
  codes: Uint16Array = new Uint16Array(1024);
  /** Where each segment ends. Those beyond the path's are from earlier paths. */
  readonly segmentEnds: number[] = [];

  /** The path, decoded. */
  get path(): string {
    return this.end === this.text.length ? this.text : this.text.slice(0, this.end);
  }

  /**
   * @param target in origin-form. It need not be checked before; what follows a "?" is not looked at.
   * @throws HttpError 400 for malformed percent-encoding or UTF-8; for an encoded slash, a backslash or a NUL, encoded or not;
   *   for an empty segment other than the last; for a segment `.` or `..`, encoded or not; for characters that must be encoded.
   */
  read(target: string): void {
    const ends = this.segmentEnds;
    const length = target.length;
    if (length > this.codes.length) this.codes = new Uint16Array(length);
    const codes = this.codes;
    let hasDot = false;
    let encoded = false;
    let lastSlash = -1;
    let segment = -1;
    let i = 0;
    for (; i < length; i++) {
      const code = target.charCodeAt(i);
      codes[i] = code;
      // Letters and digits, and so almost all of them, have no meaning of their own.
      if (code > SLASH && code < DELETE && code !== QUESTION_MARK && code !== BACKSLASH) continue;
      if (code === SLASH) {
        if (segment >= 0) {
          if (lastSlash === i - 1) throw refused("it has an empty segment (//)");
          ends[segment] = i;
        }
        segment++;
        lastSlash = i;
      } else if (code === DOT) {
        if (lastSlash === i - 1) hasDot = true;
      } else if (code === PERCENT) {
        encoded = true;
      } else if (code === QUESTION_MARK) {
        break;
      } else if (code === BACKSLASH) {
        throw refused("it has a backslash");
      } else if (code <= 0x20 || code >= DELETE) {
        throw refused("it has a character that must be percent-encoded");
      }
    }
    if (segment >= 0) ends[segment] = i;
    this.text = target;
    this.end = i;
    if (encoded) this.readDecoded(decode(this.path));
    if ((hasDot || encoded) && hasDotSegment(this.text, this.end)) throw refused("it has a segment . or ..");
  }

  /** Takes a path that was decoded and checked before. */
  readDecoded(text: string): void {
    this.text = text;
    this.end = text.length;
    let segment = 0;
    for (let slash = text.indexOf("/", 1); slash >= 0; slash = text.indexOf("/", slash + 1)) {
      this.segmentEnds[segment++] = slash;
    }
    this.segmentEnds[segment] = text.length;
    if (text.length > this.codes.length) this.codes = new Uint16Array(text.length);
    for (let i = 0; i < text.length; i++) this.codes[i] = text.charCodeAt(i);
  }
}

/**
 * The decoded path of a request target.
 * @throws HttpError 400 as `PathReader.read`.
 */
export function decodePath(target: string): string {
  reader.read(target);
  return reader.path;
}

const reader: PathReader = new PathReader();

function decode(path: string): string {
  const bad = /%(?:2f|5c|00)/i.exec(path);
  if (bad !== null) throw refused(`${bad[0]} may not stand in it`);
  try {
    return decodeURIComponent(path);
  } catch {
    throw refused("its percent-encoding is malformed, or is not of UTF-8");
  }
}

function hasDotSegment(text: string, end: number): boolean {
  for (let slash = text.indexOf("/"); slash >= 0 && slash < end; slash = text.indexOf("/", slash + 1)) {
    if (text[slash + 1] !== ".") continue;
    const after = slash + (text[slash + 2] === "." ? 3 : 2);
    if (after === end || text[after] === "/") return true;
  }
  return false;
}

function refused(why: string): HttpError {
  return new HttpError(400, `the path of the request is refused: ${why}`);
}

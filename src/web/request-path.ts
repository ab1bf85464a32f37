/**
 * The path of a request, decoded once and for everyone: the router, guards and file servers all see this
 * one text. In it a slash is always a separator, and no segment is `.` or `..`; whatever two readers could
 * take for two different paths is refused (HTTP 400).
 */
import { HttpError } from "./http-error.ts";

const SPACE = 0x20;
const PERCENT = 0x25;
const DOT = 0x2e;
const SLASH = 0x2f;
const QUESTION_MARK = 0x3f;
const BACKSLASH = 0x5c;
const DELETE = 0x7f;

/**
 * Reads the path of one request after the other. Most paths need no reading: the search for a route looks at each character anyway,
 * and finds a route only by characters that are what they seem. So it begins on the request target itself (`begin`); what it
 * does not find there, or not without a doubt, is read and checked first (`read`), and looked for again where that makes it another.
 */
export class PathReader {
  /** What the path that was read is the beginning of. */
  text = "";
  /** The path's length. In a target as it came, up to the target's end, until a search has come to the "?". */
  end = 0;
  /** Whether the search is on a target as it came. */
  isRaw = false;
  /** Whether that search has met something that must be read first: what is encoded, or may have to be refused. */
  inDoubt = false;

  /** The path, decoded. */
  get path(): string {
    return this.end === this.text.length ? this.text : this.text.slice(0, this.end);
  }

  /** Begins a search on a target as it came. It is not kept here: that would cost more than handing it on. */
  begin(length: number): void {
    this.end = length;
    this.isRaw = true;
    this.inDoubt = false;
  }

  /**
   * @param target in origin-form. It need not be checked before; what follows a "?" is not looked at.
   * @throws HttpError 400 for malformed percent-encoding or UTF-8; for an encoded slash, a backslash or a NUL, encoded or not;
   *   for an empty segment other than the last; for a segment `.` or `..`, encoded or not; for characters that must be encoded.
   */
  read(target: string): void {
    const length = target.length;
    let hasDot = false;
    let encoded = false;
    let lastSlash = -1;
    let i = 0;
    for (; i < length; i++) {
      const code = target.charCodeAt(i);
      if (isPlain(code)) continue;
      if (code === SLASH) {
        if (i > 0 && lastSlash === i - 1) throw refused("it has an empty segment (//)");
        lastSlash = i;
      } else if (code === DOT) {
        if (lastSlash === i - 1) hasDot = true;
      } else if (code === PERCENT) {
        encoded = true;
      } else if (code === QUESTION_MARK) {
        break;
      } else if (code === BACKSLASH) {
        throw refused("it has a backslash");
      } else if (isDoubtful(code)) {
        throw refused("it has a character that must be percent-encoded");
      }
    }
    this.text = target;
    this.end = i;
    this.isRaw = false;
    this.inDoubt = false;
    if (encoded) this.readDecoded(decode(this.path));
    if ((hasDot || encoded) && hasDotSegment(this.text, this.end)) throw refused("it has a segment . or ..");
  }

  /** Takes a path that was decoded and checked before. */
  readDecoded(text: string): void {
    this.text = text;
    this.end = text.length;
    this.isRaw = false;
    this.inDoubt = false;
  }

  /**
   * Where in the text a parameter ends that begins at `at`, with a segment; or -1 where that is in doubt.
   * @param spansSegments whether it takes the rest of the path
   */
  paramEnd(text: string, at: number, spansSegments: boolean): number {
    const end = this.end;
    if (!this.isRaw) {
      const slash = spansSegments ? -1 : text.indexOf("/", at);
      return slash < 0 || slash > end ? end : slash;
    }
    let segment = at;
    let i = at;
    for (; i < end; i++) {
      const code = text.charCodeAt(i);
      if (isPlain(code)) continue;
      if (code === QUESTION_MARK) break;
      // An empty segment, or what could be a dot segment.
      if ((i === segment && (code === SLASH || code === DOT)) || isDoubtful(code)) {
        this.inDoubt = true;
        return -1;
      }
      if (code !== SLASH) continue;
      if (!spansSegments) break;
      segment = i + 1;
    }
    return i;
  }
}

/** By code unit within ASCII: 1 for letters, digits and the like, and so almost all of them, which have no meaning of their own. */
const plain = Uint8Array.from({ length: DELETE }, (_, code) => {
  return code > SLASH && code !== QUESTION_MARK && code !== BACKSLASH ? 1 : 0;
});

function isPlain(code: number): boolean {
  return code < DELETE && plain[code] === 1;
}

/** Whether a code unit is the beginning of something encoded, or must be refused. */
function isDoubtful(code: number): boolean {
  return code <= SPACE || code >= DELETE || code === PERCENT || code === BACKSLASH;
}

/** Whether a decoded text stands in a request target as it is, if it stands there at all. */
export function isSentAsItIs(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (isDoubtful(text.charCodeAt(i))) return false;
  }
  return true;
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

/**
 * The path of a request, decoded once and for everyone: the router, guards and file servers all see this
 * one text. In it a slash is always a separator, and no segment is `.` or `..`; whatever two readers could
 * take for two different paths is refused (HTTP 400).
 */
import { HttpError } from "./http-error.ts";

const PERCENT = 0x25;
const DOT = 0x2e;
const SLASH = 0x2f;
const BACKSLASH = 0x5c;

/**
 * Decodes the path of a request target. It costs nothing but a look at each character where nothing is encoded.
 * @throws HttpError 400 for malformed percent-encoding or UTF-8; for an encoded slash, a backslash or a NUL, encoded or not;
 *   for an empty segment other than the last; for a segment `.` or `..`, encoded or not; for characters that must be encoded.
 */
export function decodePath(path: string): string {
  let encoded = false;
  let dotted = false;
  let previous = 0;
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i);
    if (code === PERCENT) encoded = true;
    else if (code === DOT) dotted ||= previous === SLASH;
    else if (code === SLASH) {
      if (previous === SLASH) throw refused("it has an empty segment (//)");
    } else if (code === BACKSLASH) throw refused("it has a backslash");
    else if (code <= 0x20 || code >= 0x7f) throw refused("it has a character that must be percent-encoded");
    previous = code;
  }
  const decoded = encoded ? decode(path) : path;
  if ((encoded || dotted) && hasDotSegment(decoded)) throw refused("it has a segment . or ..");
  return decoded;
}

function decode(path: string): string {
  const bad = /%(?:2f|5c|00)/i.exec(path);
  if (bad !== null) throw refused(`${bad[0]} may not stand in it`);
  try {
    return decodeURIComponent(path);
  } catch {
    throw refused("its percent-encoding is malformed, or is not of UTF-8");
  }
}

function hasDotSegment(path: string): boolean {
  for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
    if (path.charCodeAt(slash + 1) !== DOT) continue;
    const end = slash + (path.charCodeAt(slash + 2) === DOT ? 3 : 2);
    if (end === path.length || path.charCodeAt(end) === SLASH) return true;
  }
  return false;
}

function refused(why: string): HttpError {
  return new HttpError(400, `the path of the request is refused: ${why}`);
}

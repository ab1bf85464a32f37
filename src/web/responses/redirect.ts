/** Answers that send the client elsewhere. */
import { Response } from "../../gateway/response.ts";

export type RedirectStatus = 301 | 302 | 303 | 307 | 308;

/**
 * Sends the client to another address.
 * @param location absolute, or relative to the request's. What a URL may not have is percent-encoded, a backslash as well:
 *   browsers take it for a slash, and `/\evil.example` for another host.
 * @param status 303, the default, has the client GET the location whatever it did before. 307 and 308 have it do the same
 *   there; 301 and 308 are remembered.
 * @throws TypeError for control characters, by which a header or a URL could be forged.
 * @throws RangeError for a status that is no redirect's.
 */
export function redirect(location: string | URL, status: RedirectStatus = 303): Response {
  if (![301, 302, 303, 307, 308].includes(status)) {
    throw new RangeError(`a redirect's status is 301, 302, 303, 307 or 308, not ${status}`);
  }
  return new Response(null, { status, headers: { location: toUriReference(String(location)) } });
}

function toUriReference(location: string): string {
  for (let i = 0; i < location.length; i++) {
    const code = location.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) {
      throw new TypeError(
        `a redirect's location has a control character: U+${code.toString(16).toUpperCase().padStart(4, "0")} at ${i}`,
      );
    }
  }
  // All that is not among the characters of a URI reference (RFC 3986 §2); "%" is left, so that what is encoded stays so.
  return location.toWellFormed().replace(/[^!#$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]+/gu, encodeURIComponent);
}

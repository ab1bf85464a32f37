/** Which fields may not come as trailers: RFC 9110 §6.5.1. */
import { RequestError } from "./errors.ts";
import type { FieldSection } from "./field-section.ts";

/** Framing, routing, authentication, request modifiers, response control and content description. */
const forbidden: ReadonlySet<string> = new Set([
  "authorization",
  "cache-control",
  "connection",
  "content-encoding",
  "content-length",
  "content-location",
  "content-range",
  "content-type",
  "cookie",
  "date",
  "expect",
  "forwarded",
  "host",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "keep-alive",
  "max-forwards",
  "pragma",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "range",
  "set-cookie",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "www-authenticate",
]);

/** Whether a field of this lower-case name may stand in a trailer section. */
export function mayBeTrailer(name: string): boolean {
  return !forbidden.has(name);
}

/** @throws RequestError 400 naming the first field that may not be a trailer. */
export function checkTrailers(trailers: FieldSection): void {
  for (let i = 0; i < trailers.list.length; i += 2) {
    const name = trailers.list[i] as string;
    if (!mayBeTrailer(name))
      throw new RequestError(400, "bad-trailer", `${name} may not be sent as a trailer`);
  }
}

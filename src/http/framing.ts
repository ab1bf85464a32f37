/**
 * Where a request's body ends: every rule of RFC 9112 §6 in one place. Whatever two
 * readers could understand differently is refused, because request smuggling lives
 * on such differences.
 */
import { consistsOf, TOKEN, trimmed } from "./chars.ts";
import { RequestError } from "./errors.ts";

/** Body length of a request whose body is chunked. */
export const CHUNKED = -1;

/**
 * The body's length in bytes, 0 for none, `CHUNKED` for chunked.
 * @param contentLength the value of the one Content-Length line, or undefined
 * @param transferEncoding the values of all Transfer-Encoding lines, joined by ",", or undefined
 * @param minorVersion 0 for HTTP/1.0, 1 for HTTP/1.1
 */
export function bodyLength(
  contentLength: string | undefined,
  transferEncoding: string | undefined,
  minorVersion: number,
): number {
  if (transferEncoding === undefined)
    return contentLength === undefined ? 0 : parseContentLength(contentLength);
  // §6.1: "A server MAY reject a request that contains both Content-Length and Transfer-Encoding".
  if (contentLength !== undefined) {
    throw new RequestError(
      400,
      "length-and-encoding",
      "a request may not have both Content-Length and Transfer-Encoding",
    );
  }
  // §6.1: such a message's framing is faulty, since HTTP/1.0 has no Transfer-Encoding.
  if (minorVersion === 0) {
    throw new RequestError(400, "encoding-in-http-1.0", "Transfer-Encoding is not part of HTTP/1.0");
  }
  // As nearly everybody writes it.
  if (transferEncoding === "chunked") return CHUNKED;
  const codings = transferEncoding.split(",").map((coding) => trimmed(coding).toLowerCase());
  // §6.3: "If a Transfer-Encoding header field is present in a request and the chunked transfer coding
  // is not the final encoding, the message body length cannot be determined reliably".
  if (
    codings.at(-1) !== "chunked" ||
    codings.indexOf("chunked") !== codings.length - 1 ||
    !codings.every((coding) => consistsOf(coding, TOKEN))
  ) {
    throw new RequestError(400, "bad-transfer-encoding", 'Transfer-Encoding must be exactly "chunked"');
  }
  // §6.1: "A server that receives a request message with a transfer coding it does not understand SHOULD respond with 501".
  if (codings.length > 1) {
    throw new RequestError(501, "unknown-transfer-coding", "no transfer coding but chunked is supported");
  }
  return CHUNKED;
}

/** 1*DIGIT (RFC 9110 §8.6) without leading zeros, and small enough to be exact. */
function parseContentLength(value: string): number {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(value) || Number(value) > Number.MAX_SAFE_INTEGER) {
    throw new RequestError(400, "bad-content-length", "Content-Length must be one plain decimal number");
  }
  return Number(value);
}

/**
 * The head of an HTTP/2 request (RFC 9113 §8.3), checked and brought into the form that an exchange has.
 *
 * nghttp2, below, has seen to what HTTP/2 itself asks: names in lower case, values without control characters, pseudo-header
 * fields complete, known, once and first, no connection-specific fields. What is checked here is what the HTTP/1.1 parser checks
 * as well, with the same answers.
 */
import { consistsOf, flags, PATH, QUERY, TOKEN } from "./chars.ts";
import { RequestError } from "./errors.ts";
import { expectsContinue } from "./expectation.ts";
import { FieldSection } from "./field-section.ts";
import { bodyLength } from "./framing.ts";
import type { HttpLimits } from "./limits.ts";
import { parseAuthority, sameAuthority } from "./target.ts";
import { checkTrailers } from "./trailers.ts";

export interface Http2RequestHead {
  readonly method: string;
  readonly target: string;
  readonly authority: string;
  /** Host is among them even where the client has sent `:authority` alone, as HTTP/2 clients do. */
  readonly headers: FieldSection;
  /** The announced length of the content, or null. */
  readonly contentLength: number | null;
  readonly expectsContinue: boolean;
}

/** What of a request line is neither method nor target: two spaces and `HTTP/1.1`. So the limit means the same in both versions. */
const REST_OF_REQUEST_LINE = 10;
/** Of a header line: colon, space, CR, LF. */
const REST_OF_HEADER_LINE = 4;

/**
 * Reads a header list as `node:http2` gives it.
 * @param raw name, value, name, value, … in the order of arrival
 * @param ended whether the request has no content
 * @throws RequestError
 */
export function readRequestHead(
  raw: readonly string[],
  ended: boolean,
  limits: HttpLimits,
): Http2RequestHead {
  let method = "";
  let target = "";
  let scheme = "";
  let authority: string | undefined;
  const list: string[] = [];
  let cookieAt = -1;
  let bytes = 0;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string;
    const value = raw[i + 1] as string;
    if (name.startsWith(":")) {
      if (name === ":method") method = value;
      else if (name === ":path") target = value;
      else if (name === ":scheme") scheme = value;
      else if (name === ":authority") authority = value;
      continue;
    }
    bytes += name.length + value.length + REST_OF_HEADER_LINE;
    if (name === "cookie" && cookieAt >= 0) {
      // §8.2.3: a client may send the pairs of its one Cookie field apart; nobody above has to know.
      list[cookieAt] += `; ${value}`;
      continue;
    }
    if (name === "cookie") cookieAt = list.length + 1;
    list.push(name, value);
  }
  if (list.length / 2 > limits.maxHeaderCount) {
    throw new RequestError(431, "too-many-fields", `more than ${limits.maxHeaderCount} header lines`);
  }
  if (bytes > limits.maxHeaderBytes) {
    throw new RequestError(
      431,
      "fields-too-large",
      `more than ${limits.maxHeaderBytes} bytes of header lines`,
    );
  }
  if (!consistsOf(method, TOKEN))
    throw new RequestError(400, "bad-method", ":method must be a method's name");
  if (method === "CONNECT") {
    // RFC 9110 §9.3.6: for proxies; an origin server may refuse it.
    throw new RequestError(501, "connect", "CONNECT is not supported: this is no proxy");
  }
  checkScheme(scheme);
  checkTarget(method, target, limits);
  const fields = new Fields(list);
  const checkedAuthority = readAuthority(authority, fields.once("host", "bad-host", "Host"));
  if (!fields.has("host")) list.unshift("host", authority as string);
  const contentLength = readContentLength(fields);
  fields.once("content-type", "bad-content-type", "Content-Type");
  if (!ended && contentLength !== 0 && method === "TRACE") {
    throw new RequestError(400, "trace-with-content", "a TRACE request may not have content");
  }
  return {
    method,
    target,
    authority: checkedAuthority,
    headers: fields.section,
    contentLength,
    expectsContinue: expectsContinue(fields.section.get("expect")),
  };
}

/** The trailer section of a request. @throws RequestError */
export function readTrailers(raw: readonly string[], limits: HttpLimits): FieldSection {
  let bytes = 0;
  for (const text of raw) bytes += text.length + REST_OF_HEADER_LINE / 2;
  if (raw.length / 2 > limits.maxTrailerCount) {
    throw new RequestError(431, "too-many-fields", `more than ${limits.maxTrailerCount} trailer lines`);
  }
  if (bytes > limits.maxTrailerBytes) {
    throw new RequestError(
      431,
      "fields-too-large",
      `more than ${limits.maxTrailerBytes} bytes of trailer lines`,
    );
  }
  const trailers = FieldSection.fromList([...raw]);
  checkTrailers(trailers);
  return trailers;
}

/** The fields while they are checked. */
class Fields {
  readonly section: FieldSection;

  constructor(list: string[]) {
    this.section = FieldSection.fromList(list);
  }

  has(name: string): boolean {
    return this.section.has(name);
  }

  /** The value of a field that may stand once, because of two each reader would take another (RFC 9110 §5.3). */
  once(name: string, code: string, title: string): string | undefined {
    const values = this.section.getAll(name);
    if (values.length > 1) throw new RequestError(400, code, `there may be one ${title} only`);
    return values[0];
  }
}

/** RFC 9113 §8.3.1: `:scheme` is not restricted to http and https; here it is. A gateway may say http, for its own client's connection. */
function checkScheme(scheme: string): void {
  if (scheme !== "https" && scheme !== "http") {
    throw new RequestError(400, "bad-scheme", ":scheme must be https or http");
  }
}

/** §8.3.1: `:path` is in origin-form, or `*` for OPTIONS. */
function checkTarget(method: string, target: string, limits: HttpLimits): void {
  if (method.length + target.length + REST_OF_REQUEST_LINE > limits.maxRequestLineBytes) {
    throw new RequestError(
      414,
      "target-too-long",
      `the request line is longer than ${limits.maxRequestLineBytes} bytes`,
    );
  }
  if (target === "*" && method === "OPTIONS") return;
  if (!target.startsWith("/")) {
    throw new RequestError(400, "bad-target", ":path must begin with / (RFC 9113 section 8.3.1)");
  }
  let allowed = PATH;
  for (let i = 0; i < target.length; i++) {
    const code = target.charCodeAt(i);
    if (code === 0x3f) allowed = QUERY;
    if (((flags[code] ?? 0) & allowed) === 0) {
      throw new RequestError(
        400,
        "bad-target",
        "the request target has a character that must be percent-encoded",
      );
    }
  }
}

/** §8.3.1: `:authority` is the host; Host may say the same, or stand alone behind a gateway. */
function readAuthority(pseudo: string | undefined, host: string | undefined): string {
  if (pseudo === undefined) {
    if (host === undefined) throw new RequestError(400, "no-host", "HTTP/2 needs an :authority");
    return parseAuthority(host);
  }
  const authority = parseAuthority(pseudo);
  if (host !== undefined && !sameAuthority(authority, parseAuthority(host), "https")) {
    throw new RequestError(400, "bad-host", "Host and :authority name different hosts");
  }
  return authority;
}

function readContentLength(fields: Fields): number | null {
  // Read as environment variables (CGI, WSGI), the two names are one.
  for (const name of ["content_length", "transfer_encoding"]) {
    if (fields.has(name)) {
      throw new RequestError(
        400,
        "bad-field-name",
        `a field is named as ${name.replace("_", "-")}, but with an underscore`,
      );
    }
  }
  const value = fields.once("content-length", "bad-content-length", "Content-Length");
  return value === undefined ? null : bodyLength(value, undefined, 1);
}

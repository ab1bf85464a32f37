/**
 * The head of a request that Node has parsed, checked where Node is laxer than our own parser: whoever runs an
 * application below a Node server gets what it could rely on below ours.
 */
import { consistsOf, PATH, QUERY } from "../../http/chars.ts";
import { RequestError } from "../../http/errors.ts";
import type { Exchange } from "../../http/exchange.ts";
import { FieldSection } from "../../http/field-section.ts";
import { bodyLength, CHUNKED } from "../../http/framing.ts";
import { readRequestHead } from "../../http/http2-request-head.ts";
import { defaultLimits } from "../../http/limits.ts";
import { parseAuthority, parseOtherTarget, sameAuthority } from "../../http/target.ts";
import type { NodeRequest } from "./node-message.ts";

export interface NodeHead {
  readonly method: string;
  readonly target: string;
  readonly httpVersion: Exchange["httpVersion"];
  readonly authority: string;
  readonly headers: FieldSection;
  /** Whether there is content; and its length as announced, or null. */
  readonly hasContent: boolean;
  readonly contentLength: number | null;
}

/** The limits that Node has seen to already, by its own options. */
const nodesOwn = { maxHeaderCount: Infinity, maxHeaderBytes: Infinity, maxRequestLineBytes: Infinity };
const limits = { ...defaultLimits, ...nodesOwn };

/** @throws RequestError for what our own parser would have refused. */
export function readNodeHead(request: NodeRequest): NodeHead {
  return request.httpVersion.startsWith("2") ? readHttp2(request) : readHttp1(request);
}

function readHttp1(request: NodeRequest): NodeHead {
  const { method = "", url = "", httpVersion } = request;
  const headers = lowerCaseFields(request.rawHeaders);
  const hosts = headers.getAll("host");
  if (hosts.length > 1) throw new RequestError(400, "bad-host", "there may be one Host only");
  // Only to HTTP/1.0 is it left to send one (RFC 9112 §3.2).
  if (hosts.length === 0 && httpVersion !== "1.0") {
    throw new RequestError(400, "no-host", "HTTP/1.1 needs a Host");
  }
  const host = hosts[0] === undefined ? "" : parseAuthority(hosts[0]);
  const absolute = url.startsWith("/") ? null : parseOtherTarget(method, url);
  if (absolute !== null && host !== "" && !sameAuthority(host, absolute.authority, absolute.scheme)) {
    throw new RequestError(400, "bad-host", "Host and the request target name different hosts");
  }
  const length = bodyLength(
    headers.get("content-length"),
    headers.get("transfer-encoding"),
    httpVersion === "1.0" ? 0 : 1,
  );
  return {
    method,
    target: checkedTarget(absolute?.target ?? url),
    httpVersion: httpVersion === "1.0" ? "1.0" : "1.1",
    authority: absolute?.authority ?? host,
    headers,
    hasContent: length !== 0,
    contentLength: length === CHUNKED ? null : length,
  };
}

function readHttp2(request: NodeRequest): NodeHead {
  const ended = request.stream?.endAfterHeaders === true;
  const head = readRequestHead(request.rawHeaders, ended, limits);
  return {
    method: head.method,
    // Not `head.target`: a framework may have cut a path off.
    target: checkedTarget(request.url ?? head.target),
    httpVersion: "2.0",
    authority: head.authority,
    headers: head.headers,
    hasContent: !ended && head.contentLength !== 0,
    contentLength: head.contentLength,
  };
}

/** The fields of a header or trailer section as Node has them, name, value, name, value, … */
export function lowerCaseFields(raw: readonly string[]): FieldSection {
  return FieldSection.fromList(raw.map((text, i) => (i % 2 === 0 ? text.toLowerCase() : text)));
}

function checkedTarget(target: string): string {
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? "" : target.slice(mark + 1);
  if (target === "*" || (consistsOf(path, PATH) && (query === "" || consistsOf(query, QUERY)))) return target;
  throw new RequestError(
    400,
    "bad-target",
    "the request target has a character that must be percent-encoded",
  );
}

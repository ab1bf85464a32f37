/** Conditional requests (RFC 9110 §13): what a client has already is not sent again, and what it has not seen is not overwritten. */
import { takeSource } from "../../gateway/body.ts";
import { exchangeOf, type Request } from "../../gateway/request.ts";
import { Response, responseHeaderList } from "../../gateway/response.ts";
import { sendResponse } from "../../gateway/send.ts";
import type { Exchange, HeaderList } from "../../http/exchange.ts";
import { HttpError } from "../http-error.ts";
import { isStrong, listsTag, toEntityTag } from "./entity-tag.ts";
import { formatHttpDate, parseHttpDate } from "./http-date.ts";
import { type Sender, sentBy } from "./sender.ts";

/** What tells one version of a representation from another. */
export interface Validators {
  /** A version or a hash, such as `v7`, or a whole entity tag: `W/"v7"`. */
  readonly etag?: string | undefined;
  /** When it was changed last. It goes out in whole seconds. */
  readonly lastModified?: Date | undefined;
}

/** As they stand in header fields. */
export interface FieldValidators {
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
}

export const PROCEED = 200;
export const NOT_MODIFIED = 304;
export const PRECONDITION_FAILED = 412;

/**
 * For a handler that knows the version before the representation, or that is about to change one:
 *
 *     app.get("/notes/<int:id>", (request) => {
 *       const note = find(request.params.id);
 *       return checkPreconditions(request, { etag: note.version }) ?? json(note, { etag: note.version });
 *     });
 *
 * @param validators of the representation as it is now, or null if there is none yet: `If-None-Match: *` is then met.
 * @returns for GET and HEAD the answer 304, if the client has this version; else undefined: go on.
 * @throws HttpError 412 if the client has asked for the request to be done to another version.
 */
export function checkPreconditions(request: Request, validators: Validators | null): Response | undefined {
  const exchange = exchangeOf(request);
  const fields = toFields(validators ?? {});
  const verdict = evaluatePreconditions(exchange, fields, validators !== null);
  if (verdict === PRECONDITION_FAILED) throw new HttpError(PRECONDITION_FAILED);
  if (verdict === PROCEED) return undefined;
  const response = new Response(null, { status: NOT_MODIFIED });
  setValidators(response, fields);
  return response;
}

/** Gives a response its validators, by which it is answered with 304 or 412 when the request asks for that. */
export function withValidators(response: Response, validators: Validators): Response {
  setValidators(response, toFields(validators));
  const sender: Sender = (exchange) => {
    const headers = responseHeaderList(response);
    if (!response.ok || !isRetrieval(exchange.method)) return sendResponse(exchange, response);
    const verdict = evaluatePreconditions(exchange, validatorsIn(headers), true);
    if (verdict === PROCEED) return sendResponse(exchange, response);
    takeSource(response);
    respondUnsent(exchange, verdict, headers);
    return undefined;
  };
  return sentBy(response, sender);
}

/**
 * What a request's preconditions come to, in the order of RFC 9110 §13.2.2: 200, 304 or 412.
 * @param exists whether there is a representation now
 */
export function evaluatePreconditions(exchange: Exchange, current: FieldValidators, exists: boolean): number {
  const { headers, method } = exchange;
  const modified = current.lastModified === undefined ? undefined : parseHttpDate(current.lastModified);
  const ifMatch = headers.get("if-match");
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, current.etag, exists, false)) return PRECONDITION_FAILED;
  } else if (modified !== undefined) {
    const since = dateIn(headers.get("if-unmodified-since"));
    if (since !== undefined && modified > since) return PRECONDITION_FAILED;
  }
  const ifNoneMatch = headers.get("if-none-match");
  if (ifNoneMatch !== undefined) {
    if (matches(ifNoneMatch, current.etag, exists, true)) {
      return isRetrieval(method) ? NOT_MODIFIED : PRECONDITION_FAILED;
    }
  } else if (modified !== undefined && isRetrieval(method)) {
    const since = dateIn(headers.get("if-modified-since"));
    if (since !== undefined && modified <= since) return NOT_MODIFIED;
  }
  return PROCEED;
}

/**
 * Whether a Range may be applied (RFC 9110 §13.1.5): without If-Range, or where it names this version beyond doubt.
 * @param now milliseconds since 1970. A second in which something may still change tells no versions apart.
 */
export function permitsRange(exchange: Exchange, current: FieldValidators, now: number): boolean {
  const ifRange = exchange.headers.get("if-range");
  if (ifRange === undefined) return true;
  if (ifRange.endsWith('"')) {
    return current.etag !== undefined && isStrong(current.etag) && ifRange === current.etag;
  }
  const modified = dateIn(current.lastModified);
  return modified !== undefined && ifRange === current.lastModified && modified + 1000 < now;
}

/**
 * Answers 304, or throws the 412.
 * @param headers of the answer that is not sent. A 304 keeps them, but for those about the content (§15.4.5).
 */
export function respondUnsent(exchange: Exchange, verdict: number, headers: HeaderList): void {
  if (verdict === PRECONDITION_FAILED) throw new HttpError(PRECONDITION_FAILED);
  const kept: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    if (!aboutContent.has(headers[i] as string)) kept.push(headers[i] as string, headers[i + 1] as string);
  }
  exchange.respond(NOT_MODIFIED, kept, null);
}

const aboutContent: ReadonlySet<string> = new Set([
  "content-type",
  "content-length",
  "content-encoding",
  "content-language",
  "content-range",
  "content-disposition",
]);

export function isRetrieval(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

function validatorsIn(headers: HeaderList): FieldValidators {
  let etag: string | undefined;
  let lastModified: string | undefined;
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] === "etag") etag = headers[i + 1];
    else if (headers[i] === "last-modified") lastModified = headers[i + 1];
  }
  return { etag, lastModified };
}

function toFields({ etag, lastModified }: Validators): FieldValidators {
  return {
    etag: etag === undefined ? undefined : toEntityTag(etag),
    lastModified: lastModified === undefined ? undefined : formatHttpDate(lastModified),
  };
}

function setValidators(response: Response, { etag, lastModified }: FieldValidators): void {
  if (etag !== undefined) response.headers.set("etag", etag);
  if (lastModified !== undefined) response.headers.set("last-modified", lastModified);
}

function matches(list: string, etag: string | undefined, exists: boolean, weakly: boolean): boolean {
  if (list === "*") return exists;
  return exists && etag !== undefined && listsTag(list, etag, weakly);
}

function dateIn(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseHttpDate(text);
}

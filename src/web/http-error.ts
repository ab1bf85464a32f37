/** An answer other than success, thrown. */
import { type HeadersInit, toHeaderList } from "../gateway/headers.ts";
import type { HeaderList } from "../http/exchange.ts";
import { reasonPhrase } from "../http/status.ts";

export interface HttpErrorOptions {
  /** Further header fields of the answer. */
  readonly headers?: HeadersInit;
  /** What led to this error; for the log, never for the client. */
  readonly cause?: unknown;
}

/**
 * Thrown from anywhere under a handler, it is the answer:
 *
 *     throw new HttpError(404, { msg: "no such user" });
 */
export class HttpError extends Error {
  override readonly name: string = "HttpError";
  /** 400 to 599. */
  readonly status: number;
  /** A string is sent as text, an object as JSON. Default: the status and its meaning, such as `404 Not Found`. */
  readonly body: string | object;
  /** The answer's further header fields: name, value, name, value, … */
  readonly headers: HeaderList;

  /**
   * @throws RangeError for a status that is no error's.
   * @throws TypeError for a header that can't be sent.
   */
  constructor(status: number, body?: string | object, options: HttpErrorOptions = {}) {
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw new RangeError(`an HttpError's status is an integer from 400 to 599, not ${status}`);
    }
    const title = statusTitle(status);
    super(typeof body === "string" ? body : title, "cause" in options ? { cause: options.cause } : undefined);
    this.status = status;
    this.body = body ?? title;
    this.headers = options.headers === undefined ? [] : toHeaderList(options.headers);
  }
}

/** A status and what it means: `404 Not Found`. */
export function statusTitle(status: number): string {
  const reason = reasonPhrase(status);
  return reason === "" ? String(status) : `${status} ${reason}`;
}

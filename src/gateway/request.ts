/**
 * `Request`: an exchange's request, seen as the WHATWG Fetch standard's (§5.4). Nothing of it is built before
 * it is looked at: an application that asks for method and URL pays for no `Headers` and no stream.
 */
import type { Exchange } from "../http/exchange.ts";
import { absoluteUrl } from "./absolute-url.ts";
import { Body } from "./body.ts";
import { type Headers, headersOver } from "./headers.ts";

/** The exchange that a request is of. Internal to the package: applications have the request only. */
export let exchangeOf: (request: Request) => Exchange;

export class Request extends Body {
  readonly #exchange: Exchange;
  #headers: Headers | undefined;
  #url: string | undefined;

  static {
    exchangeOf = (request) => request.#exchange;
  }

  constructor(exchange: Exchange) {
    super(exchange.body);
    this.#exchange = exchange;
  }

  /** As sent: methods are case-sensitive (RFC 9110 §9.1). */
  get method(): string {
    return this.#exchange.method;
  }

  /**
   * The absolute URL, as the URL standard serializes it.
   * @throws RequestError 400 for a host that no URL can name.
   */
  get url(): string {
    return (this.#url ??= absoluteUrl(this.#exchange));
  }

  /** The request's fields. Changes are seen by whoever else has this request. */
  get headers(): Headers {
    return (this.#headers ??= headersOver(joinCookies(this.#exchange.headers.list)));
  }

  /** Aborted when the client goes away before the answer is complete. */
  get signal(): AbortSignal {
    return this.#exchange.signal;
  }

  get [Symbol.toStringTag](): string {
    return "Request";
  }
}

/** HTTP/2 may send cookies in several lines; they are joined by "; " (RFC 9113 §8.2.3) and not as other fields are. */
function joinCookies(list: readonly string[]): readonly string[] {
  let first = -1;
  let joined: string[] | undefined;
  for (let i = 0; i < list.length; i += 2) {
    if (list[i] === "cookie") {
      if (first >= 0) {
        joined ??= list.slice(0, i);
        joined[first + 1] += `; ${list[i + 1]}`;
        continue;
      }
      first = i;
    }
    joined?.push(list[i] as string, list[i + 1] as string);
  }
  return joined ?? list;
}

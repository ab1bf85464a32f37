/**
 * `Request` of the WHATWG Fetch standard (§5.4). One that came over an exchange is built as it is looked at: an
 * application that asks for method and URL pays for no `Headers` and no stream.
 */
import type { Exchange } from "../http/exchange.ts";
import { absoluteUrl } from "./absolute-url.ts";
import { Body, takeSource, teeSource } from "./body.ts";
import { type Headers, headerListOf, headersOver } from "./headers.ts";
import { actAsPlatformClass, isPlatformObject } from "./platform.ts";
import {
  combine,
  defaultSettings,
  originOfPlatform,
  originOfUrl,
  type RequestInit,
  type RequestOrigin,
  RequestParts,
  type RequestSettings,
  settingsOf,
} from "./request-init.ts";

/** The exchange that a request came over. Internal to the package: applications have the request only. */
export let exchangeOf: (request: Request) => Exchange;

/** Whether a value is a `Request` of this class. Internal to the package. */
export let isRequest: (value: object) => value is Request;

/** What Node's `fetch` is to send a request by, if something was named. Internal to the package. */
export let dispatcherOf: (request: Request) => unknown;

/** Says of a request over an exchange that it shows no body, as a GET of the standard has none. Internal to the package. */
export const withoutBody: RequestInit = Object.freeze({ body: null });

export class Request extends Body {
  readonly #exchange: Exchange | null;
  /** What it was made of; null for one that came over an exchange. */
  readonly #parts: RequestParts | null;
  #headers: Headers | undefined;
  #url: string | undefined;
  #signal: AbortSignal | undefined;

  declare readonly [Symbol.toStringTag]: "Request";

  static {
    exchangeOf = (request) => {
      if (request.#exchange === null) throw new TypeError("this request came over no exchange");
      return request.#exchange;
    };
    isRequest = (value): value is Request => #parts in value;
    actAsPlatformClass<Request>(Request, {
      name: "Request",
      isOurs: isRequest,
      shown: ({ method, url, headers, bodyUsed }) => ({ method, url, headers, bodyUsed }),
    });
    dispatcherOf = (request) => request.#parts?.dispatcher;
  }

  /**
   * @param input an absolute URL, or a request, Socle's or the platform's, whose body is then taken over. A server
   *   gives an exchange, whose request it is; an init has no say there.
   * @throws TypeError for a URL that is none, for what the standard does not allow, and for a body that was read already.
   */
  constructor(input: string | URL | Request | globalThis.Request | Exchange, init?: RequestInit) {
    const exchange = isExchange(input) ? input : null;
    const parts = exchange === null ? makeParts(input, init) : null;
    super(exchange === null ? (parts as RequestParts).source : init === withoutBody ? null : exchange.body);
    this.#exchange = exchange;
    this.#parts = parts;
  }

  /** As sent: methods are case-sensitive (RFC 9110 §9.1). */
  get method(): string {
    return this.#parts === null ? (this.#exchange as Exchange).method : this.#parts.method;
  }

  /**
   * The absolute URL, as the URL standard serializes it.
   * @throws RequestError 400 for a host that no URL can name.
   */
  get url(): string {
    return (this.#url ??= this.#parts === null ? absoluteUrl(this.#exchange as Exchange) : this.#parts.url);
  }

  /** The request's fields. Changes are seen by whoever else has this request. */
  get headers(): Headers {
    return (this.#headers ??= headersOver(
      this.#parts === null ? (this.#exchange as Exchange).headers.list : this.#parts.headers,
    ));
  }

  /** Aborted when the client goes away before the answer is complete, or with the signal that the request was made with. */
  get signal(): AbortSignal {
    if (this.#parts === null) return (this.#exchange as Exchange).signal;
    return (this.#signal ??= follow(this.#parts.follows));
  }

  get mode(): RequestSettings["mode"] {
    return this.#settings.mode;
  }

  get credentials(): RequestSettings["credentials"] {
    return this.#settings.credentials;
  }

  get cache(): RequestSettings["cache"] {
    return this.#settings.cache;
  }

  get redirect(): RequestSettings["redirect"] {
    return this.#settings.redirect;
  }

  get referrer(): string {
    return this.#settings.referrer;
  }

  get referrerPolicy(): RequestSettings["referrerPolicy"] {
    return this.#settings.referrerPolicy;
  }

  get integrity(): string {
    return this.#settings.integrity;
  }

  get keepalive(): boolean {
    return this.#settings.keepalive;
  }

  /** Always "": what a page wants something for. */
  get destination(): "" {
    return "";
  }

  get duplex(): "half" {
    return "half";
  }

  get isReloadNavigation(): boolean {
    return false;
  }

  get isHistoryNavigation(): boolean {
    return false;
  }

  /** @throws TypeError if the body was read already. */
  clone(): Request {
    // The constructor takes parts as well, which is nobody else's business.
    return new Request(new RequestParts(originOf(this), teeSource(this)) as never);
  }

  get #settings(): RequestSettings {
    return this.#parts === null ? defaultSettings : this.#parts.settings;
  }
}

function isExchange(input: unknown): input is Exchange {
  return typeof input === "object" && input !== null && "respond" in input;
}

function makeParts(input: unknown, init: RequestInit | undefined): RequestParts {
  if (typeof input === "object" && input !== null) {
    if (input instanceof RequestParts) return input;
    if (isRequest(input)) return combine(originOf(input), init);
    if (isPlatformObject("Request", input)) return combine(originOfPlatform(input), init);
  }
  // Whatever else it is, the standard takes its text.
  return combine(originOfUrl(`${input as string}`), init);
}

function originOf(request: Request): RequestOrigin {
  return {
    method: request.method,
    url: request.url,
    headers: headerListOf(request.headers),
    follows: request,
    settings: settingsOf(request),
    dispatcher: dispatcherOf(request),
    takeBody: request.body === null ? null : () => takeSource(request),
  };
}

/** A signal of a request's own. */
function follow(followed: RequestParts["follows"]): AbortSignal {
  if (followed === null) return new AbortController().signal;
  return AbortSignal.any([followed instanceof AbortSignal ? followed : followed.signal]);
}

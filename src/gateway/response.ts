/**
 * `Response` of the WHATWG Fetch standard (§5.5), made to be cheap to make: text and bytes are kept as they
 * are, and there is neither a `Headers` nor a stream before one is touched.
 */
import { consistsOf, FIELD } from "../http/chars.ts";
import type { HeaderList } from "../http/exchange.ts";
import { Body, teeSource } from "./body.ts";
import { type BodyInit, extractBody, noHeaders, textHeaders, withDefaultType } from "./body-init.ts";
import { type Headers, type HeadersInit, headerListOf, headersOver, toHeaderList } from "./headers.ts";
import { actAsPlatformClass } from "./platform.ts";

export interface ResponseInit {
  /** 200 to 599. Default 200. */
  readonly status?: number | undefined;
  /** Kept for those who read it; it is not sent, HTTP/2 has none. Default "". */
  readonly statusText?: string | undefined;
  readonly headers?: HeadersInit | undefined;
}

export type { BodyInit as ResponseBody };
export { textHeaders };
/** What `Response.json`, and a handler's plain object, is sent as. */
export const jsonHeaders: HeaderList = Object.freeze(["content-type", "application/json"]);

/** A response's header fields, without making its `Headers`. Internal to the package. */
export let responseHeaderList: (response: Response) => HeaderList;
/** The response, or one like it whose headers may be changed where its own may not (`Response.redirect`). Internal to the package. */
export let withOpenHeaders: (response: Response) => Response;
/** Whether a value is a `Response` of this class. Internal to the package. */
export let isResponse: (value: object) => value is Response;

export class Response extends Body {
  #status = 200;
  #statusText = "";
  /** A list until someone asks for the `Headers`. */
  #headers: Headers | HeaderList;
  #immutable = false;

  declare readonly [Symbol.toStringTag]: "Response";

  static {
    responseHeaderList = (response) =>
      isList(response.#headers) ? response.#headers : headerListOf(response.#headers);
    withOpenHeaders = (response) => {
      if (!response.#immutable || response.#status === 0) return response;
      const open = new Response(null, { status: response.#status, statusText: response.#statusText });
      open.#headers = responseHeaderList(response);
      return open;
    };
    isResponse = (value): value is Response => #status in value;
    actAsPlatformClass<Response>(Response, {
      name: "Response",
      isOurs: isResponse,
      shown: ({ status, statusText, headers, bodyUsed }) => ({ status, statusText, headers, bodyUsed }),
    });
  }

  /** A network error: status 0. It is for intermediaries in a browser and can't be sent. */
  static error(): Response {
    const response = new Response(null);
    response.#status = 0;
    response.#immutable = true;
    return response;
  }

  /** @throws TypeError for what JSON has no form for. */
  static json(data: unknown, init?: ResponseInit): Response {
    const text = JSON.stringify(data);
    if (text === undefined) throw new TypeError(`JSON has no form for ${typeof data}`);
    const response = new Response(text);
    response.#headers = jsonHeaders;
    if (init !== undefined && init !== null) response.#apply(init, jsonHeaders, true);
    return response;
  }

  /**
   * @param url absolute, as in the standard outside of a page.
   * @throws TypeError if it is not; RangeError for a status other than 301, 302, 303, 307, 308.
   */
  static redirect(url: string | URL, status = 302): Response {
    status = Math.trunc(Number(status));
    let location: string;
    try {
      location = new URL(url).href;
    } catch {
      throw new TypeError(`Response.redirect needs an absolute URL, not ${JSON.stringify(String(url))}`);
    }
    if (![301, 302, 303, 307, 308].includes(status)) {
      throw new RangeError(`a redirect's status is 301, 302, 303, 307 or 308, not ${status}`);
    }
    const response = new Response(null, { status, headers: { location } });
    response.#immutable = true;
    return response;
  }

  /**
   * @throws RangeError for a status outside 200 to 599.
   * @throws TypeError for a body with a status that has none, or a header or statusText that can't be sent.
   */
  constructor(body?: BodyInit | null, init?: ResponseInit | null) {
    const extracted =
      typeof body === "string" || body === undefined || body === null ? null : extractBody(body);
    super(extracted === null ? ((body as string | null | undefined) ?? null) : extracted.source);
    const headers =
      extracted !== null ? extracted.headers : typeof body === "string" ? textHeaders : noHeaders;
    this.#headers = headers;
    if (init !== undefined && init !== null) this.#apply(init, headers, body !== undefined && body !== null);
  }

  get status(): number {
    return this.#status;
  }

  get statusText(): string {
    return this.#statusText;
  }

  /** Whether the status is 200 to 299. */
  get ok(): boolean {
    return this.#status >= 200 && this.#status <= 299;
  }

  get headers(): Headers {
    const headers = this.#headers;
    return isList(headers) ? (this.#headers = headersOver(headers, this.#immutable)) : headers;
  }

  get type(): "default" | "error" {
    return this.#status === 0 ? "error" : "default";
  }

  /** Always "": this response came over no network. */
  get url(): string {
    return "";
  }

  get redirected(): boolean {
    return false;
  }

  /** @throws TypeError if the body was read already. */
  clone(): Response {
    const clone = new Response(teeSource(this));
    clone.#status = this.#status;
    clone.#statusText = this.#statusText;
    clone.#headers = responseHeaderList(this);
    clone.#immutable = this.#immutable;
    return clone;
  }

  #apply(init: ResponseInit, typeHeaders: HeaderList, hasBody: boolean): void {
    if (typeof init !== "object" && typeof init !== "function") {
      throw new TypeError(`a response's init must be an object, not ${typeof init}`);
    }
    if (init.status !== undefined) {
      const status = Math.trunc(Number(init.status));
      if (!(status >= 200 && status <= 599)) {
        throw new RangeError(`a response's status is an integer from 200 to 599, not ${init.status}`);
      }
      if (hasBody && (status === 204 || status === 205 || status === 304)) {
        throw new TypeError(
          `a response with status ${status} has no body: make it with new Response(null, …)`,
        );
      }
      this.#status = status;
    }
    if (init.statusText !== undefined) {
      const text = String(init.statusText);
      if (text !== "" && !consistsOf(text, FIELD))
        throw new TypeError("statusText has a character that can't be sent");
      this.#statusText = text;
    }
    if (init.headers !== undefined) this.#headers = withDefaultType(toHeaderList(init.headers), typeHeaders);
  }
}

function isList(headers: Headers | HeaderList): headers is HeaderList {
  return Array.isArray(headers);
}

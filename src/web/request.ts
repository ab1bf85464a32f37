/** The framework's request: a lazy WHATWG `Request` with what handlers mostly ask for. */
import { isUtf8 } from "node:buffer";
import { randomUUID } from "node:crypto";
import { takeWhole } from "../gateway/body.ts";
import { exchangeOf, Request as GatewayRequest } from "../gateway/request.ts";
import type { Exchange } from "../http/exchange.ts";
import { plainAddress } from "../net/listener/ip-address.ts";
import { parseCookies } from "./cookies.ts";
import { HttpError } from "./http-error.ts";
import { parseJson } from "./json.ts";
import { essence, isJson } from "./media-type.ts";
import type { MultiDict } from "./multi-dict.ts";
import type { MatchedPath, ParamValues } from "./path.ts";
import { bestEncoding, bestLanguage, bestMediaType, type MediaTypeName } from "./responses/negotiation.ts";
import { parseUrlEncoded } from "./url-encoded.ts";

/** `Params` are the parameters of the route's path, by name. Nothing is parsed before it is asked for. */
export class Request<Params = ParamValues> extends GatewayRequest {
  readonly #match: MatchedPath;
  #query: MultiDict | undefined;
  #cookies: MultiDict | undefined;
  #id: string | undefined;

  constructor(exchange: Exchange, match: MatchedPath) {
    super(exchange);
    this.#match = match;
  }

  /** The path, decoded: a slash in it is always a separator, and no segment is `.` or `..`. */
  get path(): string {
    return this.#match.path;
  }

  /** The parameters of the path, converted: for `/users/<int:id>`, `params.id` is a number. */
  get params(): Params {
    return this.#match.params as Params;
  }

  /**
   * The query of the URL. `+` is a space.
   * @throws HttpError 400 for malformed percent-encoding, what is not UTF-8, and more than 1,000 entries.
   */
  get query(): MultiDict {
    return (this.#query ??= this.#parseQuery());
  }

  /** The cookies that came, decoded. Of two with the same name `get` gives the first, which was set for the longer path. */
  get cookies(): MultiDict {
    return (this.#cookies ??= parseCookies(exchangeOf(this).headers.get("cookie")));
  }

  /**
   * The address of the client, or of the proxy that it came through (one that speaks the PROXY protocol tells the client's own).
   * Undefined over a Unix socket. An IPv4 address is written as one, whatever socket it came in on.
   */
  get ip(): string | undefined {
    const address = exchangeOf(this).connection.remoteAddress;
    return address === undefined ? undefined : plainAddress(address);
  }

  /** Names this request in logs: a UUID, made when it is first asked for. A client's own `x-request-id` is only its word. */
  get id(): string {
    return (this.#id ??= randomUUID());
  }

  /**
   * Which of the media types the client likes best, as its `accept` says:
   *
   *     if (request.accepts("json", "html") === "html") …
   *
   * Between equals the closer fit is taken, then what the client has named first, then what is offered first. Without the field,
   * the first.
   * @param offered short names such as `json`, or media types
   * @returns undefined where it takes none of them: answer 406, or with what there is.
   * @throws TypeError for a name that stands for no media type.
   */
  accepts<const Name extends MediaTypeName>(...offered: readonly Name[]): Name | undefined {
    return bestMediaType(exchangeOf(this).headers.get("accept"), offered);
  }

  /** Which of the languages the client likes best, as its `accept-language` says: `acceptsLanguages("en", "de-CH")`. As `accepts`. */
  acceptsLanguages<const Tag extends string>(...offered: readonly Tag[]): Tag | undefined {
    return bestLanguage(exchangeOf(this).headers.get("accept-language"), offered);
  }

  /**
   * Which of the content codings the client likes best, as its `accept-encoding` says; between equals, the one offered first.
   * `identity` is taken unless it is excluded; without the field, nothing else is.
   */
  acceptsEncodings<const Coding extends string>(...offered: readonly Coding[]): Coding | undefined {
    return bestEncoding(exchangeOf(this).headers.get("accept-encoding"), offered);
  }

  /** The body's media type without parameters, in lower case; "" where there is none. */
  get mediaType(): string {
    return essence(exchangeOf(this).headers.get("content-type"));
  }

  /**
   * The body, read as JSON. It is UTF-8, whatever `charset` says (RFC 8259 §8.1).
   * `T` is what you expect, and is not checked.
   * @throws HttpError 415 if the media type is neither `application/json` nor ends in `+json`.
   * @throws HttpError 400, with reason and place, if the body is not JSON.
   * @throws RequestError 413 beyond the limit for bodies; 400 or 408 when the client fails to send it.
   */
  override async json<T = unknown>(): Promise<T> {
    const type = this.mediaType;
    if (!isJson(type))
      throw unsupported(type, "JSON is expected here: send it with content-type: application/json");
    return parseJson(takeWhole(this) ?? (await this.bytes())) as T;
  }

  /**
   * The body, read as the fields of a form in `application/x-www-form-urlencoded`. It is UTF-8.
   * @throws HttpError 415 for another media type. `multipart/form-data` is among those: `formData()` reads it, into memory.
   * @throws HttpError 400 as `query`.
   * @throws RequestError as `json`.
   */
  async form(): Promise<MultiDict> {
    const type = this.mediaType;
    if (type !== "application/x-www-form-urlencoded") {
      const rest = type === "multipart/form-data" ? "; multipart forms are not taken here" : "";
      throw unsupported(type, `a form is expected here, as application/x-www-form-urlencoded${rest}`);
    }
    const bytes = await this.bytes();
    if (!isUtf8(bytes)) throw new HttpError(400, "the form is not UTF-8");
    return parseUrlEncoded(Buffer.from(bytes.buffer, 0, bytes.byteLength).toString(), "form");
  }

  #parseQuery(): MultiDict {
    const target = exchangeOf(this).target;
    const mark = target.indexOf("?");
    return parseUrlEncoded(mark < 0 ? "" : target.slice(mark + 1), "query");
  }
}

function unsupported(type: string, why: string): HttpError {
  return new HttpError(
    415,
    `${type === "" ? "the body has no content-type" : `the body is ${type}`}, but ${why}`,
  );
}

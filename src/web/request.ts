/** The framework's request: a lazy WHATWG `Request` with what handlers mostly ask for. */
import { randomUUID } from "node:crypto";
import { takeWhole } from "../gateway/body.ts";
import { exchangeOf, Request as GatewayRequest } from "../gateway/request.ts";
import type { Exchange } from "../http/exchange.ts";
import { plainAddress } from "../net/listener/ip-address.ts";
import { parseCookies } from "./cookies.ts";
import type { FileDict } from "./forms/file-dict.ts";
import type { FormLimits, FormOptions } from "./forms/form-options.ts";
import type { FormPart } from "./forms/form-parts.ts";
import type { ParsedForm } from "./forms/multipart-form.ts";
import { partsOf, RequestForm } from "./forms/request-form.ts";
import { HttpError } from "./http-error.ts";
import { parseJson } from "./json.ts";
import { essence, isJson } from "./media-type.ts";
import type { MultiDict } from "./multi-dict.ts";
import type { MatchedPath, ParamValues } from "./path.ts";
import { bestEncoding, bestLanguage, bestMediaType, type MediaTypeName } from "./responses/negotiation.ts";
import type { Session } from "./sessions/session.ts";
import type { SessionSlot } from "./sessions/session-slot.ts";
import { parseUrlEncoded } from "./url-encoded.ts";
import type { RouteWithoutSchema } from "./validation/schemas.ts";

/** Gives a request what its route's schemas made of it. Internal to the package. */
export let setValid: (request: Request<never>, valid: object) => void;

/**
 * Gives a request the place of its session. Internal to the package.
 * @throws TypeError if it has one.
 */
export let attachSession: (request: Request, slot: SessionSlot) => void;

/**
 * Removes the files of a request's form that nobody has saved: for when the request is over. Costs nothing where no form was read.
 * Never rejected by what the client did. Internal to the package.
 */
export let releaseForm: (request: Request<unknown, unknown>) => Promise<void> | undefined;

/**
 * `Params` are the parameters of the route's path, by name; `Checked` is what the route's schemas give. Nothing is parsed before it is
 * asked for.
 */
export class Request<Params = ParamValues, Checked = RouteWithoutSchema> extends GatewayRequest {
  readonly #match: MatchedPath;
  #query: MultiDict | undefined;
  #cookies: MultiDict | undefined;
  #id: string | undefined;
  #form: RequestForm | undefined;
  #valid: object | undefined;
  #sessionSlot: SessionSlot | undefined;

  static {
    releaseForm = (request) => request.#form?.release();
    setValid = (request, valid) => {
      request.#valid = valid;
    };
    attachSession = (request, slot) => {
      if (request.#sessionSlot !== undefined) {
        throw new TypeError(
          "sessions() is registered twice for this request: have it in the app, or in a blueprint",
        );
      }
      request.#sessionSlot = slot;
    };
  }

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
   * What the route's schemas have checked and made of the request: `valid.body`, `valid.query` and so on, for each schema that was given
   * in the route's options.
   * @throws TypeError where there is none, or before it was checked: `before` hooks come first.
   */
  get valid(): Checked {
    if (this.#valid === undefined) {
      throw new TypeError(
        "nothing of this request was checked: give its route a schema, as app.post(path, { body: schema }, handler), and read request.valid in the handler",
      );
    }
    return this.#valid as Checked;
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
   * What is remembered of this visitor: see `sessions()`. It is opened when it is first read.
   * @throws TypeError where there are no sessions; HttpError 503 where their store can't be reached.
   */
  get session(): Session {
    if (this.#sessionSlot === undefined) {
      throw new TypeError(
        "there is no session for this request: app.register(sessions({ secret: config.secret })) gives an app sessions, which its hooks and handlers have, and what is registered or used after it",
      );
    }
    return this.#sessionSlot.session;
  }

  /**
   * The address of the client, or of the proxy that it came through: the client's own is told by a proxy that speaks the PROXY
   * protocol, and by one that the app believes (`trustProxies`). Undefined over a Unix socket. An IPv4 address is written as one,
   * whatever socket it came in on.
   */
  get ip(): string | undefined {
    const address = exchangeOf(this).connection.remoteAddress;
    return address === undefined ? undefined : plainAddress(address);
  }

  /** What the URL begins with: `https` over TLS, or where a proxy that the app believes says so. */
  get scheme(): "http" | "https" {
    return exchangeOf(this).scheme;
  }

  /** The host that was asked for, in lower case, with its port if the client has sent one. It is the client's to choose. */
  get host(): string {
    return exchangeOf(this).authority;
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
    return readJson(this) as T;
  }

  /**
   * The text fields of a form, in `application/x-www-form-urlencoded` or `multipart/form-data`. It is UTF-8. The form is read once,
   * for `files` as well, with the options of the first call.
   * @throws HttpError 415 for another media type.
   * @throws HttpError 400, with reason and place, for what is malformed or not complete; 413 beyond a limit.
   * @throws RequestError as `json`.
   */
  async form(options: FormOptions = {}): Promise<MultiDict> {
    return (await this.#readForm(options)).fields;
  }

  /**
   * The files of a form, by the names of their fields: in memory as far as `memoryBytes` goes, then on the disk. They are there until
   * the request is over: `saveTo` keeps one. A file field in which none was chosen is left out; a form in
   * `application/x-www-form-urlencoded` has none. Throws as `form`.
   */
  async files(options: FormOptions = {}): Promise<FileDict> {
    return (await this.#readForm(options)).files;
  }

  /**
   * The parts of a `multipart/form-data` form as they come, fields and files in the client's order, for files that are to go elsewhere
   * than to the disk:
   *
   *     for await (const part of request.parts({ maxBytes: 2 ** 30 })) {
   *       if (part.kind === "file") await bucket.put(part.name, part.stream());
   *     }
   *
   * Nothing is stored, and the client is held back while nobody reads. It takes the place of `form` and `files`. Throws as `form`.
   */
  parts(options: FormLimits = {}): AsyncGenerator<FormPart, undefined> {
    return partsOf(this, options);
  }

  #readForm(options: FormOptions): Promise<ParsedForm> {
    return (this.#form ??= new RequestForm(this, options)).parsed;
  }

  #parseQuery(): MultiDict {
    const target = exchangeOf(this).target;
    const mark = target.indexOf("?");
    return parseUrlEncoded(mark < 0 ? "" : target.slice(mark + 1), "query");
  }
}

/** As `request.json()`, but at once where all of the body has come: else it is a promise. Internal to the package. */
export function readJson(request: Request<unknown, unknown>): unknown {
  const type = request.mediaType;
  if (!isJson(type))
    throw unsupported(type, "JSON is expected here: send it with content-type: application/json");
  const whole = takeWhole(request);
  return whole === null ? request.bytes().then(parseJson) : parseJson(whole);
}

function unsupported(type: string, why: string): HttpError {
  return new HttpError(
    415,
    `${type === "" ? "the body has no content-type" : `the body is ${type}`}, but ${why}`,
  );
}

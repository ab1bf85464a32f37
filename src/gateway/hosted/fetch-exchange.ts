/**
 * An exchange over the platform's `Request`, answered with a `Response`: how an application of ours runs where
 * the server belongs to the runtime (Bun, Deno, Cloudflare's workers). Nothing here needs Node.
 */
import { consistsOf, HOST } from "../../http/chars.ts";
import { RequestError } from "../../http/errors.ts";
import type { Exchange, HeaderList } from "../../http/exchange.ts";
import { FieldSection } from "../../http/field-section.ts";
import { checkStatus } from "../../http/response-head.ts";
import type { Endpoints } from "../../net/transport/transport.ts";
import { AnswerStream } from "../answer-stream.ts";
import type { Application } from "../application.ts";
import { CheckedExchange } from "../checked-exchange.ts";
import { IteratedBody } from "../iterated-body.ts";
import { platformResponse } from "../platform.ts";
import { toBytes } from "../readable-stream.ts";
import { FetchEndpoints } from "./fetch-endpoints.ts";
import { HostedApplication, type HostedOptions, plainText } from "./hosted-application.ts";

/** What a runtime takes as its `fetch` handler. The further arguments are the runtime's own: Bun's server, Deno's info. */
export type PlatformFetchHandler = (
  request: globalThis.Request,
  ...rest: unknown[]
) => Promise<globalThis.Response>;

/** RFC 9110 has no status for it; nobody gets to see this one but those who stand between. */
const CLIENT_GONE = 499;

/**
 * The application as a fetch handler:
 *
 *     export default { fetch: toFetchHandler(application) };
 *
 * `start` is called before the first request. What the application throws is answered with 500. The promise is
 * never rejected.
 */
export function toFetchHandler(application: Application, options: HostedOptions = {}): PlatformFetchHandler {
  const hosted = new HostedApplication(application, options);
  return (request, ...rest) => {
    let exchange: FetchExchange;
    try {
      exchange = new FetchExchange(request, rest[0], hosted.maxBodyBytes);
    } catch (error) {
      if (!(error instanceof RequestError)) return Promise.reject(error);
      return Promise.resolve(newResponse(`${error.message}\n`, error.status, plainText));
    }
    hosted.answer(exchange);
    return exchange.response();
  };
}

export class FetchExchange extends CheckedExchange {
  readonly method: string;
  readonly target: string;
  readonly httpVersion = "1.1";
  readonly scheme: Exchange["scheme"];
  readonly authority: string;
  readonly body: IteratedBody | null;
  readonly #request: globalThis.Request;
  readonly #runtime: unknown;
  #headers: FieldSection | undefined;
  #endpoints: Endpoints | undefined;
  #watching = false;
  #response: globalThis.Response | undefined;
  #onResponse: ((response: globalThis.Response) => void) | undefined;
  #stream: AnswerStream | undefined;

  /**
   * @param runtime what the runtime has given besides the request
   * @throws RequestError for a URL that no request of HTTP can have
   */
  constructor(request: globalThis.Request, runtime: unknown, maxBodyBytes: number) {
    super();
    const { url } = request;
    const pathAt = url.indexOf("/", url.indexOf("://") + 3);
    const hash = url.indexOf("#", pathAt);
    this.#request = request;
    this.#runtime = runtime;
    this.method = request.method;
    this.scheme = url.startsWith("https:") ? "https" : "http";
    this.authority = checkedAuthority(url, pathAt);
    this.target = url.slice(pathAt, hash < 0 ? undefined : hash);
    this.body = this.#openBody(maxBodyBytes);
  }

  get headers(): FieldSection {
    return (this.#headers ??= this.#readHeaders());
  }

  get connection(): Endpoints {
    return (this.#endpoints ??= new FetchEndpoints(this.#request, this.scheme, this.#runtime));
  }

  /** The answer, when it is begun. */
  response(): Promise<globalThis.Response> {
    if (this.#response !== undefined) return Promise.resolve(this.#response);
    return new Promise((resolve) => {
      this.#onResponse = resolve;
    });
  }

  // What `CheckedExchange` asks for.

  /** A `Response` has no other status. */
  override checkStatusLine(status: number, reason: string | undefined): void {
    checkStatus(status);
    super.checkStatusLine(status, reason);
  }

  override watchClient(): void {
    if (this.#watching) return;
    this.#watching = true;
    const { signal } = this.#request;
    if (signal.aborted) this.lose();
    else signal.addEventListener("abort", () => this.lose(), { once: true });
  }

  sendWhole(
    status: number,
    headers: HeaderList,
    body: string | Uint8Array | null,
    contentLength: number,
    reason: string | undefined,
  ): void {
    // The length of a body that is there is the runtime's to tell.
    const fields =
      body === null && contentLength > 0 ? [...headers, "content-length", String(contentLength)] : headers;
    // Of a string without a type the platform says that it is plain text, which nobody has said.
    const untyped = typeof body === "string" && !hasContentType(headers);
    this.#give(newResponse(untyped ? toBytes(body) : body, status, fields, reason));
  }

  sendHead(status: number, headers: HeaderList, bodiless: boolean, reason: string | undefined): void {
    this.#give(newResponse(bodiless ? null : this.#openStream(), status, headers, reason));
  }

  sendPiece(piece: string | Uint8Array): Promise<void> | undefined {
    return (this.#stream as AnswerStream).write(toBytes(piece));
  }

  /** A `Response` has no place for trailers: they are left out, as in every answer that can't have them. */
  sendEnd(): void {
    this.#stream?.end();
  }

  /** No runtime lets a fetch handler send one. */
  sendInterim(): void {}

  /** All that a handler can do to break an answer off is to fail its stream. */
  cut(): void {
    if (this.#response === undefined) this.#give(newResponse(this.#openStream(), 500, []));
    this.#stream?.fail();
  }

  clientLost(): void {
    this.body?.disconnect();
    this.#stream?.release();
    // Whoever waits for it is let go.
    if (this.#response === undefined) this.#give(newResponse(null, CLIENT_GONE, []));
  }

  #openBody(maxBytes: number): IteratedBody | null {
    const { body, headers } = this.#request;
    if (body === null) return null;
    const announced = headers.get("content-length");
    // The runtime has seen to it that so much comes.
    const length = announced !== null && /^[0-9]{1,15}$/.test(announced) ? Number(announced) : null;
    if (length === 0) return null;
    const open = () => {
      this.watchClient();
      const reader = body.getReader();
      return { next: () => reader.read() };
    };
    return new IteratedBody(open, length, maxBytes);
  }

  #openStream(): globalThis.ReadableStream<Uint8Array> {
    return (this.#stream = new AnswerStream(() => this.lose())).stream;
  }

  #give(response: globalThis.Response): void {
    this.#response = response;
    this.#onResponse?.(response);
  }

  #readHeaders(): FieldSection {
    const list: string[] = [];
    for (const [name, value] of this.#request.headers) list.push(name, value);
    const section = FieldSection.fromList(list);
    // A request that was made by hand has none, and one that came over HTTP/2 may have none.
    if (!section.has("host")) list.unshift("host", this.authority);
    return section;
  }
}

/** @throws RequestError for a host that no request may name. The URL standard leaves more to a host than we do. */
function checkedAuthority(url: string, pathAt: number): string {
  const authority = url.slice(url.indexOf("://") + 3, pathAt);
  const host = authority.replace(/:[0-9]+$/, "");
  if (/^\[[0-9a-f:.]+\]$/i.test(host) || consistsOf(host, HOST)) return authority.toLowerCase();
  throw new RequestError(400, "bad-host", "Host must be one host name or address, with or without a port");
}

function hasContentType(headers: HeaderList): boolean {
  for (let i = 0; i < headers.length; i += 2) {
    if ((headers[i] as string).toLowerCase() === "content-type") return true;
  }
  return false;
}

function newResponse(
  body: string | Uint8Array | ReadableStream<Uint8Array> | null,
  status: number,
  headers: HeaderList,
  statusText = "",
): globalThis.Response {
  const pairs: [string, string][] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    // The connection is the runtime's.
    if (name.toLowerCase() !== "connection") pairs.push([name, headers[i + 1] as string]);
  }
  return new (platformResponse())(body, { status, statusText, headers: pairs });
}

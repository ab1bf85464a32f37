/** An exchange over HTTP/2: one stream. */
import { constants, type ServerHttp2Stream } from "node:http2";
import type { Endpoints, Transport } from "../net/transport/transport.ts";
import { clientGone, ExchangeError, RequestError } from "./errors.ts";
import type { Exchange, HeaderList, ResponseWriter } from "./exchange.ts";
import type { FieldSection } from "./field-section.ts";
import type { AnsweredExchange } from "./http1-response-writer.ts";
import { Http2Output, type SentCounter } from "./http2-output.ts";
import { Http2RequestBody } from "./http2-request-body.ts";
import { type Http2RequestHead, readTrailers } from "./http2-request-head.ts";
import { answerFields } from "./http2-response-head.ts";
import { Http2ResponseWriter } from "./http2-response-writer.ts";
import type { HttpLimits } from "./limits.ts";
import type { PulledBody } from "./pulled-body.ts";
import { answerLine, checkInterimStatus, checkStatus, interimLines, seen } from "./response-head.ts";
import { isBodiless, RESET_CONTENT } from "./status.ts";

const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR } = constants;

const OPEN = 0;
const STARTED = 1;
const CLOSED = 2;

/** What an exchange needs of its connection. */
export interface Http2ExchangeConnection extends SentCounter {
  readonly endpoints: Endpoints;
  readonly limits: HttpLimits;
  /** The client of an exchange has gone before the answer was complete. */
  exchangeLost(exchange: Http2Exchange): void;
  /** The stream of an exchange is gone. */
  streamClosed(exchange: Http2Exchange): void;
}

export class Http2Exchange implements Exchange, AnsweredExchange {
  readonly method: string;
  readonly target: string;
  readonly httpVersion = "2.0";
  readonly scheme = "https";
  readonly authority: string;
  readonly headers: FieldSection;
  readonly body: PulledBody | null;
  readonly upgradeOffer = null;
  /** Whether its handler has returned a promise that is not settled yet. For the connection's use. */
  handling = false;
  readonly #connection: Http2ExchangeConnection;
  readonly #stream: ServerHttp2Stream;
  readonly #content: Http2RequestBody | null;
  readonly #output: Http2Output;
  #controller: AbortController | undefined;
  #started = false;
  #phase = OPEN;
  #lost = false;
  #reset = false;

  /** @param ended whether the request has come whole */
  constructor(
    connection: Http2ExchangeConnection,
    stream: ServerHttp2Stream,
    head: Http2RequestHead,
    ended: boolean,
  ) {
    const { limits } = connection;
    this.#connection = connection;
    this.#stream = stream;
    this.method = head.method;
    this.target = head.target;
    this.authority = head.authority;
    this.headers = head.headers;
    this.#output = new Http2Output(stream, limits, connection);
    this.#content =
      ended || head.contentLength === 0
        ? null
        : new Http2RequestBody(this, stream, head.contentLength, head.expectsContinue, limits);
    this.body = this.#content?.body ?? null;
    if (this.#content !== null) {
      stream.once("trailers", (_object: unknown, _flags: number, raw: string[]) => this.#takeTrailers(raw));
    }
    stream.once("close", () => this.#closed());
  }

  get connection(): Endpoints {
    return this.#connection.endpoints;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#lost) this.#controller.abort(clientGone());
    }
    return this.#controller.signal;
  }

  get started(): boolean {
    return this.#started;
  }

  get closed(): boolean {
    return this.#phase === CLOSED;
  }

  /** Whether the client went away before the answer was complete. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Bytes of content that have come. */
  get receivedBytes(): number {
    return this.#content?.bytes ?? 0;
  }

  respond(status: number, headers: HeaderList, body: string | Uint8Array | null, reason?: string): void {
    this.#checkStatusLine(status, reason);
    const fields = answerFields(status, headers);
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    const length = bytes === null ? 0 : bytes.length;
    if (seen.contentLength < 0) {
      if (!isBodiless(status)) fields["content-length"] = String(length);
    } else if (
      seen.contentLength !== length &&
      !(body === null && (this.method === "HEAD" || status === 304))
    ) {
      throw new ExchangeError(
        `the header "content-length" says ${seen.contentLength}, but the body has ${length} bytes`,
      );
    }
    this.#started = true;
    if (!this.#isOpen()) return;
    const bodiless = bytes === null || length === 0 || this.#isBodiless(status);
    this.#stream.respond(fields, { endStream: bodiless });
    if (!bodiless) this.#output.writeWhole(bytes, this.#content === null);
    this.finish();
  }

  start(status: number, headers: HeaderList, reason?: string): ResponseWriter {
    this.#checkStatusLine(status, reason);
    const fields = answerFields(status, headers);
    const length = seen.contentLength;
    const bodiless = this.#isBodiless(status);
    this.#started = true;
    if (this.#isOpen()) {
      this.#phase = STARTED;
      this.#stream.respond(fields, { endStream: bodiless, waitForTrailers: !bodiless && length < 0 });
    }
    return new Http2ResponseWriter(this, this.#output, bodiless, bodiless ? -1 : length);
  }

  /** @throws ExchangeError always: a stream can't be taken over */
  upgrade(): Transport {
    this.#checkUnstarted();
    throw new ExchangeError("the client has offered no other protocol");
  }

  inform(status: number, headers: HeaderList): void {
    this.#checkUnstarted();
    checkInterimStatus(status);
    interimLines(headers);
    const fields = answerFields(status, headers);
    if (this.#isOpen()) this.#stream.additionalHeaders(fields);
  }

  abort(): void {
    if (this.#phase !== CLOSED) this.#resetStream(NGHTTP2_INTERNAL_ERROR);
  }

  // What the body and the writer call.

  sendContinue(): void {
    if (this.#isOpen()) this.#stream.additionalHeaders({ ":status": 100 });
  }

  /** The answer is complete. */
  finish(): void {
    this.#phase = CLOSED;
    // What is left of the body is not worth waiting for: the stream ends with the answer.
    if (this.#content?.drop() === false) this.#stream.close(NGHTTP2_NO_ERROR);
  }

  // What the connection calls.

  /** Called by the clock. */
  tick(now: number): void {
    // The session may be in no state to tell that the stream is gone.
    if (this.#reset) this.#stream.destroy();
    else if (this.#output.isTooSlow(now)) this.#resetStream(NGHTTP2_CANCEL);
    else if (this.#content?.isDropOverdue(now)) this.#stream.close(NGHTTP2_NO_ERROR);
    else this.#content?.tick(now);
  }

  #takeTrailers(raw: readonly string[]): void {
    try {
      this.#content?.takeTrailers(readTrailers(raw, this.#connection.limits));
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.#content?.fail(error);
    }
  }

  /** Resets the stream, unless it has ended. */
  #resetStream(code: number): void {
    this.#reset = true;
    this.#stream.close(code);
  }

  /** Whether an answer can go anywhere. The client may be gone already without our having been told. */
  #isOpen(): boolean {
    if (this.#phase !== CLOSED && (this.#stream.closed || this.#stream.destroyed)) this.#lose();
    return this.#phase !== CLOSED;
  }

  #closed(): void {
    this.#output.release();
    if (this.#phase !== CLOSED) this.#lose();
    this.#connection.streamClosed(this);
  }

  #lose(): void {
    this.#phase = CLOSED;
    this.#lost = true;
    this.#connection.exchangeLost(this);
    this.#controller?.abort(clientGone());
    this.#content?.fail(
      new RequestError(400, "incomplete-body", "the stream ended within the request's body"),
    );
  }

  /** RFC 9110 §15.3.6: 205 has no content either, and `node:http2` sends none. */
  #isBodiless(status: number): boolean {
    return this.method === "HEAD" || isBodiless(status) || status === RESET_CONTENT;
  }

  /** RFC 9113 §8.3.2: there is no reason phrase, and §8.6: no 101. */
  #checkStatusLine(status: number, reason: string | undefined): void {
    this.#checkUnstarted();
    checkStatus(status);
    answerLine(status, reason);
  }

  #checkUnstarted(): void {
    if (this.#started) throw new ExchangeError("the answer was begun already: an exchange has one answer");
  }
}

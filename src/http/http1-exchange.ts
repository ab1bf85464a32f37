/** An exchange over HTTP/1.1 or HTTP/1.0. */
import type { Endpoints, Transport } from "../net/transport/transport.ts";
import { consistsOf, TOKEN, trimmed } from "./chars.ts";
import { dateLine } from "./date.ts";
import { clientGone, ExchangeError } from "./errors.ts";
import type { ConnectionControl, Exchange, HeaderList, ResponseWriter } from "./exchange.ts";
import { FieldSection } from "./field-section.ts";
import { type AnsweredExchange, type AnswerOutput, Http1ResponseWriter } from "./http1-response-writer.ts";
import type { PulledBody } from "./pulled-body.ts";
import {
  answerLine,
  checkInterimStatus,
  fieldLines,
  interimLines,
  seen,
  statusLine,
} from "./response-head.ts";
import { isBodiless, isLengthless, RESET_CONTENT, SWITCHING_PROTOCOLS } from "./status.ts";
import { bytesAsLatin1, isAscii, utf8AsLatin1 } from "./text.ts";

/** Up to here the bytes of a body are sent as one string with the head: one write costs more than the copy. */
const SMALL_BODY = 2048;

const OPEN = 0;
const STARTED = 1;
const CLOSED = 2;

/** What an exchange needs of its connection. */
export interface ExchangeConnection extends ConnectionControl {
  readonly output: AnswerOutput;
  readonly endpoints: Endpoints;
  /** Whether the connection ended before the answer was complete. */
  readonly lost: boolean;
  /**
   * Decides whether the connection goes on after the answer that is about to be sent, and returns the
   * Connection line that says so (RFC 9112 §9.3, §9.6), or "" where the default says it.
   * @param mayPersist false where only the connection's end tells the answer's, or where the application has asked for it
   */
  settlePersistence(mayPersist: boolean): string;
  /** The current exchange's answer is complete. */
  exchangeFinished(): void;
  /** Ends the connection at once. */
  destroy(): void;
  /** Sends what is queued and gives the transport away. */
  handOver(): Transport;
}

export class Http1Exchange implements Exchange, AnsweredExchange {
  readonly method: string;
  readonly target: string;
  readonly authority: string;
  readonly body: PulledBody | null;
  readonly #connection: ExchangeConnection;
  readonly #minorVersion: number;
  readonly #fields: string;
  #headers: FieldSection | null;
  #controller: AbortController | undefined;
  #started = false;
  #phase = OPEN;

  constructor(
    connection: ExchangeConnection,
    method: string,
    target: string,
    authority: string,
    minorVersion: number,
    fields: string,
    knownFields: FieldSection | null,
    body: PulledBody | null,
  ) {
    this.#connection = connection;
    this.method = method;
    this.target = target;
    this.authority = authority;
    this.#minorVersion = minorVersion;
    this.#fields = fields;
    this.#headers = knownFields;
    this.body = body;
  }

  get httpVersion(): "1.0" | "1.1" {
    return this.#minorVersion === 0 ? "1.0" : "1.1";
  }

  get scheme(): "http" | "https" {
    return this.#connection.endpoints.encrypted ? "https" : "http";
  }

  get headers(): FieldSection {
    return (this.#headers ??= new FieldSection(this.#fields));
  }

  get connection(): Endpoints {
    return this.#connection.endpoints;
  }

  get connectionControl(): ConnectionControl {
    return this.#connection;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#phase === CLOSED && this.#connection.lost) this.#controller.abort(clientGone());
    }
    return this.#controller.signal;
  }

  get started(): boolean {
    return this.#started;
  }

  get closed(): boolean {
    return this.#phase === CLOSED;
  }

  respond(status: number, headers: HeaderList, body: string | Uint8Array | null, reason?: string): void {
    this.#checkUnstarted();
    let head = answerLine(status, reason) + fieldLines(headers, isLengthless(status));
    if (status === RESET_CONTENT) body = null;
    const length = body === null ? 0 : typeof body === "string" ? textLength(body) : body.length;
    if (seen.contentLength < 0) {
      // Of an answer to HEAD without a body it isn't known how long the body would be.
      if (!isBodiless(status) && !(body === null && (this.method === "HEAD" || endsByClose(status))))
        head += `content-length: ${length}\r\n`;
    } else if (
      seen.contentLength !== length &&
      !(body === null && (this.method === "HEAD" || isBodiless(status)))
    ) {
      throw new ExchangeError(
        `the header "content-length" says ${seen.contentLength}, but the body has ${length} bytes`,
      );
    }
    if (!seen.date) head += dateLine();
    // RFC 9110 §7.8: "A sender of Upgrade MUST also send an \"Upgrade\" connection option".
    if (seen.upgrade) head += "connection: upgrade\r\n";
    this.#started = true;
    if (this.#phase === CLOSED) return;
    const connection = this.#connection;
    head += connection.settlePersistence(!seen.close && status !== SWITCHING_PROTOCOLS);
    head += "\r\n";
    const output = connection.output;
    if (length === 0 || body === null || this.method === "HEAD" || isBodiless(status)) output.queueLast(head);
    else if (typeof body === "string")
      output.queueLast(head + (length === body.length ? body : utf8AsLatin1(body)));
    else if (length <= SMALL_BODY) output.queueLast(head + bytesAsLatin1(body));
    else output.queuePair(head, body);
    this.finish();
  }

  start(status: number, headers: HeaderList, reason?: string): ResponseWriter {
    this.#checkUnstarted();
    let head = answerLine(status, reason) + fieldLines(headers, isLengthless(status));
    if (!seen.date) head += dateLine();
    if (seen.upgrade) head += "connection: upgrade\r\n";
    const length = seen.contentLength;
    const bodiless = this.method === "HEAD" || isBodiless(status) || status === RESET_CONTENT;
    if (status === RESET_CONTENT && length < 0 && !seen.close) head += "content-length: 0\r\n";
    const chunked = !bodiless && length < 0 && this.#minorVersion > 0;
    if (chunked) head += "transfer-encoding: chunked\r\n";
    this.#started = true;
    if (this.#phase === OPEN) {
      this.#phase = STARTED;
      // Without a length and without chunks only the end of the connection ends the body (RFC 9112 §6.3).
      const delimited = bodiless || chunked || length >= 0;
      head += this.#connection.settlePersistence(delimited && !seen.close && status !== SWITCHING_PROTOCOLS);
      this.#connection.output.queue(`${head}\r\n`);
    }
    return new Http1ResponseWriter(this, this.#connection.output, bodiless, chunked, bodiless ? -1 : length);
  }

  get upgradeOffer(): string | null {
    if (this.#minorVersion === 0 || this.body !== null) return null;
    const offer = this.headers.get("upgrade");
    return offer !== undefined && listHas(this.headers.get("connection") ?? "", "upgrade") ? offer : null;
  }

  upgrade(protocol: string, headers: HeaderList): Transport {
    this.#checkUnstarted();
    if (this.upgradeOffer === null) throw new ExchangeError("the client has offered no other protocol");
    if (!protocol.split("/").every((part) => consistsOf(part, TOKEN))) {
      throw new ExchangeError(`${JSON.stringify(protocol)} is no protocol's name`);
    }
    if (!listHas(this.upgradeOffer, protocol.toLowerCase())) {
      throw new ExchangeError(`the client has offered ${this.upgradeOffer}, and not ${protocol}`);
    }
    const lines = interimLines(headers);
    this.#started = true;
    if (this.#phase === OPEN) {
      this.#connection.output.queue(
        `${statusLine(SWITCHING_PROTOCOLS)}connection: upgrade\r\nupgrade: ${protocol}\r\n${lines}\r\n`,
      );
    }
    this.#phase = CLOSED;
    return this.#connection.handOver();
  }

  inform(status: number, headers: HeaderList): void {
    this.#checkUnstarted();
    checkInterimStatus(status);
    const lines = interimLines(headers);
    if (this.#minorVersion > 0 && this.#phase === OPEN)
      this.#connection.output.queue(`${statusLine(status)}${lines}\r\n`);
  }

  abort(): void {
    if (this.#phase !== CLOSED) this.#connection.destroy();
  }

  /** The answer is complete: the connection goes on to the next request. */
  finish(): void {
    this.#phase = CLOSED;
    this.#connection.exchangeFinished();
  }

  /** The client has gone. */
  lose(): void {
    this.#phase = CLOSED;
    this.#controller?.abort(clientGone());
  }

  #checkUnstarted(): void {
    if (this.#started) throw new ExchangeError("the answer was begun already: an exchange has one answer");
  }
}

/** Whether a comma-separated list has an item, in whatever case. */
function listHas(list: string, item: string): boolean {
  return list
    .toLowerCase()
    .split(",")
    .some((each) => trimmed(each) === item);
}

/** Whether the connection's end, which was asked for, says that the body is empty (RFC 9112 §6.3). */
function endsByClose(status: number): boolean {
  return status === RESET_CONTENT && seen.close;
}

function textLength(text: string): number {
  return isAscii(text) ? text.length : Buffer.byteLength(text);
}

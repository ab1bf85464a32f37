/**
 * The contract's rules on the answer (docs/gateway.md), for exchanges whose bytes another server sends, or nobody:
 * in memory, over a fetch handler's `Response`, over Node's `ServerResponse`. What is specific to one of these is
 * the few verbs that it implements; they are called in an order that is sound, with what has been checked.
 */
import { clientGone, ExchangeError } from "../http/errors.ts";
import type { Exchange, HeaderList, RequestBody, ResponseWriter } from "../http/exchange.ts";
import type { FieldSection } from "../http/field-section.ts";
import {
  answerLine,
  checkInterimStatus,
  fieldLines,
  interimLines,
  seen,
  trailerLines,
} from "../http/response-head.ts";
import { isBodiless, isLengthless, RESET_CONTENT } from "../http/status.ts";
import type { Endpoints, Transport } from "../net/transport/transport.ts";

const OPEN = 0;
const STARTED = 1;
const CLOSED = 2;

export abstract class CheckedExchange implements Exchange {
  abstract readonly method: string;
  abstract readonly target: string;
  abstract readonly httpVersion: Exchange["httpVersion"];
  abstract readonly scheme: Exchange["scheme"];
  abstract readonly authority: string;
  abstract readonly headers: FieldSection;
  abstract readonly body: RequestBody | null;
  abstract readonly connection: Endpoints;
  #started = false;
  #phase = OPEN;
  #lost = false;
  #controller: AbortController | undefined;

  get signal(): AbortSignal {
    this.watchClient();
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
    this.watchClient();
    return this.#phase === CLOSED;
  }

  /** Null: the connection is not ours to give away. */
  get upgradeOffer(): string | null {
    return null;
  }

  /** @throws ExchangeError always */
  upgrade(_protocol: string, _headers: HeaderList): Transport {
    this.#checkUnstarted();
    throw new ExchangeError("the client has offered no other protocol");
  }

  respond(status: number, headers: HeaderList, body: string | Uint8Array | null, reason?: string): void {
    const announced = this.#checkHead(status, headers, reason);
    const content = status === RESET_CONTENT ? null : body;
    const length = content === null ? 0 : byteLength(content);
    const mayDiffer = content === null && (this.method === "HEAD" || isBodiless(status));
    if (announced >= 0 && announced !== length && !mayDiffer) {
      throw new ExchangeError(`content-length announces ${announced} bytes, but the body has ${length}`);
    }
    this.#started = true;
    if (this.#phase === CLOSED) return;
    this.#phase = CLOSED;
    // Of an answer to HEAD without a body it isn't known how long the body would be.
    const lengthToAdd = announced >= 0 || mayDiffer || isBodiless(status) ? -1 : length;
    const bodiless = this.method === "HEAD" || isBodiless(status);
    this.sendWhole(status, withoutUnfit(status, headers), bodiless ? null : content, lengthToAdd, reason);
  }

  start(status: number, headers: HeaderList, reason?: string): ResponseWriter {
    const announced = this.#checkHead(status, headers, reason);
    const bodiless = this.method === "HEAD" || isBodiless(status) || status === RESET_CONTENT;
    this.watchClient();
    this.#started = true;
    if (this.#phase === OPEN) {
      this.#phase = STARTED;
      this.sendHead(status, withoutUnfit(status, headers), bodiless, reason);
    }
    return new CheckedWriter(this, bodiless, bodiless ? -1 : announced);
  }

  inform(status: number, headers: HeaderList): void {
    this.#checkUnstarted();
    checkInterimStatus(status);
    interimLines(headers);
    if (this.httpVersion !== "1.0" && this.#phase === OPEN) {
      this.sendInterim(status, withoutUnfit(status, headers));
    }
  }

  abort(): void {
    if (this.#phase === CLOSED) return;
    this.cut();
    this.lose();
  }

  // What the writer calls.

  /** The answer that was begun is complete. @internal */
  finish(trailers: HeaderList): void {
    this.#phase = CLOSED;
    this.sendEnd(trailers);
  }

  // What the one who implements this calls.

  /** The client has gone, or was cut off. @internal */
  lose(): void {
    if (this.#phase === CLOSED) return;
    this.#phase = CLOSED;
    this.#lost = true;
    this.#controller?.abort(clientGone());
    this.clientLost();
  }

  // What the one who implements this does. An answer is one `sendWhole`; or `sendHead`, `sendPiece` as often as need be,
  // and `sendEnd`. `cut` may come in the place of each of them, and nothing comes behind it or `clientLost`.

  /**
   * The whole answer.
   * @param body null where there is none or may be none
   * @param contentLength to be added to the headers, unless it is -1
   * @param reason the application's own phrase, if it has one
   * @internal
   */
  abstract sendWhole(
    status: number,
    headers: HeaderList,
    body: string | Uint8Array | null,
    contentLength: number,
    reason: string | undefined,
  ): void;
  /** @param bodiless whether the answer may have no body: then no pieces come. @internal */
  abstract sendHead(status: number, headers: HeaderList, bodiless: boolean, reason: string | undefined): void;
  /** Returns what `ResponseWriter.write` returns. The piece is never empty. @internal */
  abstract sendPiece(piece: string | Uint8Array): Promise<void> | undefined;
  /** @internal */
  abstract sendEnd(trailers: HeaderList): void;
  /** @internal */
  abstract sendInterim(status: number, headers: HeaderList): void;
  /** Breaks the answer off, so that nobody takes it for whole. @internal */
  abstract cut(): void;
  /** The client has gone: whoever waits for it must go on. @internal */
  abstract clientLost(): void;
  /** Somebody is interested in whether the client leaves: from now on `lose` is to be called when it does. @internal */
  watchClient(): void {}
  /** @throws ExchangeError for a status that can't be sent, and for such a reason. @internal */
  checkStatusLine(status: number, reason: string | undefined): void {
    answerLine(status, reason);
  }

  /** Returns the announced content-length, or -1. */
  #checkHead(status: number, headers: HeaderList, reason: string | undefined): number {
    this.#checkUnstarted();
    this.checkStatusLine(status, reason);
    fieldLines(headers);
    return seen.contentLength;
  }

  #checkUnstarted(): void {
    if (this.#started) throw new ExchangeError("the answer was begun already: an exchange has one answer");
  }
}

class CheckedWriter implements ResponseWriter {
  readonly #exchange: CheckedExchange;
  /** True where the answer has no body (HEAD, 204, 304): what is written goes nowhere. */
  readonly #bodiless: boolean;
  /** The announced content-length, or -1. */
  readonly #announced: number;
  #written = 0;
  #ended = false;

  constructor(exchange: CheckedExchange, bodiless: boolean, announced: number) {
    this.#exchange = exchange;
    this.#bodiless = bodiless;
    this.#announced = announced;
  }

  write(chunk: string | Uint8Array): Promise<void> | undefined {
    if (this.#ended) throw new ExchangeError("write after end: the answer is complete");
    if (this.#bodiless || chunk.length === 0) return undefined;
    if (this.#announced >= 0) {
      const total = this.#written + byteLength(chunk);
      if (total > this.#announced) {
        throw new ExchangeError(
          `${total} bytes were written where content-length announced ${this.#announced}`,
        );
      }
      this.#written = total;
    }
    return this.#exchange.closed ? undefined : this.#exchange.sendPiece(chunk);
  }

  end(trailers: HeaderList = []): void {
    if (this.#ended) throw new ExchangeError("the answer is complete already");
    trailerLines(trailers);
    this.#ended = true;
    const exchange = this.#exchange;
    if (exchange.closed) return;
    if (this.#written < this.#announced) {
      exchange.abort();
      throw new ExchangeError(
        `the answer ended after ${this.#written} bytes where content-length announced ${this.#announced}`,
      );
    }
    exchange.finish(trailers);
  }
}

/** The fields without a Content-Length where the status may not have one (RFC 9110 §8.6). */
function withoutUnfit(status: number, headers: HeaderList): HeaderList {
  if (seen.contentLength < 0 || !isLengthless(status)) return headers;
  return headers.filter((_, i) => (headers[i - (i % 2)] as string).toLowerCase() !== "content-length");
}

function byteLength(chunk: string | Uint8Array): number {
  return typeof chunk === "string" ? Buffer.byteLength(chunk) : chunk.byteLength;
}

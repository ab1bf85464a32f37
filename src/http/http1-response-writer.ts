/** The body of an HTTP/1.1 response that is sent piece by piece: with a known length, in chunks, or until the connection ends. */
import { ExchangeError } from "./errors.ts";
import type { HeaderList, ResponseWriter } from "./exchange.ts";
import { trailerLines } from "./response-head.ts";
import { utf8AsLatin1 } from "./text.ts";

/** Where the bytes of an answer go. */
export interface AnswerOutput {
  /** Queues output, as latin1, for the end of this turn. */
  queue(text: string): void;
  /** As `queue`, for the end of an answer: that it is finished sends it. */
  queueLast(text: string): void;
  /** Sends text and bytes behind what is queued, without copying the bytes. */
  queuePair(text: string, bytes: Uint8Array): void;
  /** A promise for the time when the client has taken enough, or undefined when more can be written now. */
  whenWritable(): Promise<void> | undefined;
}

/** The exchange whose answer is written. */
export interface AnsweredExchange {
  readonly closed: boolean;
  /** The answer is complete. */
  finish(): void;
  /** The answer is broken. */
  abort(): void;
}

export class Http1ResponseWriter implements ResponseWriter {
  readonly #exchange: AnsweredExchange;
  readonly #output: AnswerOutput;
  /** True where the answer has no body (HEAD, 204, 304): what is written goes nowhere. */
  readonly #bodiless: boolean;
  readonly #chunked: boolean;
  /** Bytes still to come of an announced content-length; -1 where none was announced. */
  #remaining: number;
  #ended = false;

  constructor(
    exchange: AnsweredExchange,
    output: AnswerOutput,
    bodiless: boolean,
    chunked: boolean,
    length: number,
  ) {
    this.#exchange = exchange;
    this.#output = output;
    this.#bodiless = bodiless;
    this.#chunked = chunked;
    this.#remaining = length;
  }

  write(chunk: string | Uint8Array): Promise<void> | undefined {
    if (this.#ended) throw new ExchangeError("the answer is complete: nothing can be written behind its end");
    if (this.#bodiless || chunk.length === 0) return undefined;
    const data = typeof chunk === "string" ? utf8AsLatin1(chunk) : chunk;
    if (this.#remaining >= 0) {
      if (data.length > this.#remaining) {
        throw new ExchangeError(
          `more bytes were written than content-length announced: ${data.length - this.#remaining} too many`,
        );
      }
      this.#remaining -= data.length;
    }
    if (this.#exchange.closed) return undefined;
    const output = this.#output;
    if (!this.#chunked) {
      if (typeof data === "string") output.queue(data);
      else output.queuePair("", data);
    } else {
      const size = `${data.length.toString(16)}\r\n`;
      if (typeof data === "string") {
        output.queue(`${size}${data}\r\n`);
      } else {
        output.queuePair(size, data);
        output.queue("\r\n");
      }
    }
    return output.whenWritable();
  }

  end(trailers?: HeaderList): void {
    if (this.#ended) throw new ExchangeError("the answer is complete already");
    const lines = trailers === undefined ? "" : trailerLines(trailers);
    this.#ended = true;
    if (this.#exchange.closed) return;
    if (this.#remaining > 0) {
      this.#exchange.abort();
      throw new ExchangeError(
        `fewer bytes were written than content-length announced: ${this.#remaining} are missing`,
      );
    }
    // Trailers have a place in chunked bodies only (RFC 9110 §6.5.1); elsewhere they are left out.
    if (this.#chunked) this.#output.queueLast(`0\r\n${lines}\r\n`);
    this.#exchange.finish();
  }
}

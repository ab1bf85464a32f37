/** The body of an HTTP/1.1 response that is sent piece by piece: with a known length, in chunks, or until the connection ends. */
import { ExchangeError } from "./errors.ts";
import type { HeaderList, ResponseWriter } from "./exchange.ts";
import type { Http1Connection } from "./http1-connection.ts";
import type { Http1Exchange } from "./http1-exchange.ts";
import { trailerLines } from "./response-head.ts";
import { utf8AsLatin1 } from "./text.ts";

export class Http1ResponseWriter implements ResponseWriter {
  readonly #exchange: Http1Exchange;
  readonly #connection: Http1Connection;
  /** True where the answer has no body (HEAD, 204, 304): what is written goes nowhere. */
  readonly #bodiless: boolean;
  readonly #chunked: boolean;
  /** Bytes still to come of an announced content-length; -1 where none was announced. */
  #remaining: number;
  #ended = false;

  constructor(
    exchange: Http1Exchange,
    connection: Http1Connection,
    bodiless: boolean,
    chunked: boolean,
    length: number,
  ) {
    this.#exchange = exchange;
    this.#connection = connection;
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
    const connection = this.#connection;
    if (!this.#chunked) {
      if (typeof data === "string") connection.queue(data);
      else connection.queuePair("", data);
    } else {
      const size = `${data.length.toString(16)}\r\n`;
      if (typeof data === "string") {
        connection.queue(`${size}${data}\r\n`);
      } else {
        connection.queuePair(size, data);
        connection.queue("\r\n");
      }
    }
    return connection.whenWritable();
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
    if (this.#chunked) this.#connection.queue(`0\r\n${lines}\r\n`);
    this.#exchange.finish();
  }
}

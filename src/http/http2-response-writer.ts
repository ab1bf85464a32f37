/** The body of an HTTP/2 response that is sent piece by piece. */
import { ExchangeError } from "./errors.ts";
import type { HeaderList, ResponseWriter } from "./exchange.ts";
import type { AnsweredExchange } from "./http1-response-writer.ts";
import type { Http2Output } from "./http2-output.ts";
import { trailerFields } from "./http2-response-head.ts";

export class Http2ResponseWriter implements ResponseWriter {
  readonly #exchange: AnsweredExchange;
  readonly #output: Http2Output;
  /** True where the answer has no body (HEAD, 204, 304): what is written goes nowhere. */
  readonly #bodiless: boolean;
  /** Bytes still to come of an announced content-length; -1 where none was announced. */
  #remaining: number;
  #ended = false;

  constructor(exchange: AnsweredExchange, output: Http2Output, bodiless: boolean, length: number) {
    this.#exchange = exchange;
    this.#output = output;
    this.#bodiless = bodiless;
    this.#remaining = length;
  }

  write(chunk: string | Uint8Array): Promise<void> | undefined {
    if (this.#ended) throw new ExchangeError("the answer is complete: nothing can be written behind its end");
    if (this.#bodiless || chunk.length === 0) return undefined;
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    if (this.#remaining >= 0) {
      if (bytes.length > this.#remaining) {
        throw new ExchangeError(
          `more bytes were written than content-length announced: ${bytes.length - this.#remaining} too many`,
        );
      }
      this.#remaining -= bytes.length;
    }
    return this.#exchange.closed ? undefined : this.#output.write(bytes);
  }

  end(trailers: HeaderList = []): void {
    if (this.#ended) throw new ExchangeError("the answer is complete already");
    const fields = trailerFields(trailers);
    this.#ended = true;
    if (this.#exchange.closed) return;
    if (this.#remaining > 0) {
      this.#exchange.abort();
      throw new ExchangeError(
        `fewer bytes were written than content-length announced: ${this.#remaining} are missing`,
      );
    }
    // As in HTTP/1.1, where there is no place for them behind a body of known length.
    if (this.#bodiless || this.#remaining === 0) this.#output.end();
    else this.#output.end(fields);
    this.#exchange.finish();
  }
}

/** The answer of one request: what `startResponse` has said, and what of it was sent. */
import type { Exchange, HeaderList, ResponseWriter } from "../../http/exchange.ts";
import { isBodiless, RESET_CONTENT } from "../../http/status.ts";
import { kindOf } from "./kind-of.ts";
import { flattenHeaders, parseStatus } from "./wsgi-head.ts";
import { type StartResponse, WsgiError, type WsgiWrite } from "./wsgi-interface.ts";

const noHeaders: HeaderList = [];

export class WsgiResponse {
  readonly #exchange: Exchange;
  /** 0 until `startResponse` was called. */
  #status = 0;
  #headers: HeaderList = noHeaders;
  #writer: ResponseWriter | null = null;
  #complete = false;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** For the application. */
  readonly startResponse: StartResponse = (status, headers, excInfo) => {
    const again = excInfo !== undefined && excInfo !== null;
    if (again && (this.#writer !== null || this.#complete)) throw excInfo;
    if (!again && this.#status !== 0) {
      throw new WsgiError(
        "startResponse was called twice: only an error handler may do so, and it gives the error as the third argument",
      );
    }
    const code = parseStatus(status);
    this.#headers = flattenHeaders(headers);
    this.#status = code;
    return this.#write;
  };

  readonly #write: WsgiWrite = (piece) => this.send(checkPiece(piece, "wrote"));

  /** Whether the headers were sent. */
  get begun(): boolean {
    return this.#writer !== null;
  }

  /** Whether the whole answer was sent. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Whether the answer has no body: what would be sent goes nowhere. */
  get bodiless(): boolean {
    return this.#exchange.method === "HEAD" || isBodiless(this.#status) || this.#status === RESET_CONTENT;
  }

  /** @throws WsgiError if `startResponse` was not called yet */
  checkStarted(): void {
    if (this.#status === 0) {
      throw new WsgiError("the application gave a piece of the body before it called startResponse");
    }
  }

  /** Sends a piece, and before the first one the headers. */
  send(piece: Uint8Array): Promise<void> | undefined {
    this.checkStarted();
    this.#writer ??= this.#exchange.start(this.#status, this.#headers);
    return this.#writer.write(piece);
  }

  /** Sends the whole body, whose length is then known. */
  sendWhole(body: Uint8Array): void {
    this.checkStarted();
    // An empty body is none: one for HEAD or 304 says nothing of the length there would be.
    this.#exchange.respond(this.#status, this.#headers, body.length === 0 ? null : body);
    this.#complete = true;
  }

  /** Completes the answer. @throws WsgiError if `startResponse` was never called */
  end(): void {
    if (this.#status === 0)
      throw new WsgiError("the application came to its end without calling startResponse");
    if (this.#writer === null) this.#exchange.respond(this.#status, this.#headers, null);
    else this.#writer.end();
    this.#complete = true;
  }
}

/** @throws WsgiError for anything but bytes */
export function checkPiece(piece: unknown, verb: "yielded" | "wrote"): Uint8Array {
  if (piece instanceof Uint8Array) return piece;
  const hint =
    typeof piece === "string"
      ? ": a body is bytes, encode text with new TextEncoder().encode(text)"
      : ": a body is made of Uint8Arrays";
  throw new WsgiError(`the application ${verb} ${kindOf(piece)}${hint}`);
}

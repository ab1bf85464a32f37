/** Fills a request's stream from the exchange's body, as fast as the application reads it. */
import { RequestError } from "../../http/errors.ts";
import type { RequestBody } from "../../http/exchange.ts";
import type { InnerRequest } from "./node-internals.ts";

/** Who has to know how reading went. */
export interface InputWatcher {
  /** A piece has come. */
  inputCame(): void;
  /** All of the body has come. */
  inputEnded(): void;
  /** No more of it will come. */
  inputFailed(error: RequestError): void;
}

export class RequestInput {
  readonly #body: RequestBody | null;
  readonly #request: InnerRequest;
  readonly #watcher: InputWatcher;
  #ended = false;
  #waiting = false;
  #paused = false;

  constructor(body: RequestBody | null, request: InnerRequest, watcher: InputWatcher) {
    this.#body = body;
    this.#request = request;
    this.#watcher = watcher;
  }

  /** Whether all has come that will. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The stream has room. */
  resume(): void {
    this.#paused = false;
    if (this.#ended || this.#waiting) return;
    if (this.#body === null) this.#end();
    else this.#read(this.#body);
  }

  /** Nothing more is read from the body until `resume`. */
  pause(): void {
    this.#paused = true;
  }

  #read(body: RequestBody): void {
    this.#waiting = true;
    body.read().then(this.#take, this.#fail);
  }

  // Apart, so that what the application throws where it is given a piece is not taken for a fault of the body.
  readonly #take = (piece: Uint8Array | null): void => {
    this.#waiting = false;
    if (piece === null) {
      this.#addTrailers();
      this.#end();
      return;
    }
    this.#watcher.inputCame();
    const more = this.#request.push(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
    // A request that was destroyed takes no more, and what it doesn't take is the engine's to drop.
    if (more && !this.#paused && !this.#waiting && !this.#request.destroyed) this.#read(this.#body!);
  };

  readonly #fail = (error: unknown): void => {
    this.#waiting = false;
    this.#ended = true;
    if (!(error instanceof RequestError)) throw error;
    this.#watcher.inputFailed(error);
  };

  #addTrailers(): void {
    this.#request.complete = true;
    const lines = this.#body?.trailers?.rawList;
    if (lines !== undefined) this.#request._addHeaderLines(lines.slice(), lines.length);
  }

  #end(): void {
    this.#ended = true;
    this.#request.complete = true;
    this.#request.push(null);
    this.#watcher.inputEnded();
  }
}

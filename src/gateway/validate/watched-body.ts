/** The request's body as the application sees it while both sides are watched. */
import { ExchangeError, RequestError } from "../../http/errors.ts";
import type { RequestBody } from "../../http/exchange.ts";
import type { FieldSection } from "../../http/field-section.ts";
import type { BreachLog } from "./breach.ts";

const twice =
  "the request's body was read again after its end: it is a stream that can be read once, keep what was read";

export class WatchedBody implements RequestBody {
  readonly #body: RequestBody;
  readonly #log: BreachLog;
  #begun = false;
  #ended = false;
  #reading = false;
  #received = 0;

  constructor(body: RequestBody, log: BreachLog) {
    this.#body = body;
    this.#log = log;
  }

  get length(): number | null {
    return this.#body.length;
  }

  get maxBytes(): number {
    return this.#body.maxBytes;
  }

  set maxBytes(bytes: number) {
    if (this.#begun) {
      this.#log.tell(
        "max-bytes-late",
        "maxBytes was set after the first read: it counts from the first one on",
      );
    }
    this.#body.maxBytes = bytes;
  }

  get trailers(): FieldSection | null {
    return this.#body.trailers;
  }

  async read(): Promise<Uint8Array | null> {
    const piece = await this.#watch(() => this.#body.read());
    if (piece === null) {
      this.#end();
    } else if (!(piece instanceof Uint8Array)) {
      this.#log.tell("bad-body-piece", "read() gave something that is neither a Uint8Array nor null");
    } else {
      if (this.#ended)
        this.#log.tell("body-after-end", "read() gave a piece after it had given null, the end");
      this.#count(piece);
    }
    return piece;
  }

  async bytes(): Promise<Uint8Array> {
    if (this.#ended) this.#log.tell("body-read-twice", twice);
    const bytes = await this.#watch(() => this.#body.bytes());
    if (bytes instanceof Uint8Array) this.#count(bytes);
    else this.#log.tell("bad-body-piece", "bytes() gave something that is no Uint8Array");
    this.#end();
    return bytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    if (this.#ended) this.#log.tell("body-read-twice", twice);
    for (let piece = await this.read(); piece !== null; piece = await this.read()) yield piece;
  }

  async #watch<T>(read: () => Promise<T>): Promise<T> {
    this.#begun = true;
    if (this.#reading) {
      this.#log.tell(
        "body-two-readers",
        "the request's body was read while another read was under way: it has one reader, who waits for each read",
      );
      return read();
    }
    this.#reading = true;
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof RequestError || error instanceof ExchangeError)) {
        this.#log.tell(
          "server-error",
          `reading the body failed with ${String(error)}: a server says with a RequestError how that is to be answered`,
        );
      }
      throw error;
    } finally {
      this.#reading = false;
    }
  }

  #count(piece: Uint8Array): void {
    this.#received += piece.length;
    const { length } = this.#body;
    if (length !== null && this.#received > length) {
      this.#log.tell(
        "body-length-mismatch",
        `the body has ${this.#received} bytes and more, where its length is ${length}`,
      );
    }
  }

  #end(): void {
    const { length } = this.#body;
    if (!this.#ended && length !== null && this.#received < length) {
      this.#log.tell(
        "body-length-mismatch",
        `the body ended after ${this.#received} bytes, where its length is ${length}: read() throws when a client leaves early`,
      );
    }
    this.#ended = true;
  }
}

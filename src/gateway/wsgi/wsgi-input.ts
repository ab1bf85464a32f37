/** `wsgi.input`: the request's content, read as PEP 3333 has it ("Input and Error Streams"), but each read is a promise. */
import type { RequestBody } from "../../http/exchange.ts";
import { ByteBuffer } from "../../net/codecs/byte-buffer.ts";

const newline = new Uint8Array([0x0a]);
const nothing = new Uint8Array(0);

/**
 * The request's content. It ends where the content ends, with Content-Length and without (`wsgi.input_terminated`). Sizes are
 * in bytes; without one, or with a negative one, there is no limit but the body's own (`maxBodyBytes`).
 *
 * Each method rejects with what the engine throws: `RequestError`, which is answered with its status if the application
 * lets it pass; with TypeError for a size that is no whole number; and when another read is under way.
 */
export interface WsgiInput extends AsyncIterable<Uint8Array> {
  /** The next `size` bytes, or what is left; empty at the end. */
  read(size?: number): Promise<Uint8Array>;
  /** The next line with its `\n`, which the last one may lack, and at most `size` bytes of it; empty at the end. */
  readline(size?: number): Promise<Uint8Array>;
  /** The lines that are left; with `hint`, no more of them once they have so many bytes. */
  readlines(hint?: number): Promise<Uint8Array[]>;
  /** The lines, one by one. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, void>;
}

/** The input over an exchange's body. */
export class BodyInput implements WsgiInput {
  readonly #body: RequestBody | null;
  readonly #buffer: ByteBuffer = new ByteBuffer();
  #ended: boolean;
  #busy = false;

  constructor(body: RequestBody | null) {
    this.#body = body;
    this.#ended = body === null;
  }

  async read(size: number = -1): Promise<Uint8Array> {
    const wanted = limitOf(size);
    return this.#alone(async () => {
      while (this.#buffer.length < wanted && (await this.#fill()));
      return this.#take(wanted);
    });
  }

  async readline(size: number = -1): Promise<Uint8Array> {
    const limit = limitOf(size);
    return this.#alone(() => this.#readLine(limit));
  }

  async readlines(hint: number = -1): Promise<Uint8Array[]> {
    // As in Python's io module, 0 is no limit either.
    const enough = hint === 0 ? Number.POSITIVE_INFINITY : limitOf(hint);
    return this.#alone(async () => {
      const lines: Uint8Array[] = [];
      for (let total = 0; total < enough; ) {
        const line = await this.#readLine(Number.POSITIVE_INFINITY);
        if (line.length === 0) break;
        lines.push(line);
        total += line.length;
      }
      return lines;
    });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    for (let line = await this.readline(); line.length > 0; line = await this.readline()) yield line;
  }

  async #readLine(limit: number): Promise<Uint8Array> {
    for (;;) {
      const at = this.#buffer.indexOf(newline, Math.min(limit, this.#buffer.length));
      if (at >= 0) return this.#buffer.take(at + 1);
      if (this.#buffer.length >= limit || !(await this.#fill())) return this.#take(limit);
    }
  }

  #take(limit: number): Uint8Array {
    const size = Math.min(limit, this.#buffer.length);
    return size === 0 ? nothing : this.#buffer.take(size);
  }

  /** Waits for more bytes. Returns false at the end. */
  async #fill(): Promise<boolean> {
    if (this.#ended) return false;
    const piece = await (this.#body as RequestBody).read();
    if (piece === null) this.#ended = true;
    else this.#buffer.push(piece);
    return piece !== null;
  }

  async #alone<T>(read: () => Promise<T>): Promise<T> {
    if (this.#busy) throw new Error("wsgi.input is being read already: wait for one read before the next");
    this.#busy = true;
    try {
      return await read();
    } finally {
      this.#busy = false;
    }
  }
}

function limitOf(size: number): number {
  if (!Number.isInteger(size) && size !== Number.POSITIVE_INFINITY) {
    throw new TypeError(`the size of a read is a whole number of bytes, not ${String(size)}`);
  }
  return size < 0 ? Number.POSITIVE_INFINITY : size;
}

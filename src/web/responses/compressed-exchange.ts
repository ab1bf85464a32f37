/** An exchange whose answer is compressed where it pays: whatever is answered through it, by whomever. */
import { ForwardedExchange } from "../../gateway/forwarded-exchange.ts";
import { ExchangeError } from "../../http/errors.ts";
import type { Exchange, HeaderList, ResponseWriter } from "../../http/exchange.ts";
import { type Compression, type ContentCoding, planCompression } from "./compression.ts";
import { type Coder, compressWhole, flushKind, makeCoder } from "./content-coder.ts";

/** Bytes up to which a body is compressed at once: half a millisecond or less. A longer one is compressed off the main thread. */
const SHORT = 64 * 1024;

export class CompressedExchange extends ForwardedExchange {
  readonly #compression: Compression;

  constructor(outer: Exchange, compression: Compression) {
    super(outer);
    this.#compression = compression;
  }

  override respond(status: number, headers: HeaderList, body: string | Uint8Array | null): void {
    if (body === null) {
      this.#respondEmpty(status, headers);
      return;
    }
    const length = byteLength(body);
    const { coding, headers: sent } = this.#plan(status, headers, length);
    if (coding === undefined) {
      this.outer.respond(status, sent, body);
      return;
    }
    checkLength(announcedLength(headers), length);
    if (this.method === "HEAD") {
      // How long it would be isn't known without doing it.
      this.outer.respond(status, sent, null);
    } else if (length <= SHORT) {
      this.outer.respond(status, sent, compressWhole(coding, body));
    } else {
      const writer = new CompressingWriter(this.outer, this.outer.start(status, sent), coding, undefined);
      writer.write(body);
      writer.end();
    }
  }

  override start(status: number, headers: HeaderList): ResponseWriter {
    const length = announcedLength(headers);
    const { coding, headers: sent } = this.#plan(status, headers, length);
    const writer = this.outer.start(status, sent);
    if (coding === undefined || this.method === "HEAD") return writer;
    return new CompressingWriter(this.outer, writer, coding, length);
  }

  /** The answer to HEAD is that to GET, without its body. */
  #respondEmpty(status: number, headers: HeaderList): void {
    const length = this.method === "HEAD" ? announcedLength(headers) : undefined;
    const sent = length === undefined ? headers : this.#plan(status, headers, length).headers;
    this.outer.respond(status, sent, null);
  }

  #plan(status: number, headers: HeaderList, length: number | undefined): ReturnType<typeof planCompression> {
    const accepted = () => this.outer.headers.get("accept-encoding");
    return planCompression(this.#compression, accepted, status, headers, length);
  }
}

class CompressingWriter implements ResponseWriter {
  readonly #exchange: Exchange;
  readonly #writer: ResponseWriter;
  readonly #coder: Coder;
  readonly #flushKind: number;
  /** Bytes that were announced before compression, or undefined. */
  readonly #announced: number | undefined;
  #written = 0;
  #ended = false;
  #trailers: HeaderList | undefined;
  #flushScheduled = false;
  #writable: Promise<void> | undefined;
  #onWritable: (() => void) | undefined;

  constructor(
    exchange: Exchange,
    writer: ResponseWriter,
    coding: ContentCoding,
    announced: number | undefined,
  ) {
    this.#exchange = exchange;
    this.#writer = writer;
    this.#announced = announced;
    this.#flushKind = flushKind(coding);
    const coder = makeCoder(coding);
    this.#coder = coder;
    coder.on("data", (piece: Uint8Array) => this.#send(piece));
    coder.on("drain", () => this.#release());
    coder.on("end", () => this.#finish());
    coder.on("error", () => exchange.abort());
    exchange.signal.addEventListener("abort", () => this.#drop(), { once: true });
    if (exchange.closed) this.#drop();
  }

  write(chunk: string | Uint8Array): Promise<void> | undefined {
    if (this.#ended) throw new ExchangeError("the answer is complete: nothing can be written behind its end");
    if (chunk.length === 0) return undefined;
    const written = this.#written + byteLength(chunk);
    if (this.#announced !== undefined && written > this.#announced) checkLength(this.#announced, written);
    this.#written = written;
    if (this.#coder.destroyed) return undefined;
    const more = this.#coder.write(chunk);
    this.#scheduleFlush();
    if (more) return undefined;
    return (this.#writable ??= new Promise((resolve) => {
      this.#onWritable = resolve;
    }));
  }

  end(trailers?: HeaderList): void {
    if (this.#ended) throw new ExchangeError("the answer is complete already");
    this.#ended = true;
    this.#trailers = trailers;
    if (this.#coder.destroyed) return;
    if (this.#announced !== undefined && this.#written < this.#announced) {
      this.#exchange.abort();
      checkLength(this.#announced, this.#written);
    }
    this.#coder.end();
  }

  /** A piece goes out in the turn in which it was written, and not when enough has come together. */
  #scheduleFlush(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    setImmediate(() => {
      this.#flushScheduled = false;
      if (!this.#ended && !this.#coder.destroyed) this.#coder.flush(this.#flushKind);
    });
  }

  #send(piece: Uint8Array): void {
    const waiting = this.#writer.write(piece);
    if (waiting === undefined) return;
    this.#coder.pause();
    void waiting.then(() => this.#coder.resume());
  }

  #finish(): void {
    try {
      this.#writer.end(this.#trailers);
    } catch {
      // A trailer that can't be sent: the one who gave it has been told that all is well.
      this.#exchange.abort();
    }
  }

  /** The client has gone. */
  #drop(): void {
    this.#coder.destroy();
    this.#release();
  }

  #release(): void {
    this.#writable = undefined;
    this.#onWritable?.();
    this.#onWritable = undefined;
  }
}

/** The content-length among the headers, or undefined. What is no number the engine refuses. */
function announcedLength(headers: HeaderList): number | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    if ((headers[i] as string).toLowerCase() === "content-length") return Number(headers[i + 1]);
  }
  return undefined;
}

function checkLength(announced: number | undefined, length: number): void {
  if (announced === undefined || announced === length) return;
  throw new ExchangeError(`content-length announces ${announced} bytes, but the body has ${length}`);
}

function byteLength(body: string | Uint8Array): number {
  return typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
}

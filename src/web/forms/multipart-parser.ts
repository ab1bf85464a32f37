/**
 * Takes a multipart body apart: bytes in, events out, without waiting for anything.
 *
 * The work is Dicer's (of @fastify/busboy), which gives each part as a stream. Its streams are emptied here as they are filled: that
 * keeps the order of things, which events of several streams don't have, and costs a third of what reading them as streams does.
 */
import { Dicer } from "@fastify/busboy";
import { HttpError } from "../http-error.ts";
import type { ResolvedLimits } from "./form-options.ts";
import { type PartHead, type PartHeaders, readPartHead } from "./part-head.ts";

/** A part begins (its head), has content (never empty), ends (null). */
export type PartEvent = PartHead | Uint8Array | null;

/** What Dicer may hold back of a part: all, as it is taken out at once. */
const UNLIMITED = 2 ** 30;
/** Content that is smaller is copied, so that it neither keeps a large buffer alive nor lies in one of Dicer's own. */
const COPIED_BELOW = 1024;

export class MultipartParser {
  readonly #boundary: string;
  readonly #limits: ResolvedLimits;
  readonly #dicer: Dicer;
  #events: PartEvent[] = [];
  #part: Dicer.PartStream | null = null;
  /** Whether the head of the part has come. */
  #inPart = false;
  #parts = 0;
  #heads = 0;
  /** Whether the closing boundary has come. */
  #closed = false;
  #failure: HttpError | null = null;
  #onEnd: (() => void) | undefined;

  constructor(boundary: string, limits: ResolvedLimits) {
    this.#boundary = boundary;
    this.#limits = limits;
    const config = {
      boundary,
      // It cuts off what is beyond without a word: these let enough through for `readPartHead` to see it.
      maxHeaderPairs: limits.maxPartHeaders + 1,
      maxHeaderSize: 2 * limits.maxPartHeaderBytes,
      partHwm: UNLIMITED,
    };
    this.#dicer = new Dicer(config);
    this.#dicer.on("part", (part) => this.#beginPart(part));
    this.#dicer.on("finish", () => {
      this.#closed = true;
      this.#onEnd?.();
    });
    this.#dicer.on("error", () => {
      this.#failure ??= this.#truncated();
      this.#onEnd?.();
    });
  }

  /** What is wrong with the body, behind the events that have come. The parser is of no use then. */
  get failure(): HttpError | null {
    return this.#failure;
  }

  /** The events that have come since the last call. */
  takeEvents(): PartEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Takes the next piece of the body. What stands behind the closing boundary is ignored (RFC 2046 §5.1.1). */
  feed(piece: Uint8Array): void {
    if (this.#closed) return;
    this.#dicer.write(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
    this.#empty();
  }

  /** Takes the end of the body. */
  async end(): Promise<void> {
    if (!this.#closed) {
      await new Promise<void>((resolve) => {
        this.#onEnd = resolve;
        this.#dicer.end();
      });
    }
    this.#endPart();
  }

  #beginPart(part: Dicer.PartStream): void {
    this.#endPart();
    this.#part = part;
    this.#parts++;
    part.on("header", (headers) => this.#readHead(headers as PartHeaders));
    // The parser's own error tells more.
    part.on("error", ignore);
  }

  #readHead(headers: PartHeaders): void {
    this.#inPart = true;
    this.#heads++;
    if (this.#failure !== null) return;
    try {
      this.#events.push(readPartHead(headers, this.#parts, this.#limits));
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      this.#failure = error;
    }
  }

  /** Takes out what has come of the part. */
  #empty(): void {
    const part = this.#part;
    if (part === null) return;
    for (let content: Buffer | null = part.read(); content !== null; content = part.read()) {
      if (this.#failure !== null) continue;
      this.#events.push(content.length < COPIED_BELOW ? Uint8Array.prototype.slice.call(content) : content);
    }
  }

  #endPart(): void {
    if (this.#part === null) return;
    this.#empty();
    this.#part = null;
    const whole = this.#inPart;
    this.#inPart = false;
    if (this.#failure !== null) return;
    if (whole) this.#events.push(null);
    else {
      this.#failure = new HttpError(
        400,
        `the header of part ${this.#parts} of the form does not end: an empty line should follow it`,
      );
    }
  }

  #truncated(): HttpError {
    // Parts whose head has come: of one that has only begun Dicer may not have told yet.
    const place = this.#heads === 0 ? "no part of it has come" : `it ends in part ${this.#heads} or after it`;
    return new HttpError(
      400,
      `the form is not complete: ${place}, without the line --${this.#boundary}-- that closes it (lines end with CRLF)`,
    );
  }
}

function ignore(): void {}

/** Reads a multipart body event by event, no further than it is asked to, and holds the form to its limits. */
import type { RequestBody } from "../../http/exchange.ts";
import { HttpError } from "../http-error.ts";
import type { ResolvedLimits } from "./form-options.ts";
import { MultipartParser, type PartEvent } from "./multipart-parser.ts";
import type { PartHead } from "./part-head.ts";

/** What is read: a request's body, or a stream that was made of it. */
export type FormSource = RequestBody | AsyncIterable<Uint8Array>;

export class MultipartReader {
  readonly #limits: ResolvedLimits;
  readonly #parser: MultipartParser;
  readonly #read: () => Promise<Uint8Array | null>;
  #events: readonly PartEvent[] = [];
  #at = 0;
  #ended = false;
  #head: PartHead | null = null;
  #partBytes = 0;
  #files = 0;
  #fields = 0;
  #textBytes = 0;

  constructor(source: FormSource, boundary: string, limits: ResolvedLimits) {
    this.#limits = limits;
    this.#parser = new MultipartParser(boundary, limits);
    this.#read = readerOf(source);
  }

  /**
   * The next event of what has come already; undefined where more must be read first, by `fill`.
   * @throws HttpError 413
   */
  shift(): PartEvent | undefined {
    if (this.#at === this.#events.length) return undefined;
    const event = this.#events[this.#at++] as PartEvent;
    if (event !== null) {
      if (event instanceof Uint8Array) this.#countContent(event.length);
      else this.#countPart(event);
    }
    return event;
  }

  /**
   * Reads a piece of the body.
   * @returns false at its end
   * @throws HttpError 400, 413; RequestError where the body can't be read
   */
  async fill(): Promise<boolean> {
    // What came before it counts before it: how a body is cut into pieces changes nothing.
    if (this.#parser.failure !== null) throw this.#parser.failure;
    if (this.#ended) return false;
    const piece = await this.#read();
    if (piece === null) {
      await this.#parser.end();
      this.#ended = true;
    } else {
      this.#parser.feed(piece);
    }
    this.#events = this.#parser.takeEvents();
    this.#at = 0;
    return true;
  }

  #countPart(head: PartHead): void {
    const { maxFiles, maxFields } = this.#limits;
    this.#head = head;
    this.#partBytes = 0;
    if (head.fileName !== null) {
      // A file field in which none was chosen is counted, too: it makes work.
      if (++this.#files > maxFiles) throw new HttpError(413, `the form has more than ${maxFiles} files`);
      return;
    }
    if (++this.#fields > maxFields) throw new HttpError(413, `the form has more than ${maxFields} fields`);
    this.#countText(Buffer.byteLength(head.field));
  }

  #countContent(bytes: number): void {
    const { field, fileName } = this.#head as PartHead;
    const isFile = fileName !== null;
    const most = isFile ? this.#limits.maxFileBytes : this.#limits.maxFieldBytes;
    this.#partBytes += bytes;
    if (this.#partBytes > most) {
      const what = isFile ? `the file of ${JSON.stringify(field)}` : `the value of ${JSON.stringify(field)}`;
      throw new HttpError(413, `${what} is larger than ${most} bytes`);
    }
    if (!isFile) this.#countText(bytes);
  }

  #countText(bytes: number): void {
    const { maxTextBytes } = this.#limits;
    this.#textBytes += bytes;
    if (this.#textBytes > maxTextBytes) {
      throw new HttpError(413, `the text fields of the form are larger than ${maxTextBytes} bytes together`);
    }
  }
}

function readerOf(source: FormSource): () => Promise<Uint8Array | null> {
  if ("read" in source) return () => source.read();
  const pieces = source[Symbol.asyncIterator]();
  return async () => {
    const { done, value } = await pieces.next();
    return done === true ? null : value;
  };
}

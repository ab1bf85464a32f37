/** The parts of a form one by one as they come, nothing of them stored. */
import { ChunkList } from "./chunk-list.ts";
import { fieldText } from "./field-text.ts";
import { FormFile } from "./form-file.ts";
import type { ResolvedLimits } from "./form-options.ts";
import { type FormSource, MultipartReader } from "./multipart-reader.ts";
import type { PartHead } from "./part-head.ts";

/** A text field, which has come whole. */
export interface TextPart {
  readonly kind: "text";
  /** The field's name. */
  readonly field: string;
  readonly value: string;
}

/** A file that is still coming: it is read once, before the next part is asked for. What is not read of it is passed over. */
export class FilePart extends FormFile {
  readonly kind = "file";
  readonly #content: PartContent;

  constructor({ field, fileName, type }: PartHead, content: PartContent) {
    super(field, fileName ?? "", type);
    this.#content = content;
  }

  /** The content, as it comes. The client is held back while nobody reads. @throws TypeError the second time, and once the next part was asked for. */
  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array, undefined> {
    return this.#content.read();
  }
}

export type FormPart = TextPart | FilePart;

/** @throws HttpError 400, 413; RequestError where the body can't be read */
export async function* readParts(
  source: FormSource,
  boundary: string,
  limits: ResolvedLimits,
): AsyncGenerator<FormPart, undefined> {
  const reader = new MultipartReader(source, boundary, limits);
  for (let head = await nextEvent(reader); head !== undefined; head = await nextEvent(reader)) {
    // Between parts there are heads only: each part is read to its end.
    const { field, fileName, unnamed } = head as PartHead;
    const content = new PartContent(reader);
    if (fileName === null) {
      const text = new ChunkList();
      for await (const chunk of content.read()) text.push(chunk);
      yield { kind: "text", field, value: fieldText(text.take(), field) };
    } else {
      if (!unnamed || (await content.hasSome())) yield new FilePart(head as PartHead, content);
      await content.passOver();
    }
  }
}

/** The content of the part that a reader has come to. */
class PartContent {
  readonly #reader: MultipartReader;
  #first: Uint8Array | undefined;
  #begun = false;
  #ended = false;
  #passed = false;

  constructor(reader: MultipartReader) {
    this.#reader = reader;
  }

  /** Whether it isn't empty. */
  async hasSome(): Promise<boolean> {
    this.#first = await this.#next();
    return this.#first !== undefined;
  }

  async *read(): AsyncGenerator<Uint8Array, undefined> {
    if (this.#passed)
      throw new TypeError("this file was passed over: read it before the next part is asked for");
    if (this.#begun) throw new TypeError("this file is read as it comes, and so only once");
    this.#begun = true;
    const first = this.#first;
    this.#first = undefined;
    if (first !== undefined) yield first;
    for (;;) {
      if (this.#passed)
        throw new TypeError("this file was passed over: read it before the next part is asked for");
      const chunk = await this.#next();
      if (chunk === undefined) return;
      yield chunk;
    }
  }

  /** Reads what is left and drops it. */
  async passOver(): Promise<void> {
    this.#passed = true;
    while ((await this.#next()) !== undefined);
  }

  async #next(): Promise<Uint8Array | undefined> {
    if (this.#ended) return undefined;
    const event = await nextEvent(this.#reader);
    if (event instanceof Uint8Array) return event;
    this.#ended = true;
    return undefined;
  }
}

async function nextEvent(reader: MultipartReader): Promise<ReturnType<MultipartReader["shift"]>> {
  for (;;) {
    const event = reader.shift();
    if (event !== undefined) return event;
    if (!(await reader.fill())) return undefined;
  }
}

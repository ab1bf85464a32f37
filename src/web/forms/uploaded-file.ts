/** A file of a form that has come whole. */
import type { FileStore, StoredContent } from "./file-store.ts";
import { FormFile } from "./form-file.ts";
import type { PartHead } from "./part-head.ts";

/**
 * A file that a client has sent, in memory or, where it is large, in a temporary file. It is gone when its request is over: save it
 * before that.
 */
export class UploadedFile extends FormFile {
  /** Bytes. */
  readonly size: number;
  readonly #store: FileStore;
  readonly #content: StoredContent;

  constructor({ field, fileName, type }: PartHead, size: number, store: FileStore, content: StoredContent) {
    super(field, fileName ?? "", type);
    this.size = size;
    this.#store = store;
    this.#content = content;
  }

  /** The content, piece by piece, from its beginning each time. */
  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array, undefined> {
    return this.#store.read(this.#content);
  }
}

/** Keeps the files of one form: in memory as far as it goes, then in a temporary file. Nothing of it is left once it is discarded. */
import { ChunkList } from "./chunk-list.ts";
import type { TemporaryFile } from "./temporary-file.ts";

/** Bytes that are gathered for one write. */
const WRITE_SIZE = 256 * 1024;

/** The content of one file: in memory, or a stretch of the temporary file. */
export type StoredContent = readonly Uint8Array[] | { readonly from: number; readonly length: number };

export class FileStore {
  readonly #memoryBytes: number;
  readonly #directory: string | undefined;
  #inMemory = 0;
  #file: TemporaryFile | null = null;
  #discarded = false;

  /** What has come of the file that is being written, and isn't in the temporary file. */
  readonly #chunks: ChunkList = new ChunkList();
  /** Where it begins in the temporary file; -1 while it is in memory. */
  #from = -1;

  constructor(memoryBytes: number, directory: string | undefined) {
    this.#memoryBytes = memoryBytes;
    this.#directory = directory;
  }

  /** Adds to the file that is being written. The promise, if there is one, is to be waited for. */
  add(chunk: Uint8Array): Promise<void> | undefined {
    this.#chunks.push(chunk);
    const { byteLength } = this.#chunks;
    if (this.#from < 0) {
      if (this.#inMemory + byteLength > this.#memoryBytes) return this.#spill();
    } else if (byteLength >= WRITE_SIZE) {
      return this.#write();
    }
    return undefined;
  }

  /** Ends the file that is being written. */
  async end(): Promise<StoredContent> {
    const from = this.#from;
    if (from < 0) {
      this.#inMemory += this.#chunks.byteLength;
      return this.#chunks.take();
    }
    await this.#write();
    this.#from = -1;
    return { from, length: (this.#file as TemporaryFile).size - from };
  }

  /** The content, piece by piece. @throws Error once it was discarded. */
  async *read(content: StoredContent): AsyncGenerator<Uint8Array, undefined> {
    if ("from" in content) {
      let { from, length } = content;
      while (length > 0) {
        this.#checkThere();
        const piece = await (this.#file as TemporaryFile).read(from, length);
        from += piece.length;
        length -= piece.length;
        yield piece;
      }
      return;
    }
    for (const chunk of content) {
      this.#checkThere();
      yield chunk;
    }
  }

  /** Closes the temporary file, by which it is gone. Nothing may be added any more. */
  discard(): Promise<void> | undefined {
    this.#discarded = true;
    const file = this.#file;
    this.#file = null;
    return file?.close();
  }

  async #spill(): Promise<void> {
    if (this.#file === null) {
      const { TemporaryFile } = await import("./temporary-file.ts");
      this.#file = await TemporaryFile.open(this.#directory);
    }
    this.#from = this.#file.size;
    await this.#write();
  }

  async #write(): Promise<void> {
    await (this.#file as TemporaryFile).append(this.#chunks.take());
  }

  #checkThere(): void {
    if (!this.#discarded) return;
    throw new Error(
      "the files of a form go with their request, which is over: save or read them before it is answered",
    );
  }
}

/**
 * Where the files of one form go that are too large for memory: one file for all of them, so that a form takes one descriptor.
 *
 * It is nobody else's: made anew under a name that can't be guessed (`O_EXCL`, mode 0600), and its name is removed at once, so that the
 * system removes the file when it is closed, and even when the process is killed.
 */
import { randomUUID } from "node:crypto";
import { close, open, read, unlink, writev } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeAll } from "./saved-file.ts";

/** Bytes that are read at once. */
const READ_SIZE = 64 * 1024;

/** Closes those that were forgotten: a `FileHandle` would take the process down for it. */
const forgotten: FinalizationRegistry<number> = new FinalizationRegistry((descriptor) => close(descriptor));

export class TemporaryFile {
  readonly #descriptor: number;
  /** What is to be removed at the end, where a file that is open can't be. */
  readonly #path: string | null;
  readonly #uses: Set<Promise<unknown>> = new Set();
  #size = 0;
  #closed = false;

  private constructor(descriptor: number, path: string | null) {
    this.#descriptor = descriptor;
    this.#path = path;
    forgotten.register(this, descriptor, this);
  }

  static async open(directory: string = tmpdir()): Promise<TemporaryFile> {
    const path = join(directory, `socle-form-${randomUUID()}`);
    const descriptor = await called<number>((done) => open(path, "wx+", 0o600, done));
    const removed = await called((done) => unlink(path, done)).then(
      () => true,
      () => false,
    );
    return new TemporaryFile(descriptor, removed ? null : path);
  }

  get size(): number {
    return this.#size;
  }

  async append(chunks: readonly Uint8Array[]): Promise<void> {
    await writeAll(chunks, async (rest) => {
      const written = await this.#use<number>((done) => writev(this.#descriptor, rest, this.#size, done));
      this.#size += written;
      return written;
    });
  }

  /** Some bytes of a stretch that was written, from its beginning. */
  async read(from: number, length: number): Promise<Uint8Array> {
    const buffer = Buffer.allocUnsafeSlow(Math.min(READ_SIZE, length));
    const count = await this.#use<number>((done) =>
      read(this.#descriptor, buffer, 0, buffer.length, from, done),
    );
    if (count === 0) throw new Error("the temporary file of a form is shorter than what was written to it");
    return buffer.subarray(0, count);
  }

  async close(): Promise<void> {
    this.#closed = true;
    // The descriptor may be another file's as soon as it is closed.
    while (this.#uses.size > 0) await Promise.allSettled(this.#uses);
    forgotten.unregister(this);
    await called((done) => close(this.#descriptor, done));
    const path = this.#path;
    if (path !== null) await called((done) => unlink(path, done));
  }

  async #use<T>(call: (done: (error: Error | null, value?: T) => void) => void): Promise<T> {
    if (this.#closed) throw new Error("the temporary file of the form is closed");
    const use = called(call);
    this.#uses.add(use);
    try {
      return await use;
    } finally {
      this.#uses.delete(use);
    }
  }
}

/** The promise of what a function of `node:fs` calls back with. */
function called<T = undefined>(call: (done: (error: Error | null, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error === null || error === undefined ? resolve(value as T) : reject(error)));
  });
}

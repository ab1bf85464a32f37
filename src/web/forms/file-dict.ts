/** The files of a form by the names of their fields. */
import type { UploadedFile } from "./uploaded-file.ts";

/** As `MultiDict`, with files for values. They are few, and kept in a list, so `__proto__` is a name as any other. */
export class FileDict implements Iterable<[field: string, file: UploadedFile]> {
  readonly #files: readonly UploadedFile[];

  constructor(files: readonly UploadedFile[] = []) {
    this.#files = files;
  }

  /** How many files there are. */
  get size(): number {
    return this.#files.length;
  }

  /** The first file of that field. */
  get(field: string): UploadedFile | undefined {
    return this.#files.find((file) => file.field === field);
  }

  /** Every file of that field, in order. */
  getAll(field: string): UploadedFile[] {
    return this.#files.filter((file) => file.field === field);
  }

  has(field: string): boolean {
    return this.get(field) !== undefined;
  }

  /** Each field once, in the order of its first file. */
  *keys(): Generator<string, undefined> {
    yield* new Set(this.#files.map((file) => file.field));
  }

  /** Every file, in order. */
  *values(): Generator<UploadedFile, undefined> {
    yield* this.#files;
  }

  /** Every file with its field, in order. */
  *entries(): Generator<[field: string, file: UploadedFile], undefined> {
    for (const file of this.#files) yield [file.field, file];
  }

  [Symbol.iterator](): Generator<[field: string, file: UploadedFile], undefined> {
    return this.entries();
  }
}

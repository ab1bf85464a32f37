/** What the two kinds of file of a form have in common: one that was stored, and one that is still coming. */
import type { ReadableStream } from "node:stream/web";
import { toReadableStream } from "../../gateway/readable-stream.ts";
import { ChunkList } from "./chunk-list.ts";

export interface SaveOptions {
  /** Whether a file that is there already is replaced, at once and once all is written. Default false: it is an error, `EEXIST`. */
  readonly overwrite?: boolean;
}

export abstract class FormFile implements AsyncIterable<Uint8Array> {
  /** The name of the field that it came in. */
  readonly field: string;
  /**
   * The client's name for the file, made safe: a name without path, control characters, dots before or behind it, or what Windows can't have;
   * never empty. It may be the same for two files.
   */
  readonly name: string;
  /** Its media type, as the client says: only its word, and `text/plain` where it said nothing. */
  readonly type: string;

  constructor(field: string, name: string, type: string) {
    this.field = field;
    this.name = name;
    this.type = type;
  }

  /** The content, piece by piece. */
  abstract [Symbol.asyncIterator](): AsyncGenerator<Uint8Array, undefined>;

  /** The content as a stream. */
  stream(): ReadableStream<Uint8Array> {
    return toReadableStream(this);
  }

  /** The content, in memory. */
  async bytes(): Promise<Uint8Array> {
    const chunks = new ChunkList();
    for await (const chunk of this) chunks.push(chunk);
    return Buffer.concat(chunks.take());
  }

  /** The content as UTF-8 text, without a byte order mark. Malformed bytes become U+FFFD. */
  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  /**
   * Saves the content as a file. What was written is removed again where that fails.
   * @param path where; build it of a folder of yours and a name that you choose, or of `name`
   */
  async saveTo(path: string, options: SaveOptions = {}): Promise<void> {
    const { saveFile } = await import("./saved-file.ts");
    await saveFile(path, this, options.overwrite ?? false);
  }
}

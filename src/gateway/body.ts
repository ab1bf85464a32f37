/** The body of a request or a response: what both classes of WHATWG Fetch §5.3 share, over whatever the bytes come from. */
import { type ReadableStream, TextDecoderStream } from "node:stream/web";
import { MIMEType } from "node:util";
import type { RequestBody } from "../http/exchange.ts";
import type { Headers } from "./headers.ts";
import { platformResponse } from "./platform.ts";
import { isDisturbed, isReadableStream, toBytes, toReadableStream } from "./readable-stream.ts";

/** Where a body's bytes come from. Text is sent as UTF-8; nothing is converted before it is asked for. */
export type BodySource =
  | string
  | Uint8Array
  | Blob
  | RequestBody
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>
  | null;

/**
 * Takes a body's source for good, as reading it does. Internal to the package: it lets the sender send text
 * and bytes as they are, without a stream.
 * @throws TypeError if the body was read already, in whole or in part.
 */
export let takeSource: (body: Body) => BodySource;

/**
 * The bytes of a body, if all of them have come and none was read: read as `bytes` does, but at once, and only lent
 * (`RequestBody.readWhole`). Else null, and the body is as before. Internal to the package.
 */
export let takeWhole: (body: Body) => Uint8Array | null;

/** Two sources of the same bytes, one of them left in the body. Internal to the package. */
export let teeSource: (body: Body) => BodySource;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export abstract class Body {
  #source: BodySource;
  #taken = false;

  abstract get headers(): Headers;

  static {
    takeSource = (body) => body.#take();
    takeWhole = (body) => body.#takeWhole();
    teeSource = (body) => {
      body.#checkUsable();
      const source = body.#source;
      if (source === null || typeof source === "string" || source instanceof Uint8Array || isBlob(source))
        return source;
      const [ours, theirs] = (body.body as ReadableStream<Uint8Array>).tee();
      body.#source = ours;
      return theirs;
    };
  }

  constructor(source: BodySource) {
    this.#source = source;
  }

  /** The body as a byte stream, made when first asked for, or null. */
  get body(): ReadableStream<Uint8Array> | null {
    const source = this.#source;
    if (source === null || isReadableStream(source)) return source;
    const stream = toReadableStream(this.#taken ? "" : source);
    // What was read already can't be read again by way of the stream.
    if (this.#taken) stream.cancel().catch(ignore);
    this.#source = stream;
    return stream;
  }

  /** Whether the body was read, in whole or in part. */
  get bodyUsed(): boolean {
    return this.#taken || (isReadableStream(this.#source) && isDisturbed(this.#source));
  }

  /** The whole body, in memory. @throws TypeError if it was read already. */
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return readAll(this.#take());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await readAll(this.#take())).buffer;
  }

  /** The body as UTF-8 text, without a byte order mark. Malformed bytes become U+FFFD. */
  async text(): Promise<string> {
    return this.#text();
  }

  /** @throws SyntaxError if the body is not JSON. */
  async json(): Promise<unknown> {
    const whole = this.#takeWhole();
    return JSON.parse(whole === null ? await this.#text() : decoder.decode(whole));
  }

  /** The body with its content type. */
  async blob(): Promise<Blob> {
    const type = mimeType(this.headers.get("content-type"));
    return new Blob([await readAll(this.#take())], { type });
  }

  /** The body as a stream of text, decoded as `text` does. @throws TypeError if it was read already. */
  textStream(): ReadableStream<string> {
    this.#checkUsable();
    const bytes = this.body ?? toReadableStream("");
    return bytes.pipeThrough(new TextDecoderStream());
  }

  /** The fields and files of a form, url-encoded or multipart, in memory. @throws TypeError if it is none. */
  async formData(): Promise<FormData> {
    const type = this.headers.get("content-type") ?? "";
    const bytes = await readAll(this.#take());
    return new (platformResponse())(bytes, { headers: { "content-type": type } }).formData();
  }

  async #text(): Promise<string> {
    const source = this.#take();
    // Decoded anew only where decoding could change it.
    if (typeof source === "string" && source.charCodeAt(0) !== 0xfeff) return source.toWellFormed();
    return source === null ? "" : decoder.decode(await readAll(source));
  }

  #takeWhole(): Uint8Array | null {
    const source = this.#source;
    if (source === null || typeof source === "string" || this.#taken || !("readWhole" in source)) return null;
    const bytes = source.readWhole?.() ?? null;
    if (bytes !== null) this.#taken = true;
    return bytes;
  }

  #take(): BodySource {
    this.#checkUsable();
    this.#taken = this.#source !== null;
    return this.#source;
  }

  #checkUsable(): void {
    if (this.bodyUsed || (isReadableStream(this.#source) && this.#source.locked)) {
      throw new TypeError("the body was read already: a body can be read once");
    }
  }
}

/** A content type as the MIME Sniffing standard serializes it, or "" for what is none. */
function mimeType(contentType: string | null): string {
  if (contentType === null) return "";
  try {
    return new MIMEType(contentType).toString();
  } catch {
    return "";
  }
}

export function isBlob(value: unknown): value is Blob {
  const tag = Object.prototype.toString.call(value);
  return tag === "[object Blob]" || tag === "[object File]";
}

/** All bytes of a source, in an array (and buffer) of its own. */
async function readAll(source: BodySource): Promise<Uint8Array<ArrayBuffer>> {
  if (source === null) return new Uint8Array();
  if (typeof source === "string") return encoder.encode(source);
  if (source instanceof Uint8Array) return new Uint8Array(source);
  if (isBlob(source)) return new Uint8Array(await source.arrayBuffer());
  if ("bytes" in source) return ownBuffer(await source.bytes());
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const piece of source) {
    const chunk = toBytes(piece);
    chunks.push(chunk);
    length += chunk.byteLength;
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}

/** The same bytes alone in their buffer: copied only where they share it. */
function ownBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteLength } = bytes;
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength
    ? new Uint8Array(buffer)
    : new Uint8Array(bytes);
}

function ignore(): void {}

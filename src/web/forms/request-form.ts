/**
 * The form of a request, read once however often it is asked for. What it takes to read a multipart form is loaded with the first:
 * an application without one doesn't load it.
 */
import { isUtf8 } from "node:buffer";
import { type BodySource, takeSource } from "../../gateway/body.ts";
import { exchangeOf, type Request } from "../../gateway/request.ts";
import { HttpError } from "../http-error.ts";
import { essence } from "../media-type.ts";
import { parseUrlEncoded } from "../url-encoded.ts";
import { boundaryOf } from "./boundary.ts";
import { FileDict } from "./file-dict.ts";
import { FileStore } from "./file-store.ts";
import {
  checkLimit,
  defaultMemoryBytes,
  type FormLimits,
  type FormOptions,
  resolveLimits,
} from "./form-options.ts";
import type { FormPart } from "./form-parts.ts";
import type { ParsedForm } from "./multipart-form.ts";
import type { FormSource } from "./multipart-reader.ts";

const URL_ENCODED = "application/x-www-form-urlencoded";
const MULTIPART = "multipart/form-data";

export class RequestForm {
  /** What it holds. Rejected as `Request.form` says. */
  readonly parsed: Promise<ParsedForm>;
  #store: FileStore | null = null;

  /** Begins to read the form. */
  constructor(request: Request, options: FormOptions) {
    this.parsed = this.#parse(request, options);
  }

  /** The request is over: the files that nobody has saved are removed. */
  release(): Promise<void> | undefined {
    return this.#store === null ? undefined : this.#release(this.#store);
  }

  async #parse(request: Request, options: FormOptions): Promise<ParsedForm> {
    const contentType = exchangeOf(request).headers.get("content-type");
    const type = essence(contentType);
    if (type === URL_ENCODED) {
      setMaxBytes(request, options);
      const bytes = await request.bytes();
      if (!isUtf8(bytes)) throw new HttpError(400, "the form is not UTF-8");
      const text = Buffer.from(bytes.buffer, 0, bytes.byteLength).toString();
      return { fields: parseUrlEncoded(text, "form"), files: new FileDict() };
    }
    if (type !== MULTIPART) throw unsupportedForm(type, `${URL_ENCODED} or ${MULTIPART}`);
    const boundary = boundaryOf(contentType as string);
    const limits = resolveLimits(options);
    const memoryBytes = options.memoryBytes ?? defaultMemoryBytes;
    checkLimit("memoryBytes", memoryBytes);
    setMaxBytes(request, options);
    const source = formSource(takeSource(request));
    const store = new FileStore(memoryBytes, options.directory);
    this.#store = store;
    try {
      const { readMultipartForm } = await import("./multipart-form.ts");
      return await readMultipartForm(source, boundary, limits, store);
    } catch (error) {
      await store.discard();
      throw error;
    }
  }

  async #release(store: FileStore): Promise<void> {
    // Where nobody waited for the form, it is still coming. It is cut off with the exchange.
    await this.parsed.catch(() => {});
    await store.discard();
  }
}

/** As `Request.parts`. */
export async function* partsOf(request: Request, options: FormLimits): AsyncGenerator<FormPart, undefined> {
  const contentType = exchangeOf(request).headers.get("content-type");
  const type = essence(contentType);
  if (type !== MULTIPART) throw unsupportedForm(type, MULTIPART);
  const boundary = boundaryOf(contentType as string);
  const limits = resolveLimits(options);
  setMaxBytes(request, options);
  const source = formSource(takeSource(request));
  const { readParts } = await import("./form-parts.ts");
  yield* readParts(source, boundary, limits);
}

function setMaxBytes(request: Request, { maxBytes }: FormLimits): void {
  if (maxBytes === undefined) return;
  checkLimit("maxBytes", maxBytes);
  const { body } = exchangeOf(request);
  if (body !== null) body.maxBytes = maxBytes;
}

function formSource(source: BodySource): FormSource {
  return source === null ? nothing() : (source as FormSource);
}

async function* nothing(): AsyncGenerator<Uint8Array, undefined> {}

function unsupportedForm(type: string, expected: string): HttpError {
  return new HttpError(
    415,
    `${type === "" ? "the body has no content-type" : `the body is ${type}`}, but a form is expected here, as ${expected}`,
  );
}

/** The bodies of a test's requests. */
import type { BodyInit } from "../../gateway/body-init.ts";
import { isAsyncIterable } from "../../gateway/readable-stream.ts";
import { toSearchParams, type UrlQuery } from "../url-text.ts";

/** A file to be uploaded: a `File`, or its name, type and content. */
export type TestFile =
  | File
  | {
      readonly name: string;
      /** Default `application/octet-stream`. */
      readonly type?: string;
      readonly content: string | Uint8Array<ArrayBuffer>;
    };

/** At most one of `json`, `form` (with or without `files`) and `body`. */
export interface TestBody {
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as the fields of a form: url-encoded, or multipart where there are files. */
  readonly form?: UrlQuery;
  /** Sent as multipart, by the names of their fields. */
  readonly files?: Readonly<Record<string, TestFile | readonly TestFile[]>>;
  /** Sent as it is; what an iterable gives is sent in chunks. */
  readonly body?: BodyInit;
}

export interface EncodedBody {
  readonly content: string | Uint8Array | AsyncIterable<string | Uint8Array> | undefined;
  /** Its media type, unless the request's headers name another. */
  readonly type: string | null;
}

/** @throws TypeError for more than one body */
export async function encodeBody({ json, form, files, body }: TestBody): Promise<EncodedBody> {
  const given = [json, form ?? files, body].filter((each) => each !== undefined);
  if (given.length > 1) {
    throw new TypeError("a request has one body: json, form (with or without files) or body");
  }
  if (json !== undefined) return { content: JSON.stringify(json), type: "application/json" };
  if (files !== undefined) return serialized(multipart(form ?? {}, files));
  if (form !== undefined) return serialized(toSearchParams(form));
  if (body === undefined) return { content: undefined, type: null };
  if (isAsyncIterable(body)) return { content: body, type: null };
  return serialized(body);
}

/** As the platform's `fetch` sends it, which takes all of these. */
async function serialized(body: Exclude<BodyInit, AsyncIterable<unknown>>): Promise<EncodedBody> {
  const response = new globalThis.Response(body as string);
  const content = new Uint8Array(await response.arrayBuffer());
  return { content, type: response.headers.get("content-type") };
}

function multipart(fields: UrlQuery, files: NonNullable<TestBody["files"]>): FormData {
  const data = new FormData();
  for (const [name, value] of toSearchParams(fields)) data.append(name, value);
  for (const [name, given] of Object.entries(files)) {
    for (const file of [given].flat() as TestFile[]) data.append(name, toFile(file));
  }
  return data;
}

function toFile(file: TestFile): File {
  if (file instanceof File) return file;
  return new File([file.content], file.name, { type: file.type ?? "application/octet-stream" });
}

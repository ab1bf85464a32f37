/** What a body may be made of, and what becomes of it: "extract a body" of WHATWG Fetch §5.2. */
import type { ReadableStream } from "node:stream/web";
import type { HeaderList } from "../http/exchange.ts";
import { type BodySource, isBlob } from "./body.ts";
import { platformResponse } from "./platform.ts";
import { isAsyncIterable, isDisturbed, isReadableStream } from "./readable-stream.ts";

/** What the body of a request or a response may be made of. Bytes are copied, as the standard has it. */
export type BodyInit =
  | string
  | ArrayBuffer
  | ArrayBufferView
  | URLSearchParams
  | Blob
  | FormData
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>;

/** What a string is sent as, unless its headers say otherwise. */
export const textHeaders: HeaderList = Object.freeze(["content-type", "text/plain;charset=UTF-8"]);
const formHeaders: HeaderList = Object.freeze([
  "content-type",
  "application/x-www-form-urlencoded;charset=UTF-8",
]);
/** What a body without a type of its own is sent as. */
export const noHeaders: HeaderList = Object.freeze([]);

export interface ExtractedBody {
  readonly source: BodySource;
  readonly headers: HeaderList;
}

/**
 * The source of a body's bytes, and the content type that it brings.
 * @throws TypeError for a stream that was read from already, or that someone is reading.
 */
export function extractBody(body: BodyInit): ExtractedBody {
  if (typeof body === "string") return { source: body, headers: textHeaders };
  if (ArrayBuffer.isView(body)) {
    const { buffer, byteOffset, byteLength } = body;
    return { source: new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength)), headers: noHeaders };
  }
  if (body instanceof ArrayBuffer) return { source: new Uint8Array(body.slice(0)), headers: noHeaders };
  if (isReadableStream(body)) {
    if (body.locked || isDisturbed(body))
      throw new TypeError("the stream was read from already, or is locked");
    return { source: body, headers: noHeaders };
  }
  if (body instanceof URLSearchParams) return { source: body.toString(), headers: formHeaders };
  if (isBlob(body))
    return { source: body, headers: body.type === "" ? noHeaders : ["content-type", body.type] };
  if (isAsyncIterable(body))
    return { source: body as AsyncIterable<Uint8Array | string>, headers: noHeaders };
  if (Object.prototype.toString.call(body) === "[object FormData]") {
    const encoded = new (platformResponse())(body as FormData);
    return { source: encoded.body, headers: ["content-type", encoded.headers.get("content-type") ?? ""] };
  }
  return { source: String(body), headers: textHeaders };
}

/** The list with the body's content type, unless it has one. */
export function withDefaultType(list: HeaderList, typeHeaders: HeaderList): HeaderList {
  for (let i = 0; i < list.length; i += 2) {
    if (list[i] === "content-type") return list;
  }
  return typeHeaders.length === 0 ? list : list.concat(typeHeaders);
}

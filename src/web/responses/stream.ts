/** Answers that come piece by piece. */
import { Headers } from "../../gateway/headers.ts";
import { isAsyncIterable, isReadableStream } from "../../gateway/readable-stream.ts";
import { Response, type ResponseInit } from "../../gateway/response.ts";
import { withType } from "./content.ts";

/** Text or bytes, piece by piece. */
export type StreamSource = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

const bytesType = new Headers({ "content-type": "application/octet-stream" });

/**
 * A stream with a status and headers. It is read no faster than the client takes it; when the client goes away it is cancelled,
 * and a generator returns. A handler that wants only the pieces sent may return the generator itself.
 * @param source a `ReadableStream`, an async iterable (Node's streams are), an iterable, or a generator function
 * @param init without a `content-type` it is `application/octet-stream`, so that no browser takes it for a page
 */
export function stream(source: StreamSource | (() => StreamSource), init: ResponseInit = {}): Response {
  const pieces = typeof source === "function" ? source() : source;
  const body = isReadableStream(pieces) || isAsyncIterable(pieces) ? pieces : later(pieces);
  return new Response(body as AsyncIterable<string | Uint8Array>, {
    ...init,
    headers: withType(init.headers, bytesType),
  });
}

async function* later(pieces: Iterable<string | Uint8Array>): AsyncGenerator<string | Uint8Array> {
  yield* pieces;
}

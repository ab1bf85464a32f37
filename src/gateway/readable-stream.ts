/** WHATWG streams made from, and told apart from, other sources of bytes. */
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";

const encoder = new TextEncoder();

/** Whether a value is a `ReadableStream`, the platform's or another's. */
export function isReadableStream(value: unknown): value is ReadableStream<Uint8Array> {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as Partial<ReadableStream>).getReader === "function"
  );
}

/** Whether a stream was read from or cancelled: a fact that the streams standard keeps, and that only Node tells. */
export function isDisturbed(stream: ReadableStream): boolean {
  return Readable.isDisturbed(stream as unknown as NodeJS.ReadableStream);
}

/** Whether a value is an async iterable. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === "function"
  );
}

/** A piece of a body as bytes: text as UTF-8. @throws TypeError for anything but text and bytes. */
export function toBytes(piece: unknown): Uint8Array {
  if (piece instanceof Uint8Array) return piece;
  if (typeof piece === "string") return encoder.encode(piece);
  const what = piece === null ? "null" : typeof piece === "object" ? "another object" : `a ${typeof piece}`;
  throw new TypeError(`a piece of a body must be text or a Uint8Array, and this one is ${what}`);
}

/** A byte stream over a source that is read only as the stream is. */
export function toReadableStream(
  source: string | Uint8Array | Blob | AsyncIterable<Uint8Array | string>,
): ReadableStream<Uint8Array> {
  if (typeof source === "string" || source instanceof Uint8Array) return fromIterator([source].values());
  if (isAsyncIterable(source)) return fromIterator(source[Symbol.asyncIterator]());
  return source.stream() as ReadableStream<Uint8Array>;
}

function fromIterator(
  iterator: Iterator<Uint8Array | string> | AsyncIterator<Uint8Array | string>,
): ReadableStream<Uint8Array> {
  return new globalThis.ReadableStream(
    {
      type: "bytes",
      async pull(controller) {
        for (;;) {
          const { done, value } = await iterator.next();
          if (done === true) {
            controller.close();
            controller.byobRequest?.respond(0);
            return;
          }
          const bytes = toBytes(value);
          // A byte stream refuses empty pieces.
          if (bytes.byteLength === 0) continue;
          // It takes the whole buffer away from whoever else has a view of it, so it gets one of its own.
          controller.enqueue(new Uint8Array(bytes));
          return;
        }
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    // Nothing is read ahead of the reader.
    { highWaterMark: 0 },
  );
}

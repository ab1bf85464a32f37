/** The body of a `Response` that an application writes piece by piece. It is taken no faster than somebody reads it. */
import type { ReadableStreamDefaultController } from "node:stream/web";

/** Bytes that may wait to be read before the writer is asked to wait. */
const HIGH_WATER_MARK = 64 * 1024;

export class AnswerStream {
  readonly stream: globalThis.ReadableStream<Uint8Array>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #taken: Promise<void> | undefined;
  #onTaken: (() => void) | undefined;

  /** @param onCancel called when nobody wants to read on */
  constructor(onCancel: () => void) {
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.release(),
        cancel: onCancel,
      },
      { highWaterMark: HIGH_WATER_MARK, size: (piece) => piece?.byteLength ?? 0 },
    );
  }

  /** Takes bytes, which are the stream's from now on. Returns what `ResponseWriter.write` returns. */
  write(bytes: Uint8Array): Promise<void> | undefined {
    const controller = this.#controller as ReadableStreamDefaultController<Uint8Array>;
    controller.enqueue(bytes);
    if ((controller.desiredSize ?? 0) > 0) return undefined;
    return (this.#taken ??= new Promise((resolve) => {
      this.#onTaken = resolve;
    }));
  }

  end(): void {
    this.#controller?.close();
    this.release();
  }

  /** Breaks it off, so that nobody takes it for whole. */
  fail(): void {
    this.#controller?.error(new DOMException("the application has cut the answer off", "AbortError"));
  }

  /** Lets a writer go on that waits. */
  release(): void {
    this.#taken = undefined;
    this.#onTaken?.();
    this.#onTaken = undefined;
  }
}

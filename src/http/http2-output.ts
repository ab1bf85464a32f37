/**
 * The sending side of an HTTP/2 stream. The body goes to `node:http2` one slice at a time, because a slice's end is the only
 * thing by which to see what the client has taken.
 */
import type { OutgoingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { AnswerPace } from "./answer-pace.ts";
import type { HttpLimits } from "./limits.ts";

/** One frame of the default size (RFC 9113 §6.5.2). */
const SLICE = 16 * 1024;
/** Bytes that wait for the client beyond which a writer is asked to wait. */
const HIGH_WATER_MARK = 64 * 1024;

/** Who counts what has left. */
export interface SentCounter {
  noteSent(bytes: number): void;
}

export class Http2Output {
  readonly #stream: ServerHttp2Stream;
  readonly #pace: AnswerPace;
  readonly #counter: SentCounter;
  #queue: Uint8Array[] = [];
  #unsent = 0;
  #writing = false;
  #ended = false;
  #writable: Promise<void> | undefined;
  #resolveWritable: (() => void) | undefined;

  constructor(stream: ServerHttp2Stream, limits: HttpLimits, counter: SentCounter) {
    this.#stream = stream;
    this.#pace = new AnswerPace(limits);
    this.#counter = counter;
  }

  /** Sends the bytes, behind those that wait. Returns a promise when there are more than the client takes. */
  write(bytes: Uint8Array): Promise<void> | undefined {
    this.#queue.push(bytes);
    this.#unsent += bytes.length;
    this.#pace.give(bytes.length);
    this.#pump();
    if (this.#unsent <= HIGH_WATER_MARK) return undefined;
    this.#writable ??= new Promise((resolve) => {
      this.#resolveWritable = resolve;
    });
    return this.#writable;
  }

  /**
   * Sends all that there is to send.
   * @param closing whether the stream closes behind it, as the request has come whole
   */
  writeWhole(bytes: Uint8Array, closing: boolean): void {
    if (closing && bytes.length <= SLICE) {
      // The usual case, at less cost: the stream's close tells that the client has taken it.
      this.#pace.give(bytes.length);
      this.#counter.noteSent(bytes.length);
      this.#stream.end(bytes);
    } else {
      this.write(bytes);
      this.end();
    }
  }

  /** Nothing more will come. @param trailers where the answer was begun so that it can have some */
  end(trailers?: OutgoingHttpHeaders): void {
    this.#ended = true;
    if (trailers !== undefined) {
      this.#stream.once("wantTrailers", () => {
        if (!this.#stream.closed) this.#stream.sendTrailers(trailers);
      });
    }
    if (this.#queue.length === 0) this.#stream.end();
  }

  isTooSlow(now: number): boolean {
    return this.#pace.isTooSlow(now);
  }

  /** The stream is gone: whoever waits goes on. */
  release(): void {
    this.#queue = [];
    this.#pace.takenAll();
    this.#unblock();
  }

  #pump(): void {
    if (this.#writing) return;
    const slice = this.#takeSlice();
    if (slice === undefined || this.#stream.destroyed) return;
    this.#writing = true;
    this.#stream.write(slice, () => this.#written(slice.length));
    // In this very turn, so that the last frame says that it is the last.
    if (this.#ended && this.#queue.length === 0) this.#stream.end();
  }

  #written(bytes: number): void {
    this.#writing = false;
    this.#unsent -= bytes;
    this.#counter.noteSent(bytes);
    if (this.#unsent === 0) this.#pace.takenAll();
    else this.#pace.taken();
    if (this.#unsent <= HIGH_WATER_MARK) this.#unblock();
    this.#pump();
  }

  /** As much of the queue as fits into a frame, in one piece. */
  #takeSlice(): Uint8Array | undefined {
    const first = this.#queue[0];
    if (first === undefined) return undefined;
    if (first.length > SLICE) {
      this.#queue[0] = first.subarray(SLICE);
      return first.subarray(0, SLICE);
    }
    let count = 1;
    let bytes = first.length;
    for (; count < this.#queue.length; count++) {
      const next = (this.#queue[count] as Uint8Array).length;
      if (bytes + next > SLICE) break;
      bytes += next;
    }
    const pieces = this.#queue.splice(0, count);
    return count === 1 ? first : Buffer.concat(pieces, bytes);
  }

  #unblock(): void {
    const resolve = this.#resolveWritable;
    this.#writable = undefined;
    this.#resolveWritable = undefined;
    resolve?.();
  }
}

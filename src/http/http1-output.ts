/**
 * The sending side of an HTTP/1.1 connection. What is queued in one turn of the event loop leaves in one write;
 * a client that takes nothing, or too little, is found out.
 */
import type { Transport } from "../net/transport/transport.ts";
import { AnswerPace } from "./answer-pace.ts";
import type { AnswerOutput } from "./http1-response-writer.ts";
import type { HttpLimits } from "./limits.ts";

/** What waits for the end of the turn is sent at once beyond this many bytes. */
const MAX_PENDING = 64 * 1024;

export class Http1Output implements AnswerOutput {
  readonly #transport: Transport;
  readonly #limits: HttpLimits;
  /** Output of this turn, as latin1. */
  #pending = "";
  /** Counts what is sent: of two looks at it, whether anything was. */
  writes = 0;
  /** While true nothing is scheduled: whoever set it flushes. */
  #held = false;
  #flushScheduled = false;
  #blocked = false;
  /** Made when the client first lets something wait. */
  #pace: AnswerPace | null = null;
  /** Bytes that waited at the last look; 0 while nothing waits. */
  #unsentAtLastLook = 0;
  #writable: Promise<void> | undefined;
  #resolveWritable: (() => void) | undefined;

  constructor(transport: Transport, limits: HttpLimits) {
    this.#transport = transport;
    this.#limits = limits;
  }

  /** True while the client takes less than is written: nothing further should be begun. */
  get blocked(): boolean {
    return this.#blocked;
  }

  /** Holds what is queued until `flush`. */
  hold(): void {
    this.#held = true;
  }

  /** Sends what is queued at the end of the turn, and no longer holds it. */
  release(): void {
    this.#held = false;
    this.#scheduleFlush();
  }

  queue(text: string): void {
    this.#pending += text;
    if (this.#pending.length > MAX_PENDING) this.#send();
    else this.#scheduleFlush();
  }

  queueLast(text: string): void {
    // Nothing is to be scheduled for it: the connection, going on, flushes.
    this.#held = true;
    this.queue(text);
  }

  queuePair(text: string, bytes: Uint8Array): void {
    const head = this.#pending + text;
    this.#pending = "";
    this.#noteWrite(
      head === "" ? this.#transport.write(bytes) : this.#transport.writePair(head, bytes),
      head.length + bytes.length,
    );
  }

  /** Sends what is queued now. */
  flush(): void {
    this.#held = false;
    this.#send();
  }

  whenWritable(): Promise<void> | undefined {
    if (!this.#blocked) return undefined;
    this.#writable ??= new Promise((resolve) => {
      this.#resolveWritable = resolve;
    });
    return this.#writable;
  }

  /** The transport's buffer has emptied, or the connection is gone: whoever waits goes on. */
  unblock(): void {
    this.#blocked = false;
    this.#takenAll();
    const resolve = this.#resolveWritable;
    this.#writable = undefined;
    this.#resolveWritable = undefined;
    resolve?.();
  }

  /** Called by the clock: whether the client takes too little. */
  isTooSlow(now: number): boolean {
    const pace = this.#pace;
    if (pace === null || this.#unsentAtLastLook === 0) return false;
    const unsent = this.#transport.bufferedBytes;
    if (unsent === 0) {
      this.#takenAll();
      return false;
    }
    if (unsent < this.#unsentAtLastLook) pace.taken();
    this.#unsentAtLastLook = unsent;
    return pace.isTooSlow(now);
  }

  /** For `process.nextTick` only. */
  flushAsScheduled(): void {
    this.#flushScheduled = false;
    this.#send();
  }

  #scheduleFlush(): void {
    if (this.#held || this.#flushScheduled || this.#pending === "") return;
    this.#flushScheduled = true;
    process.nextTick(flushAsScheduled, this);
  }

  #send(): void {
    const pending = this.#pending;
    if (pending === "") return;
    this.#pending = "";
    this.#noteWrite(this.#transport.write(pending), pending.length);
  }

  #noteWrite(more: boolean, bytes: number): void {
    this.writes = (this.writes + 1) | 0;
    if (!more) this.#blocked = true;
    const unsent = this.#transport.bufferedBytes;
    if (unsent === 0) return;
    if (this.#unsentAtLastLook === 0) this.#unsentAtLastLook = unsent;
    this.#pace ??= new AnswerPace(this.#limits);
    this.#pace.give(bytes);
  }

  #takenAll(): void {
    this.#unsentAtLastLook = 0;
    this.#pace?.takenAll();
  }
}

function flushAsScheduled(output: Http1Output): void {
  output.flushAsScheduled();
}

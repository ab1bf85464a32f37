/**
 * Where the body of an HTTP/2 request comes from: the frames of one stream. While nobody reads, the client is held by the
 * stream's flow-control window (RFC 9113 §5.2).
 *
 * What has come is kept in blocks, however small the frames were: a client may send 64 KiB as 65,535 frames of one
 * byte, which as so many buffers in the stream's own queue would take 10 MiB.
 */
import type { ServerHttp2Stream } from "node:http2";
import { clock } from "../net/clock.ts";
import { RequestError } from "./errors.ts";
import type { FieldSection } from "./field-section.ts";
import { CHUNKED } from "./framing.ts";
import type { HttpLimits } from "./limits.ts";
import { type BodySource, PulledBody } from "./pulled-body.ts";

/** Blocks grow with the body up to this. */
const MAX_BLOCK = 16 * 1024;
const MIN_BLOCK = 512;
/** Bytes that wait for the reader beyond which the client gets no more window. */
const HIGH_WATER_MARK = 16 * 1024;

const NEVER = Number.POSITIVE_INFINITY;

/** What a body needs of its exchange. */
export interface BodyOwner {
  readonly started: boolean;
  /** Tells the client to go on (RFC 9110 §15.2.1). */
  sendContinue(): void;
}

export class Http2RequestBody implements BodySource {
  /** What the application reads. */
  readonly body: PulledBody;
  readonly #owner: BodyOwner;
  readonly #stream: ServerHttp2Stream;
  readonly #limits: HttpLimits;
  #mustContinue: boolean;
  #full: Uint8Array[] = [];
  #block: Uint8Array = new Uint8Array(0);
  /** The part of the block that waits for the reader. */
  #from = 0;
  #to = 0;
  #waitingBytes = 0;
  /** Bytes that have come. */
  #bytes = 0;
  #dropping = false;
  /** Bytes that came after the answer was complete. */
  #dropped = 0;
  #flowing = false;
  #held = false;
  #ended = false;
  #trailers: FieldSection | null = null;
  #wakeScheduled = false;
  #deadline = NEVER;
  /** While the body is waited for: since when; and how long it was waited for before, in milliseconds. */
  #waitBegan = NEVER;
  #waited = 0;
  #failed = false;

  /** @param length as announced, or null */
  constructor(
    owner: BodyOwner,
    stream: ServerHttp2Stream,
    length: number | null,
    mustContinue: boolean,
    limits: HttpLimits,
  ) {
    this.#owner = owner;
    this.#stream = stream;
    this.#limits = limits;
    this.#mustContinue = mustContinue;
    this.body = new PulledBody(this, length ?? CHUNKED, limits.maxBodyBytes);
    const pushToStream = stream.push.bind(stream);
    // As every Readable, Node's stream is given its data by `push`. False from it stops the window's updates.
    stream.push = (chunk: Uint8Array | null) => {
      if (chunk !== null) return this.#take(chunk);
      // A stream that is reset is marked as closed before it ends.
      if (!stream.closed) process.nextTick(() => this.#end());
      return pushToStream(null);
    };
  }

  /** Bytes of content that have come so far. */
  get bytes(): number {
    return this.#bytes;
  }

  // What the body calls.

  pullBody(): Uint8Array | null | undefined {
    const piece = this.#full.shift() ?? this.#takeBlock();
    if (piece === undefined && !this.#ended) return undefined;
    this.#endWait();
    if (piece === undefined) return null;
    this.#waitingBytes -= piece.length;
    if (this.#held && this.#waitingBytes <= HIGH_WATER_MARK) this.#flow();
    return piece;
  }

  wantBody(): void {
    this.#waitBegan = clock.now;
    this.#deadline = clock.after(this.#limits.bodyTimeout);
    // RFC 9110 §10.1.1: the client waits to be told that its body is wanted.
    if (this.#mustContinue && this.#bytes === 0 && !this.#owner.started) {
      this.#mustContinue = false;
      this.#owner.sendContinue();
    }
    this.#flow();
  }

  get bodyTrailers(): FieldSection | null {
    return this.#trailers;
  }

  // What the exchange calls.

  /** Trailers have come. They are told of before the end. */
  takeTrailers(trailers: FieldSection): void {
    this.#trailers = trailers;
  }

  fail(error: RequestError): void {
    this.#failed = true;
    this.#endWait();
    this.body.fail(error);
  }

  /**
   * The answer is complete: what still comes of the body is dropped. Returns false when it isn't worth waiting for
   * (RFC 9113 §8.1 lets a server then reset the stream).
   */
  drop(): boolean {
    if (this.#ended) return true;
    const { body } = this;
    const { maxDrainBytes, bodyTimeout } = this.#limits;
    const hopeless =
      this.#failed ||
      body.broken ||
      this.#mustContinue ||
      (body.length !== null && body.length - this.#bytes > maxDrainBytes);
    this.fail(new RequestError(400, "incomplete-body", "the request was answered before its body had come"));
    if (hopeless) return false;
    this.#dropping = true;
    this.#deadline = clock.after(bodyTimeout);
    this.#flow();
    return true;
  }

  /** Whether what is dropped has become too much or takes too long. */
  isDropOverdue(now: number): boolean {
    return (
      this.#dropping && !this.#ended && (now >= this.#deadline || this.#dropped > this.#limits.maxDrainBytes)
    );
  }

  /** Called by the clock. */
  tick(now: number): void {
    if (this.#waitBegan === NEVER) return;
    const { minBodyRate, rateGrace } = this.#limits;
    const waited = this.#waited + now - this.#waitBegan;
    const tooSlow = minBodyRate > 0 && waited > rateGrace && this.#bytes * 1000 < minBodyRate * waited;
    if (tooSlow || now >= this.#deadline) {
      this.fail(new RequestError(408, "body-timeout", "the body came too slowly"));
    }
  }

  /** Returns whether more is welcome. */
  #take(chunk: Uint8Array): boolean {
    this.#bytes += chunk.length;
    if (this.#dropping || this.#failed) {
      this.#dropped += chunk.length;
      return this.#dropped <= this.#limits.maxDrainBytes;
    }
    if (chunk.length > this.#block.length - this.#to) {
      const rest = this.#takeBlock();
      if (rest !== undefined) this.#full.push(rest);
      const size = Math.max(chunk.length, Math.min(MAX_BLOCK, Math.max(MIN_BLOCK, this.#bytes)));
      this.#block = Buffer.allocUnsafeSlow(size);
      this.#from = 0;
      this.#to = 0;
    }
    this.#block.set(chunk, this.#to);
    this.#to += chunk.length;
    this.#waitingBytes += chunk.length;
    this.#scheduleWake();
    this.#held = this.#waitingBytes > HIGH_WATER_MARK;
    return !this.#held;
  }

  #takeBlock(): Uint8Array | undefined {
    if (this.#from === this.#to) return undefined;
    const piece = this.#block.subarray(this.#from, this.#to);
    this.#from = this.#to;
    return piece;
  }

  #end(): void {
    this.#ended = true;
    this.body.wake();
  }

  /** At the end of the turn, so that frames which came together are one piece. */
  #scheduleWake(): void {
    if (this.#wakeScheduled) return;
    this.#wakeScheduled = true;
    process.nextTick(() => {
      this.#wakeScheduled = false;
      this.body.wake();
    });
  }

  /** Lets the client send on. */
  #flow(): void {
    if (this.#flowing && !this.#held) return;
    this.#held = false;
    if (this.#stream.destroyed) return;
    if (!this.#flowing) {
      this.#flowing = true;
      this.#stream.resume();
    } else {
      // The stream is still waiting for what it has asked for first, as it has not seen any of it.
      this.#stream._read(0);
    }
  }

  #endWait(): void {
    if (this.#waitBegan === NEVER) return;
    this.#waited += clock.now - this.#waitBegan;
    this.#waitBegan = NEVER;
    this.#deadline = NEVER;
  }
}

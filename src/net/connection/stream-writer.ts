/**
 * The writing half of a connection. Small writes of one turn of the event loop go out together; beyond what the
 * transport takes, they wait here in order.
 */
import { clock } from "../clock.ts";
import { encodeText } from "../codecs/utf8.ts";
import { type Deferred, deferred } from "../deferred.ts";
import { Fifo } from "../fifo.ts";
import type { Transport } from "../transport/transport.ts";
import { done, quiet, rejected } from "./promises.ts";

/** ASCII text, which is sent as latin1, or bytes. */
type Data = string | Uint8Array;

/** From so many bytes on, nothing is gained by waiting for the end of the turn. */
const GATHER = 16 * 1024;
/** The most that the transport is given at a time. Whether the peer takes anything is seen slice by slice. */
const SLICE = 64 * 1024;

export class StreamWriter {
  readonly #transport: Transport;
  readonly #timeout: number;
  readonly #host: WriterHost;
  /** What waits: the first piece, and those behind it. */
  #first: Data | null = null;
  #rest: Fifo<Data> | null = null;
  #waitingBytes = 0;
  #flushScheduled = false;
  /** Whether the transport wants no more until it has drained. */
  #blocked = false;
  /** When the peer must have taken something; 0 when nothing waits for it. */
  #deadline = 0;
  #unsentAtLastLook = 0;
  #ending: Promise<void> | null = null;
  #failure: Error | null = null;
  /** Who waits for the transport to drain. */
  #writable: Deferred<void> | null = null;
  #ended: Deferred<void> | null = null;

  /**
   * @param timeout milliseconds without progress after which the writer is stalled; 0: never
   * @param host told when there begins to be something to watch
   */
  constructor(transport: Transport, timeout: number, host: WriterHost) {
    this.#transport = transport;
    this.#timeout = timeout;
    this.#host = host;
  }

  /** Bytes that were written and that the system has not taken. */
  get bufferedBytes(): number {
    return this.#waitingBytes + this.#transport.bufferedBytes;
  }

  write(data: Data): Promise<void> {
    if (this.#failure !== null) return rejected(this.#failure);
    if (this.#ending !== null) return rejected(new Error("nothing can be written after end()"));
    const piece = typeof data === "string" ? encode(data) : data;
    const size = piece.length;
    if (size > 0) {
      if (size >= GATHER && size <= SLICE && this.#first === null && !this.#blocked) this.#send(piece);
      else this.#queue(piece, size);
    }
    return this.#blocked ? this.#untilWritable() : done;
  }

  /** Sends what was written, then our FIN. Resolves when all was handed over. */
  end(): Promise<void> {
    if (this.#ending !== null) return this.#ending;
    if (this.#failure !== null) return rejected(this.#failure);
    this.#flush();
    if (this.#blocked) {
      this.#ended = deferred();
      this.#ending = quiet(this.#ended.promise);
    } else {
      this.#ending = done;
      this.#finish();
    }
    return this.#ending;
  }

  /** The transport takes more again. */
  drained(): void {
    this.#blocked = false;
    this.#deadline = 0;
    this.#flush();
    if (this.#blocked) return;
    this.#writable?.resolve();
    this.#writable = null;
    if (this.#ended === null) return;
    this.#finish();
    this.#ended.resolve();
    this.#ended = null;
  }

  /** Nothing can be sent any more. */
  lose(error: Error): void {
    this.#failure ??= error;
    this.#first = null;
    this.#rest = null;
    this.#waitingBytes = 0;
    this.#deadline = 0;
    this.#writable?.reject(error);
    this.#writable = null;
    this.#ended?.reject(error);
    this.#ended = null;
  }

  /** Whether the peer has taken nothing for `timeout`. Asked on every tick of the clock. */
  isStalled(now: number): boolean {
    if (this.#deadline === 0 || now < this.#deadline) return false;
    if (this.#transport.bufferedBytes >= this.#unsentAtLastLook) return true;
    this.#watch();
    return false;
  }

  /** Whether there is something for `isStalled` to watch. */
  get watched(): boolean {
    return this.#deadline !== 0;
  }

  /** For `process.nextTick`. */
  flushTurn(): void {
    this.#flushScheduled = false;
    this.#flush();
  }

  #queue(piece: Data, size: number): void {
    if (this.#first === null) this.#first = piece;
    else (this.#rest ??= new Fifo()).push(piece);
    this.#waitingBytes += size;
    if (this.#blocked) return;
    if (this.#waitingBytes >= GATHER) {
      this.#flush();
    } else if (!this.#flushScheduled) {
      this.#flushScheduled = true;
      process.nextTick(flushTurn, this);
    }
  }

  #flush(): void {
    while (this.#first !== null && !this.#blocked) this.#send(this.#next(this.#first));
  }

  /** Takes the next piece to send: a slice of the first one, or small ones joined. */
  #next(first: Data): Data {
    if (first.length >= GATHER) {
      const piece = first as Uint8Array; // long strings were encoded
      this.#waitingBytes -= Math.min(SLICE, piece.length);
      if (piece.length <= SLICE) {
        this.#first = this.#shift();
        return piece;
      }
      this.#first = piece.subarray(SLICE);
      return piece.subarray(0, SLICE);
    }
    const second = this.#shift();
    if (second === null) {
      this.#first = null;
      this.#waitingBytes = 0;
      return first;
    }
    return this.#join(first, second);
  }

  #join(first: Data, second: Data): Data {
    const pieces: Data[] = [first];
    let size = first.length;
    let next: Data | null = second;
    while (next !== null && next.length < GATHER && size + next.length <= SLICE) {
      pieces.push(next);
      size += next.length;
      next = this.#shift();
    }
    this.#first = next;
    this.#waitingBytes -= size;
    return pieces.length === 1 ? first : join(pieces, size);
  }

  #shift(): Data | null {
    const piece = this.#rest?.shift();
    if (piece !== undefined) return piece;
    this.#rest = null;
    return null;
  }

  #send(piece: Data): void {
    if (this.#transport.write(piece)) return;
    this.#blocked = true;
    this.#watch();
  }

  /** From now on the peer must take something within the timeout. */
  #watch(): void {
    this.#unsentAtLastLook = this.#transport.bufferedBytes;
    if (this.#unsentAtLastLook === 0 || this.#timeout === 0) {
      this.#deadline = 0;
      return;
    }
    this.#host.watchClock();
    this.#deadline = clock.after(this.#timeout);
  }

  #finish(): void {
    this.#watch();
    this.#transport.end();
  }

  #untilWritable(): Promise<void> {
    if (this.#writable === null) {
      this.#writable = deferred();
      quiet(this.#writable.promise);
    }
    return this.#writable.promise;
  }
}

/** What a writer belongs to. */
export interface WriterHost {
  /** From now on `isStalled` has to be asked. */
  watchClock(): void;
}

function encode(text: string): Data {
  const data = encodeText(text);
  return typeof data === "string" && data.length >= GATHER ? Buffer.from(data, "latin1") : data;
}

function join(pieces: Data[], size: number): Data {
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece === "string") bytes.write(piece, at, "latin1");
    else bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function flushTurn(writer: StreamWriter): void {
  writer.flushTurn();
}

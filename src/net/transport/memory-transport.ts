/** A connection within the process, for tests of protocols: no socket, no port, and chunks as small as the test wants them. */
import { Fifo } from "../fifo.ts";
import type { Protocol, Transport } from "./transport.ts";

export interface TransportPairOptions {
  /** The most bytes that come at a time, in both directions: 1 shows whether a protocol depends on how its bytes are split. Default 64 KiB. */
  readonly chunkSize?: number;
  /** Bytes that a side may write before `write` says to wait. Default 64 KiB. */
  readonly highWaterMark?: number;
}

/** The two ends of a connection. What is written at one comes at the other, in a later turn of the event loop. */
export function transportPair(options: TransportPairOptions = {}): [Transport, Transport] {
  const { chunkSize = 64 * 1024, highWaterMark = 64 * 1024 } = options;
  if (!(chunkSize >= 1)) throw new RangeError(`a chunk has at least one byte, not ${chunkSize}`);
  const one = new MemoryTransport(chunkSize, highWaterMark);
  const other = new MemoryTransport(chunkSize, highWaterMark);
  join(one, other);
  return [one, other];
}

let join: (one: MemoryTransport, other: MemoryTransport) => void;

/** One end of a pair. */
class MemoryTransport implements Transport {
  readonly reusesChunks = false;
  readonly remoteAddress: undefined;
  readonly remotePort: undefined;
  readonly localAddress: undefined;
  readonly localPort: undefined;
  readonly encrypted = false;
  readonly #chunkSize: number;
  readonly #highWaterMark: number;
  #peer: MemoryTransport = this;
  #protocol: Protocol | null = null;
  #paused = false;
  /** What this side has written and the peer has not got. */
  readonly #outgoing: Fifo<Buffer> = new Fifo();
  #outgoingBytes = 0;
  #blocked = false;
  #ended = false;
  /** Whether our end has come to the peer. */
  #endDelivered = false;
  #closing = false;
  #destroyed = false;
  #deliveryScheduled = false;

  static {
    join = (one, other) => {
      one.#peer = other;
      other.#peer = one;
    };
  }

  constructor(chunkSize: number, highWaterMark: number) {
    this.#chunkSize = chunkSize;
    this.#highWaterMark = highWaterMark;
  }

  get bufferedBytes(): number {
    return this.#outgoingBytes;
  }

  start(protocol: Protocol): void {
    this.#protocol = protocol;
    this.#peer.#scheduleDelivery();
  }

  write(data: string | Uint8Array): boolean {
    if (this.#ended) throw new Error("write after end");
    const bytes = typeof data === "string" ? Buffer.from(data, "latin1") : data;
    if (this.#destroyed || bytes.length === 0) return !this.#blocked;
    for (let at = 0; at < bytes.length; at += this.#chunkSize) {
      this.#outgoing.push(withOwnMemory(bytes.subarray(at, at + this.#chunkSize)));
    }
    this.#outgoingBytes += bytes.length;
    this.#blocked = this.#outgoingBytes >= this.#highWaterMark;
    this.#scheduleDelivery();
    return !this.#blocked;
  }

  writePair(head: string, body: Uint8Array): boolean {
    this.write(head);
    return this.write(body);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#peer.#scheduleDelivery();
  }

  end(): void {
    this.#ended = true;
    this.#scheduleDelivery();
  }

  close(): void {
    this.#closing = true;
    this.end();
  }

  /** As a cable that is cut: what is on its way is lost, and the peer sees a reset. */
  destroy(): void {
    this.#cut(null);
    this.#peer.#cut(reset());
  }

  #cut(error: Error | null): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#outgoingBytes = 0;
    setImmediate(() => this.#protocol?.onClose(error));
  }

  /** The peer gets what there is for it in a turn of its own, as from a socket. */
  #scheduleDelivery(): void {
    if (this.#deliveryScheduled) return;
    this.#deliveryScheduled = true;
    setImmediate(() => {
      this.#deliveryScheduled = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    const peer = this.#peer;
    const protocol = peer.#protocol;
    if (this.#destroyed || peer.#paused || protocol === null) return;
    const chunk = this.#outgoing.shift();
    if (chunk !== undefined) {
      this.#outgoingBytes -= chunk.length;
      protocol.onData(chunk);
      this.#scheduleDelivery();
      if (this.#blocked && this.#outgoingBytes < this.#highWaterMark) {
        this.#blocked = false;
        this.#protocol?.onDrain();
      }
      return;
    }
    if (!this.#ended || this.#endDelivered) return;
    this.#endDelivered = true;
    protocol.onEnd();
    if (this.#closing) this.#cut(null);
    if (peer.#endDelivered) {
      this.#cut(null);
      peer.#cut(null);
    }
  }
}

/** A copy of the bytes, as a socket makes one. */
function withOwnMemory(bytes: Uint8Array): Buffer {
  const chunk = Buffer.allocUnsafeSlow(bytes.length);
  chunk.set(bytes);
  return chunk;
}

function reset(): Error {
  return Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
}

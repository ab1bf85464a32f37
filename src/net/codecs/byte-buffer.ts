/**
 * A queue of bytes: chunks come in at one end and pieces of any size are taken from the other.
 *
 * - Small chunks are gathered into blocks, so that a million chunks of one byte take a megabyte or so.
 * - A piece that is taken is a view only where it is at least half of the memory that it keeps alive.
 *   Otherwise it is a copy, so that four bytes never hold on to a chunk of 64 KiB.
 * - A search goes on where the last one for the same bytes ended; nothing is looked at twice.
 */
import { Fifo } from "../fifo.ts";

/** Chunks below this are copied into blocks when they have to wait. */
const SMALL_CHUNK = 16 * 1024;
const MIN_BLOCK = 512;
const MAX_BLOCK = 64 * 1024;

const empty: Buffer = Buffer.alloc(0);

export class ByteBuffer {
  #length = 0;
  /** The first chunk, and how many of its bytes were taken. */
  #head: Buffer = empty;
  #at = 0;
  /** The chunks behind it. */
  #rest: Fifo<Buffer> | null = null;
  /** The block that the last chunk is the beginning of, where small chunks are still being added. */
  #block: Buffer | null = null;
  #blockUsed = 0;
  /** What was searched for last, and the position before which it does not begin. */
  #sought: Uint8Array | null = null;
  #searched = 0;

  /** How many bytes are in it. */
  get length(): number {
    return this.#length;
  }

  /** Adds bytes at the end. They are not copied, and must not be changed from now on. */
  push(chunk: Uint8Array): void {
    const size = chunk.length;
    if (size === 0) return;
    if (this.#length === 0) {
      this.#head = asBuffer(chunk);
      this.#at = 0;
    } else if (size < SMALL_CHUNK) {
      this.#gather(chunk);
    } else {
      this.#block = null;
      this.#add(asBuffer(chunk));
    }
    this.#length += size;
  }

  /** Puts bytes back at the front. They are not copied, and must not be changed from now on. */
  unread(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#length > 0) {
      this.#rest ??= new Fifo();
      this.#rest.unshift(this.#head.subarray(this.#at));
      // The view that was made of the head may be of its end only.
      this.#block = null;
    }
    this.#head = asBuffer(bytes);
    this.#at = 0;
    this.#length += bytes.length;
    this.#searched = 0;
  }

  /** The byte at a position, counted from the first that was not taken; undefined beyond the end. */
  byteAt(position: number): number | undefined {
    let index = position + this.#at;
    if (index < this.#head.length || this.#rest === null) return this.#head[index];
    index -= this.#head.length;
    for (let i = 0; i < this.#rest.length; i++) {
      const chunk = this.#rest.at(i) as Buffer;
      if (index < chunk.length) return chunk[index];
      index -= chunk.length;
    }
    return undefined;
  }

  /** The first bytes, `size` of them; they stay. @throws RangeError when there are not so many */
  peek(size: number): Uint8Array {
    this.#check(size);
    if (size > this.#head.length - this.#at) return this.#copy(0, size);
    return piece(this.#head, this.#at, this.#at + size);
  }

  /** Takes the first bytes, `size` of them. @throws RangeError when there are not so many */
  take(size: number): Uint8Array {
    const taken = this.peek(size);
    this.#advance(size);
    return taken;
  }

  /** Takes what can be had without joining chunks: at least one byte, and at most `max`. @throws RangeError when empty */
  takeSome(max: number): Uint8Array {
    return this.take(Math.min(Math.max(1, this.#head.length - this.#at), max));
  }

  /** Takes the first bytes as UTF-8 text. Each malformed sequence becomes U+FFFD. @throws RangeError when there are not so many */
  takeText(size: number): string {
    this.#check(size);
    const end = this.#at + size;
    const text =
      end <= this.#head.length
        ? this.#head.toString("utf8", this.#at, end)
        : this.#copy(0, size).toString("utf8");
    this.#advance(size);
    return text;
  }

  /** Drops the first bytes, `size` of them. @throws RangeError when there are not so many */
  skip(size: number): void {
    this.#check(size);
    this.#advance(size);
  }

  /** Drops everything. */
  clear(): void {
    this.#length = 0;
    this.#head = empty;
    this.#at = 0;
    this.#rest = null;
    this.#block = null;
    this.#searched = 0;
  }

  /**
   * Where `bytes` begin, such that they end within the first `limit` bytes; -1 where they don't.
   * Asked again for the same bytes, it looks only at what has come since.
   */
  indexOf(bytes: Uint8Array, limit: number = this.#length): number {
    if (bytes !== this.#sought) {
      if (bytes.length === 0) throw new RangeError("can't search for no bytes");
      if (this.#sought === null || Buffer.compare(bytes, this.#sought) !== 0) this.#searched = 0;
      this.#sought = bytes;
    }
    const end = Math.min(limit, this.#length);
    const overlap = bytes.length - 1;
    const found = this.#search(bytes, overlap, end);
    // The end of what was searched can be the beginning of a match.
    if (found < 0) this.#searched = Math.max(this.#searched, end - overlap);
    return found;
  }

  /** Lets go of a large chunk of which only a little is left. For before a wait of unknown length. */
  compact(): void {
    const left = this.#length;
    if (left === 0 || left * 4 > this.#head.buffer.byteLength || left > this.#head.length - this.#at) return;
    this.#head = copyOf(this.#head, this.#at, this.#at + left);
    this.#at = 0;
    this.#block = null;
  }

  #search(bytes: Uint8Array, overlap: number, end: number): number {
    let from = this.#searched;
    let chunk = this.#head;
    let start = this.#at;
    let base = 0;
    for (let next = 0; ; next++) {
      const behind = base + chunk.length - start;
      if (from < behind) {
        const index = indexIn(chunk, bytes, start + from - base);
        const found = index < 0 ? end : base + index - start;
        if (found + overlap < Math.min(behind, end)) return found;
        if (overlap > 0 && behind < end) {
          // A match may begin in this chunk and end in the next.
          from = Math.max(from, behind - overlap);
          const seam = this.#copy(from, Math.min(behind + overlap, end));
          const within = seam.indexOf(bytes);
          if (within >= 0) return from + within;
        }
        from = behind;
      }
      if (behind >= end) return -1;
      base = behind;
      chunk = this.#rest?.at(next) as Buffer;
      start = 0;
    }
  }

  /** Copies a small chunk to the end of the last block, or into a new one. */
  #gather(chunk: Uint8Array): void {
    const block = this.#block;
    if (block !== null && block.length - this.#blockUsed >= chunk.length) {
      block.set(chunk, this.#blockUsed);
      this.#blockUsed += chunk.length;
      const view = block.subarray(0, this.#blockUsed);
      if (this.#rest === null || this.#rest.length === 0) this.#head = view;
      else this.#rest.replaceLast(view);
      return;
    }
    const size = Math.max(MIN_BLOCK, chunk.length, Math.min(MAX_BLOCK, this.#length));
    this.#block = Buffer.allocUnsafeSlow(size);
    this.#block.set(chunk);
    this.#blockUsed = chunk.length;
    this.#add(this.#block.subarray(0, chunk.length));
  }

  #add(chunk: Buffer): void {
    this.#rest ??= new Fifo();
    this.#rest.push(chunk);
  }

  #advance(size: number): void {
    this.#length -= size;
    if (this.#length === 0) {
      this.clear();
      return;
    }
    this.#searched = Math.max(0, this.#searched - size);
    this.#at += size;
    while (this.#at >= this.#head.length) {
      this.#at -= this.#head.length;
      this.#head = this.#rest?.shift() as Buffer;
    }
  }

  /** The bytes from a position to another, in memory of their own. */
  #copy(from: number, to: number): Buffer {
    const copy = Buffer.allocUnsafeSlow(to - from);
    let chunk = this.#head;
    let start = this.#at + from;
    let filled = 0;
    for (let next = 0; ; next++) {
      if (start < chunk.length) {
        filled += chunk.copy(copy, filled, start, start + copy.length - filled);
        start = 0;
      } else {
        start -= chunk.length;
      }
      if (filled === copy.length) return copy;
      chunk = this.#rest?.at(next) as Buffer;
    }
  }

  #check(size: number): void {
    if (!(size >= 0 && size <= this.#length)) {
      throw new RangeError(`there are ${this.#length} bytes, not ${size}`);
    }
  }
}

/** Whether bytes are at least half of the memory that they keep alive. */
export function fillsItsMemory(bytes: Uint8Array): boolean {
  return bytes.length * 2 >= bytes.buffer.byteLength;
}

/** The same bytes with `Buffer`'s methods. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function piece(chunk: Buffer, from: number, to: number): Buffer {
  if ((to - from) * 2 < chunk.buffer.byteLength) return copyOf(chunk, from, to);
  return from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to);
}

function copyOf(chunk: Buffer, from: number, to: number): Buffer {
  const copy = Buffer.allocUnsafeSlow(to - from);
  chunk.copy(copy, 0, from, to);
  return copy;
}

function indexIn(chunk: Buffer, bytes: Uint8Array, from: number): number {
  return bytes.length === 1 ? chunk.indexOf(bytes[0] as number, from) : chunk.indexOf(bytes, from);
}

/** Content that comes in pieces whose size a client chooses: kept without a cost for each. */

/** Pieces that are smaller are gathered in a buffer: a view alone takes more than a hundred bytes. */
const SMALL = 1024;
const MAX_TAIL = 64 * 1024;

export class ChunkList {
  #chunks: Uint8Array[] = [];
  /** Where small pieces are gathered; its end is free. */
  #tail: Buffer | null = null;
  #tailUsed = 0;
  #byteLength = 0;

  /** Bytes of all chunks. */
  get byteLength(): number {
    return this.#byteLength;
  }

  push(chunk: Uint8Array): void {
    this.#byteLength += chunk.length;
    if (chunk.length >= SMALL) {
      this.#endTail();
      this.#chunks.push(chunk);
      return;
    }
    let tail = this.#tail;
    if (tail === null || this.#tailUsed + chunk.length > tail.length) {
      const size = tail === null ? SMALL : Math.min(2 * tail.length, MAX_TAIL);
      this.#endTail();
      tail = Buffer.allocUnsafeSlow(size);
      this.#tail = tail;
    }
    tail.set(chunk, this.#tailUsed);
    this.#tailUsed += chunk.length;
  }

  /** All chunks; the list is empty then. */
  take(): Uint8Array[] {
    this.#endTail();
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#byteLength = 0;
    return chunks;
  }

  #endTail(): void {
    if (this.#tail === null) return;
    this.#chunks.push(this.#tail.subarray(0, this.#tailUsed));
    this.#tail = null;
    this.#tailUsed = 0;
  }
}

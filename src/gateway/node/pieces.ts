/** What an application writes, before it is handed on. */

/** Text, which is sent as UTF-8, or bytes. */
export type Piece = string | Uint8Array;

export class Pieces {
  #pieces: Piece[] = [];
  #length = 0;

  /** About how many bytes they have: text counts by its characters. */
  get length(): number {
    return this.#length;
  }

  add(data: Piece, encoding: BufferEncoding | null | undefined): void {
    if (data.length === 0) return;
    const isUtf8 = encoding == null || encoding === "utf8" || encoding === "utf-8";
    this.#pieces.push(typeof data === "string" && !isUtf8 ? Buffer.from(data, encoding) : data);
    this.#length += data.length;
  }

  /** All of them as one, or null where there are none. */
  take(): Piece | null {
    const pieces = this.#pieces;
    if (pieces.length === 0) return null;
    this.#pieces = [];
    this.#length = 0;
    if (pieces.length === 1) return pieces[0] as Piece;
    return pieces.every((piece) => typeof piece === "string")
      ? pieces.join("")
      : Buffer.concat(pieces.map(toBytes));
  }
}

export function byteLength(piece: Piece): number {
  return typeof piece === "string" ? Buffer.byteLength(piece) : piece.byteLength;
}

export function toBytes(piece: Piece): Uint8Array {
  return typeof piece === "string" ? Buffer.from(piece) : piece;
}

/** The content of a request that comes from an iterator: another server's stream, or what a test has given. */
import { RequestError } from "../http/errors.ts";
import type { FieldSection } from "../http/field-section.ts";
import { CHUNKED } from "../http/framing.ts";
import { type BodySource, PulledBody } from "../http/pulled-body.ts";
import { toBytes } from "./readable-stream.ts";

/** What an iterator and the reader of a `ReadableStream` have in common. */
export interface Pieces {
  next(): PromiseLike<IteratorResult<string | Uint8Array, unknown>>;
}

export class IteratedBody extends PulledBody {
  /**
   * @param open gives the pieces, which from then on are this body's; called when the first is wanted
   * @param length as announced, or null
   * @param maxBytes most bytes that will be read, unless the application changes it
   * @param readTrailers called once, at the end
   */
  constructor(
    open: () => Pieces,
    length: number | null,
    maxBytes: number,
    readTrailers: () => FieldSection | null = noTrailers,
  ) {
    const source = new PiecesSource(open, readTrailers);
    super(source, length ?? CHUNKED, maxBytes);
    source.body = this;
  }

  /** The client has left: what has not come yet never will. */
  disconnect(): void {
    this.fail(incomplete());
  }
}

class PiecesSource implements BodySource {
  body: PulledBody | undefined;
  bodyTrailers: FieldSection | null = null;
  readonly #open: () => Pieces;
  readonly #readTrailers: () => FieldSection | null;
  #pieces: Pieces | undefined;
  /** What has come and is not read; null at the end. */
  #piece: Uint8Array | null | undefined;

  constructor(open: () => Pieces, readTrailers: () => FieldSection | null) {
    this.#open = open;
    this.#readTrailers = readTrailers;
  }

  pullBody(): Uint8Array | null | undefined {
    const piece = this.#piece;
    if (piece !== null) this.#piece = undefined;
    return piece;
  }

  wantBody(): void {
    void this.#readPiece();
  }

  async #readPiece(): Promise<void> {
    try {
      const pieces = (this.#pieces ??= this.#open());
      let piece: Uint8Array | null;
      do {
        const next = await pieces.next();
        piece = next.done === true ? null : toBytes(next.value);
        // A piece is never empty.
      } while (piece?.length === 0);
      if (piece === null) this.bodyTrailers = this.#readTrailers();
      this.#piece = piece;
      this.body?.wake();
    } catch (error) {
      this.body?.fail(error instanceof RequestError ? error : incomplete());
    }
  }
}

function noTrailers(): null {
  return null;
}

function incomplete(): RequestError {
  return new RequestError(
    400,
    "incomplete-body",
    "the client left before the end of the request's content, or it could not be read",
  );
}

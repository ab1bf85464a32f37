/** The request content of a `MemoryExchange`. */
import { IteratedBody } from "./iterated-body.ts";

const encoder = new TextEncoder();

export class MemoryBody extends IteratedBody {
  /** Text and bytes have a length that is announced; what an iterable gives comes as if chunked. */
  constructor(content: string | Uint8Array | AsyncIterable<string | Uint8Array>, maxBytes: number) {
    const whole = typeof content === "string" ? encoder.encode(content) : content;
    super(() => copies(whole), whole instanceof Uint8Array ? whole.byteLength : null, maxBytes);
  }
}

/** The pieces, which are the reader's to keep. */
async function* copies(
  content: Uint8Array | AsyncIterable<string | Uint8Array>,
): AsyncGenerator<string | Uint8Array, undefined> {
  if (content instanceof Uint8Array) yield Buffer.from(content);
  else for await (const piece of content) yield typeof piece === "string" ? piece : Buffer.from(piece);
}

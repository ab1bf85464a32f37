/** How messages are laid out in a stream of bytes: what `connection.framed` takes. */
import type { ByteBuffer } from "./byte-buffer.ts";

/**
 * Takes values out of bytes, however those were split on their way. It keeps no state of its own:
 * what is incomplete stays in the buffer, so one decoder serves any number of connections.
 */
export interface Decoder<T> {
  /**
   * Takes the next value out of the buffer, or takes nothing and returns `undefined` when more bytes are
   * needed. It is called again when they have come.
   * @throws LimitExceeded, and whatever else the format has to say
   */
  decode(input: ByteBuffer): T | undefined;
  /**
   * The peer has ended its side, and `decode` has found nothing more: the last value, or `null` when there is
   * none. Without this method, bytes that are left over are an `EndOfStream`.
   */
  decodeEnd?(input: ByteBuffer): T | null;
}

/** A format of messages, in both directions. */
export interface Codec<T> extends Decoder<T> {
  /** The message as bytes (a string is sent as UTF-8). @throws when it can't be sent in this format */
  encode(message: T): string | Uint8Array;
}

/**
 * The grammar of chunk extensions (RFC 9112 §7.1.1), byte by byte:
 *
 *     chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS ( token / quoted-string ) ] )
 *
 * What an extension says is ignored, as §7.1.1 asks. How it is written is not: readers that disagree on where the
 * line ends take content for a chunk's size.
 */
import { BACKSLASH, CR, DQUOTE, EQUALS, FIELD, flags, isWhitespace, SEMICOLON, TOKEN } from "./chars.ts";

/** A byte that may not stand there. */
export const BAD_EXTENSION = -1;
/** CR behind the last extension. */
export const EXTENSIONS_END = 0;
/** BWS before a semicolon: behind the size, or behind a value. */
const BEFORE_SEMICOLON = 1;
/** Behind a semicolon. */
const BEFORE_NAME = 2;
const IN_NAME = 3;
const BEHIND_NAME = 4;
const BEFORE_VALUE = 5;
const IN_VALUE = 6;
const IN_QUOTES = 7;
const BEHIND_BACKSLASH = 8;
const BEHIND_QUOTES = 9;

/** The state behind a chunk's size and the byte that follows it. */
export function stateBehindSize(byte: number): number {
  return isWhitespace(byte) ? BEFORE_SEMICOLON : byte === SEMICOLON ? BEFORE_NAME : BAD_EXTENSION;
}

/** The state behind one more byte. */
export function nextExtensionState(state: number, byte: number): number {
  const isToken = ((flags[byte] as number) & TOKEN) !== 0;
  const isField = ((flags[byte] as number) & FIELD) !== 0;
  switch (state) {
    case BEFORE_SEMICOLON:
      return isWhitespace(byte) ? state : byte === SEMICOLON ? BEFORE_NAME : BAD_EXTENSION;
    case BEFORE_NAME:
      return isWhitespace(byte) ? state : isToken ? IN_NAME : BAD_EXTENSION;
    case IN_NAME:
      if (isToken) return state;
      if (byte === EQUALS) return BEFORE_VALUE;
      return isWhitespace(byte) ? BEHIND_NAME : behindExtension(byte);
    case BEHIND_NAME:
      if (isWhitespace(byte)) return state;
      if (byte === EQUALS) return BEFORE_VALUE;
      return byte === SEMICOLON ? BEFORE_NAME : BAD_EXTENSION;
    case BEFORE_VALUE:
      if (isWhitespace(byte)) return state;
      return byte === DQUOTE ? IN_QUOTES : isToken ? IN_VALUE : BAD_EXTENSION;
    case IN_VALUE:
      return isToken ? state : behindExtension(byte);
    case IN_QUOTES:
      if (byte === DQUOTE) return BEHIND_QUOTES;
      if (byte === BACKSLASH) return BEHIND_BACKSLASH;
      return isField ? state : BAD_EXTENSION;
    case BEHIND_BACKSLASH:
      return isField ? IN_QUOTES : BAD_EXTENSION;
    default:
      return behindExtension(byte);
  }
}

function behindExtension(byte: number): number {
  if (byte === CR) return EXTENSIONS_END;
  if (byte === SEMICOLON) return BEFORE_NAME;
  return isWhitespace(byte) ? BEFORE_SEMICOLON : BAD_EXTENSION;
}

/** What comes from strangers, made fit for other people's terminals. */
import { stripVTControlCharacters } from "node:util";

/**
 * Control characters, separators that break a line, and the invisible ones that turn the direction of the text around
 * them.
 */
const unfit = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

export function clean(text: string): string {
  // Whole escape sequences first: what an arrow key sends is not to leave a "[A" behind.
  return stripVTControlCharacters(text).replaceAll("\t", " ").replaceAll(unfit, "").trim();
}

/** A name of a member or a room: undefined when it is none. */
export function readName(text: string): string | undefined {
  const name = text.normalize("NFKC");
  return /^[\p{L}\p{N}][\p{L}\p{M}\p{N}_-]{0,19}$/u.test(name) ? name : undefined;
}

export const nameRule = "A name has 1 to 20 letters, digits, - or _, and begins with a letter or a digit.";

/** Names with the same key are the same name: Ada and ada. */
export function keyOf(name: string): string {
  return name.normalize("NFKC").toLowerCase();
}

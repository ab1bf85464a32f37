/** Byte ranges (RFC 9110 §14). */
import { isWhitespace } from "../../http/chars.ts";

/** Positions of the first and the last byte. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Reads a Range field.
 * @param size bytes of the whole
 * @returns the one range; `"whole"` where the field is to be ignored: for another unit, what is malformed, and several ranges
 *   (a server may ignore them, and what wants to be fed by the piece asks piece by piece); `"unsatisfiable"` for 416.
 */
export function parseRange(field: string, size: number): ByteRange | "whole" | "unsatisfiable" {
  // A list may have empty elements around its one (RFC 9110 §5.6.1).
  const match = /^bytes=([0-9]*)-([0-9]*)$/i.exec(withoutEmptyElements(field));
  if (match === null) return "whole";
  const [, from = "", to = ""] = match;
  if (from === "") {
    if (to === "") return "whole";
    const length = Math.min(Number(to), size);
    if (length > 0) return { first: size - length, last: size - 1 };
    // The last bytes of nothing are the whole; no bytes at all are none (RFC 9110 §14.1.2).
    return Number(to) > 0 ? "whole" : "unsatisfiable";
  }
  const first = Number(from);
  const last = to === "" ? Number.POSITIVE_INFINITY : Number(to);
  if (first > last) return "whole";
  return first < size ? { first, last: Math.min(last, size - 1) } : "unsatisfiable";
}

function withoutEmptyElements(field: string): string {
  const equals = field.indexOf("=") + 1;
  let from = equals;
  let to = field.length;
  while (from < to && isFiller(field.charCodeAt(from))) from++;
  while (to > from && isFiller(field.charCodeAt(to - 1))) to--;
  return field.slice(0, equals) + field.slice(from, to);
}

function isFiller(code: number): boolean {
  return code === 0x2c || isWhitespace(code);
}

/** Comparing secrets. */
import { createHash, timingSafeEqual as equalBytes } from "node:crypto";

/**
 * Whether two texts are the same. How long it takes tells neither where they differ nor how long the other one is, so that nobody
 * can find out a secret by trying, letter by letter.
 */
export function timingSafeEqual(a: string, b: string): boolean {
  return equalBytes(digestOf(a), digestOf(b));
}

/** Of one length, whatever the text. It is no form to keep passwords in: it is made fast, and so are guesses at it. */
export function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

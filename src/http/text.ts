/** Bodies that are strings: they are sent as UTF-8, and where that is the same as latin1, without a copy. */

/** Up to here a loop is faster than a call out of JavaScript. */
const SHORT = 64;

/** Whether every character is ASCII, so that the string's latin1 bytes are its UTF-8 bytes. */
export function isAscii(text: string): boolean {
  if (text.length > SHORT) return Buffer.byteLength(text) === text.length;
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) return false;
  }
  return true;
}

/** The UTF-8 bytes of a string as a latin1 string: one character a byte. */
export function utf8AsLatin1(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** Bytes as a latin1 string. */
export function bytesAsLatin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

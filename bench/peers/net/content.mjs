/** What a source sends: one gigabyte, in pieces of 64 KiB. */
export const contentBytes = 2 ** 30;
const pattern = new Uint8Array(64 * 1024).fill(0x61);

/** Each piece has memory of its own: what is held back for a client that doesn't read is seen. */
export function* pieces() {
  for (let sent = 0; sent < contentBytes; sent += pattern.length) yield pattern.slice();
}

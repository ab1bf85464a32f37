/** What sessions are sealed with: text or bytes that nobody can guess. */

/** Bytes that a secret has at least: as many as the key that is made of it. */
const minBytes = 32;

const advice = `make one with: node -p "crypto.randomBytes(32).toString('base64url')" and keep it out of the code, in the environment or a file`;

/**
 * The secrets as bytes, the one that seals first.
 * @throws TypeError for none, and for one that is too short or too uniform to be random.
 */
export function readSecrets(given: Secret | readonly Secret[] | undefined): readonly Uint8Array[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : given === undefined ? [] : [given];
  if (list.length === 0) throw new TypeError(`sessions() needs a secret: ${advice}`);
  return list.map(readSecret);
}

/** Text or bytes, 32 bytes at least. */
export type Secret = string | Uint8Array;

function readSecret(secret: unknown): Uint8Array {
  const bytes = typeof secret === "string" ? Buffer.from(secret) : secret;
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(
      `a session's secret is text or bytes, not ${secret === null ? "null" : typeof secret}: ${advice}`,
    );
  }
  if (bytes.length < minBytes) {
    throw new TypeError(
      `a session's secret has ${minBytes} bytes at least, and this one has ${bytes.length}: ${advice}`,
    );
  }
  // 32 random bytes have some 30 different values, and 32 random hexadecimal digits some 14.
  if (new Set(bytes).size < 8)
    throw new TypeError(`a session's secret is random, and this one is not: ${advice}`);
  return bytes;
}

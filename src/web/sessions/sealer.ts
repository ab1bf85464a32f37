/**
 * Sealed text: encrypted and authenticated, so that who holds it can neither read nor change it. It is XChaCha20-Poly1305
 * (draft-irtf-cfrg-xchacha-03), whose nonces are long enough to be random however much is sealed; AES-GCM's are not.
 */

import { createCipheriv, createDecipheriv, getCiphers, hkdfSync, randomFillSync } from "node:crypto";
import { hchacha, xchacha20poly1305 } from "@noble/ciphers/chacha.js";

const NONCE = 24;
const TAG = 16;

/** What the key is for: one that is made of the same secret for something else is another. */
const purpose = "socle: sealed sessions, version 1";

/** Encrypts and decrypts with a key. `open` throws for what was not sealed with it, or with other additional data. */
interface Cipher {
  seal(key: Uint8Array, nonce: Uint8Array, text: Uint8Array, additional: Uint8Array): Uint8Array;
  open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, additional: Uint8Array): Uint8Array;
}

export class Sealer {
  /** The first seals, all open. */
  readonly #keys: readonly Uint8Array[];
  readonly #cipher: Cipher;

  /** @param secrets of 32 bytes or more that nobody can guess, the one that seals first */
  constructor(secrets: readonly Uint8Array[], cipher: Cipher = fastest) {
    this.#keys = secrets.map(
      (secret) => new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(), purpose, 32)),
    );
    this.#cipher = cipher;
  }

  /** @param context what the text is for: it can be opened as that only */
  seal(text: string, context: string): string {
    const nonce = randomNonce();
    const sealed = this.#cipher.seal(this.#keys[0] as Uint8Array, nonce, Buffer.from(text), bytesOf(context));
    return Buffer.concat([nonce, sealed]).toString("base64url");
  }

  /**
   * @returns undefined for what was not sealed so, or with another secret or context
   */
  open(sealed: string, context: string): Opened | undefined {
    const bytes = Buffer.from(sealed, "base64url");
    // Decoding is lenient: without this, many texts would stand for one.
    if (bytes.length < NONCE + TAG || bytes.toString("base64url") !== sealed) return undefined;
    const nonce = bytes.subarray(0, NONCE);
    const rest = bytes.subarray(NONCE);
    for (const [index, key] of this.#keys.entries()) {
      try {
        const text = this.#cipher.open(key, nonce, rest, bytesOf(context));
        return { text: decoder.decode(text), current: index === 0 };
      } catch {
        // Not with this key.
      }
    }
    return undefined;
  }
}

export interface Opened {
  readonly text: string;
  /** Whether it was sealed with the secret that seals now. */
  readonly current: boolean;
}

const decoder = new TextDecoder();

/** A context is one of a few names. */
const contexts = new Map<string, Uint8Array>();

function bytesOf(context: string): Uint8Array {
  let bytes = contexts.get(context);
  if (bytes === undefined) contexts.set(context, (bytes = Buffer.from(context)));
  return bytes;
}

/** Random bytes are fetched for many nonces at once: that is ten times as fast. */
const pool = new Uint8Array(NONCE * 128);
let used = pool.length;

function randomNonce(): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return pool.slice(used, (used += NONCE));
}

/** The library's: everywhere. */
export const portable: Cipher = {
  seal: (key, nonce, text, additional) => xchacha20poly1305(key, nonce, additional).encrypt(text),
  open: (key, nonce, sealed, additional) => xchacha20poly1305(key, nonce, additional).decrypt(sealed),
};

const algorithm = "chacha20-poly1305";
const options = { authTagLength: TAG };
/** "expand 32-byte k" (RFC 8439 §2.3). */
const sigma = Uint32Array.of(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574);
const words = new Uint32Array(4);
const wordBytes = new Uint8Array(words.buffer);
const subkey = new Uint32Array(8);
const subkeyBytes = new Uint8Array(subkey.buffer);
const shortNonce = new Uint8Array(12);

/**
 * The same with ChaCha20-Poly1305 as the platform has it, in machine code: the subkey is the library's work, as the draft has it (§2.3).
 * It takes a third of the time. Not every platform has that cipher: Bun has not, nor Node in FIPS mode.
 */
export const native: Cipher = {
  seal(key, nonce, text, additional) {
    derive(key, nonce);
    const cipher = createCipheriv(algorithm, subkeyBytes, shortNonce, options);
    cipher.setAAD(additional, { plaintextLength: text.length });
    const sealed = new Uint8Array(text.length + TAG);
    sealed.set(cipher.update(text));
    cipher.final();
    sealed.set(cipher.getAuthTag(), text.length);
    return sealed;
  },
  open(key, nonce, sealed, additional) {
    derive(key, nonce);
    const end = sealed.length - TAG;
    const decipher = createDecipheriv(algorithm, subkeyBytes, shortNonce, options);
    decipher.setAAD(additional, { plaintextLength: end });
    decipher.setAuthTag(sealed.subarray(end));
    const text = decipher.update(sealed.subarray(0, end));
    decipher.final();
    return text;
  },
};

/** Makes the subkey of a key and the first 16 bytes of a nonce; the last 8 are the nonce that it is used with. */
function derive(key: Uint8Array, nonce: Uint8Array): void {
  wordBytes.set(nonce.subarray(0, 16));
  hchacha(sigma, new Uint32Array(key.buffer, key.byteOffset, 8), words, subkey);
  shortNonce.set(nonce.subarray(16), 4);
}

/** The words of a key are read in the machine's order, which has to be that of the draft. */
const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

const fastest: Cipher = isLittleEndian && getCiphers().includes(algorithm) ? native : portable;

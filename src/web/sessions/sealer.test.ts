import { hkdfSync, randomBytes } from "node:crypto";
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { managedNonce } from "@noble/ciphers/utils.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { native, portable, Sealer } from "./sealer.ts";
import { readSecrets } from "./secret.ts";

const secret = randomBytes(32);

describe.each([
  ["the platform's cipher", native],
  ["the library's cipher", portable],
])("a sealer with %s", (_, cipher) => {
  const sealer = new Sealer([secret], cipher);

  it("opens what it has sealed, whatever text it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => {
        expect(sealer.open(sealer.seal(text, "session"), "session")).toEqual({ text, current: true });
      }),
    );
  });

  it("never seals the same text twice alike, and shows nothing of it but its length", () => {
    const sealed = Array.from({ length: 500 }, () => sealer.seal("secret", "session"));
    expect(new Set(sealed).size).toBe(500);
    expect(new Set(sealed.map((each) => each.slice(0, 32))).size).toBe(500);
    expect(sealed.every((each) => /^[\w-]{62}$/.test(each))).toBe(true);
  });

  it("is the construction of the draft, as the library has it", () => {
    const key = new Uint8Array(hkdfSync("sha256", secret, "", "socle: sealed sessions, version 1", 32));
    const reference = managedNonce(xchacha20poly1305)(key, Buffer.from("session"));
    const sealed = Buffer.from(sealer.seal("grüße", "session"), "base64url");
    expect(Buffer.from(reference.decrypt(sealed)).toString()).toBe("grüße");
    const theirs = Buffer.from(reference.encrypt(Buffer.from("grüße"))).toString("base64url");
    expect(sealer.open(theirs, "session")?.text).toBe("grüße");
  });

  it("opens nothing that was changed, anywhere", () => {
    const sealed = sealer.seal("text", "session");
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (let i = 0; i < sealed.length; i++) {
      for (const other of [...alphabet, "=", "%", " ", "\0"].filter((each) => each !== sealed[i])) {
        expect(sealer.open(sealed.slice(0, i) + other + sealed.slice(i + 1), "session")).toBeUndefined();
      }
    }
  });

  it("opens nothing that was cut or lengthened", () => {
    const sealed = sealer.seal("text", "session");
    for (let length = 0; length < sealed.length; length++) {
      expect(sealer.open(sealed.slice(0, length), "session")).toBeUndefined();
      expect(sealer.open(sealed.slice(length + 1), "session")).toBeUndefined();
    }
    for (const more of ["A", "AAAA", "=", "==", " ", "\n", ";"])
      expect(sealer.open(sealed + more, "session")).toBeUndefined();
  });

  it("opens nothing for another context, or with another secret", () => {
    const sealed = sealer.seal("text", "session");
    expect(sealer.open(sealed, "__Host-session")).toBeUndefined();
    expect(new Sealer([randomBytes(32)], cipher).open(sealed, "session")).toBeUndefined();
  });

  it("opens with each of its secrets, and seals with the first", () => {
    const [older, newer] = [randomBytes(32), randomBytes(32)];
    const both = new Sealer([newer, older], cipher);
    const old = new Sealer([older], cipher).seal("text", "session");
    expect(both.open(old, "session")).toEqual({ text: "text", current: false });
    expect(new Sealer([newer], cipher).open(both.seal("x", "session"), "session")?.text).toBe("x");
    expect(new Sealer([older], cipher).open(both.seal("x", "session"), "session")).toBeUndefined();
  });
});

describe("both ciphers", () => {
  it("open each other's", () => {
    const [a, b] = [new Sealer([secret], native), new Sealer([secret], portable)];
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const)
      expect(to.open(from.seal("text", "x"), "x")?.text).toBe("text");
  });
});

describe("secrets", () => {
  it("are refused where they could be guessed, with the way to make one", () => {
    const wrong: unknown[] = [
      undefined,
      [],
      "",
      "dev",
      "x".repeat(64),
      "abc".repeat(20),
      new Uint8Array(32),
      12,
      null,
      [randomBytes(32), "short"],
    ];
    for (const given of wrong)
      expect(() => readSecrets(given as string)).toThrow(/secret.*randomBytes\(32\)/);
    expect(() => readSecrets("0123456789")).toThrow("has 32 bytes at least, and this one has 10");
  });

  it("are taken as text or bytes", () => {
    for (const form of ["hex", "base64", "base64url"] as const)
      expect(readSecrets(randomBytes(32).toString(form))).toHaveLength(1);
    expect(readSecrets([randomBytes(32), new Uint8Array(randomBytes(64))])).toHaveLength(2);
  });
});

import { expect, test } from "vitest";
import { Random } from "../../../test/support/random.ts";
import { ByteBuffer } from "../codecs/byte-buffer.ts";
import { encodeText, Utf8Decoder } from "../codecs/utf8.ts";
import { InvalidData } from "../errors.ts";

/** The pieces of text that come of pieces of bytes. */
function decode(pieces: readonly Uint8Array[], max: number, fatal = false): string[] {
  const input = new ByteBuffer();
  const decoder = new Utf8Decoder(max, fatal);
  const texts: string[] = [];
  for (const piece of pieces) {
    input.push(piece);
    for (let text = decoder.decode(input); text !== undefined; text = decoder.decode(input)) texts.push(text);
  }
  const last = decoder.decodeEnd(input);
  if (last !== null) texts.push(last);
  return texts;
}

test("no character is split, however the bytes are", () => {
  const whole = /^[aé→😀\u{10ffff}]*$/u;
  for (let seed = 1; seed <= 100; seed++) {
    const random = new Random(seed);
    const text = Array.from({ length: random.below(60) }, () =>
      random.pick(["a", "é", "→", "😀", "\u{10ffff}"]),
    ).join("");
    const pieces = random.split(Buffer.from(text), random.pick([1, 2, 3, 20]));
    for (const max of [1, 4, 5, 7, 1000]) {
      const texts = decode(pieces, max, true);
      expect(texts.join(""), `seed ${seed}`).toBe(text);
      for (const part of texts) expect(part).toMatch(whole);
    }
  }
});

test("malformed bytes become the same replacements as in one piece, and are found in fatal mode", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = new Random(seed);
    const interesting = [0x41, 0x7f, 0x80, 0x9f, 0xbf, 0xc0, 0xc2, 0xe0, 0xe2, 0xed, 0xf0, 0xf4, 0xf5, 0xff];
    const bytes = Buffer.from(Array.from({ length: 1 + random.below(12) }, () => random.pick(interesting)));
    const expected = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    for (const largest of [1, 2, 5, 20]) {
      const pieces = random.split(bytes, largest);
      expect(decode(pieces, 1000).join(""), `${bytes.toString("hex")} in pieces of up to ${largest}`).toBe(
        expected,
      );
      const fatal = (): unknown => decode(pieces, 1000, true);
      if (expected.includes("\ufffd")) expect(fatal).toThrow(InvalidData);
      else expect(fatal).not.toThrow();
    }
  }
});

test("a character comes as soon as it is whole", () => {
  const euro = Buffer.from("x€y");
  expect(decode([euro.subarray(0, 3), euro.subarray(3)], 1000)).toEqual(["x", "€y"]);
});

test("text goes out as it is where latin1 and UTF-8 agree", () => {
  expect(encodeText("plain ASCII\u0000\u007f")).toBe("plain ASCII\u0000\u007f");
  expect(encodeText("é")).toEqual(Buffer.from("c3a9", "hex"));
  expect(encodeText("😀")).toEqual(Buffer.from("f09f9880", "hex"));
});

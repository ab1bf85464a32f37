/** All formats of messages: what goes in comes out, however the bytes are split, and faults are found wherever they are. */
import { describe, expect, test } from "vitest";
import { Random } from "../../../test/support/random.ts";
import { InvalidData, LimitExceeded } from "../errors.ts";
import { ByteBuffer } from "./byte-buffer.ts";
import type { Codec } from "./codec.ts";
import { delimited, lines } from "./delimiters.ts";
import { jsonLines } from "./json-lines.ts";
import { lengthPrefixed, netstrings } from "./lengths.ts";

/** Feeds pieces and decodes after each, as a connection does. */
function decodeAll<T>(codec: Codec<T>, pieces: readonly Uint8Array[]): T[] {
  const input = new ByteBuffer();
  const messages: T[] = [];
  for (const piece of pieces) {
    input.push(piece);
    for (let message = codec.decode(input); message !== undefined; message = codec.decode(input)) {
      messages.push(message);
    }
  }
  const last = codec.decodeEnd?.(input) ?? null;
  if (last !== null) messages.push(last);
  if (input.length > 0) throw new Error(`${input.length} bytes are left over`);
  return messages;
}

const bytesOf = (data: string | Uint8Array): Buffer => Buffer.from(data as string);
const text = (random: Random): string =>
  Array.from({ length: random.below(40) }, () => random.pick([...'ab \r"\\ßé→…😀\u0000'])).join("");
const binary = (random: Random): Uint8Array => random.bytes(random.pick([0, 1, 5, 127, 128, 129, 200, 255]));

const formats: [string, Codec<unknown>, (random: Random) => unknown][] = [
  ["lines", lines(), (random) => text(random).replace(/\r+$/, "")],
  ["lines with CRLF", lines({ eol: "\r\n" }), text],
  ["delimited", delimited("\r\n\r\n"), (random) => random.bytes(random.below(30), 10)],
  [
    "delimited by one byte",
    delimited(Uint8Array.of(0)),
    (random) => Buffer.from(text(random).replaceAll("\0", "")),
  ],
  ["JSON lines", jsonLines(), (random) => ({ [text(random)]: [text(random), random.below(1000), null] })],
  ["netstrings", netstrings(), binary],
  ["lengths of 1 byte", lengthPrefixed({ bytes: 1 }), binary],
  ["lengths of 2 bytes", lengthPrefixed({ bytes: 2 }), binary],
  ["lengths of 2 bytes, little endian", lengthPrefixed({ bytes: 2, endian: "little" }), binary],
  ["lengths of 4 bytes", lengthPrefixed(), binary],
  ["lengths of 4 bytes, little endian", lengthPrefixed({ endian: "little" }), binary],
  ["varint lengths", lengthPrefixed({ bytes: "varint" }), binary],
];

test.each(formats)("%s: what is sent comes, however it is split", (_, codec, make) => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = new Random(seed);
    const messages = Array.from({ length: random.below(12) }, () => make(random));
    const stream = Buffer.concat(messages.map((message) => bytesOf(codec.encode(message))));
    for (const largest of [1, 3, 50, stream.length + 1]) {
      const came = decodeAll(codec, random.split(stream, largest));
      expect(came.map(plain), `seed ${seed}, pieces of up to ${largest}`).toEqual(messages.map(plain));
    }
  }
});

/** Bytes in a form that compares by content. */
function plain(message: unknown): unknown {
  return message instanceof Uint8Array ? Buffer.from(message).toString("hex") : message;
}

describe("faults are the same however the bytes are split", () => {
  const faults: [string, Codec<unknown>, string | Uint8Array, new (...args: never[]) => Error, string][] = [
    ["an endless line", lines({ max: 100 }), "x".repeat(200), LimitExceeded, "no line end within 100 bytes"],
    ["a line one byte too long", lines({ max: 10 }), "123456789\r\n", LimitExceeded, "within 10 bytes"],
    ["no delimiter", delimited("ab", { max: 6 }), "aaaaaab ab", LimitExceeded, "no delimiter within 6 bytes"],
    ["a line that is not JSON", jsonLines(), "{oops\n", InvalidData, "the line is not JSON"],
    ["a line that is not UTF-8", lines({ fatal: true }), Uint8Array.of(0xff, 10), InvalidData, "not UTF-8"],
    [
      "a length too large",
      lengthPrefixed({ max: 1000 }),
      Uint8Array.of(0, 0, 4, 0),
      LimitExceeded,
      "1000 bytes: it has 1024",
    ],
    [
      "a varint that does not end",
      lengthPrefixed({ bytes: "varint" }),
      new Uint8Array(6).fill(0x80),
      InvalidData,
      "more than five bytes",
    ],
    [
      "a varint too large",
      lengthPrefixed({ bytes: "varint", max: 5 }),
      Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f),
      LimitExceeded,
      "it has 4294967295",
    ],
    ["a netstring without a length", netstrings(), ":", InvalidData, "begins with its length"],
    ["a netstring with a leading zero", netstrings(), "01:a,", InvalidData, "begins with its length"],
    ["a netstring with a sign", netstrings(), "+1:a,", InvalidData, "begins with its length"],
    ["a netstring too long", netstrings({ max: 20 }), "21:", LimitExceeded, "20 bytes: it has 21"],
    ["a netstring with endless digits", netstrings({ max: 20 }), "111", LimitExceeded, "20 bytes"],
    ["a netstring without its comma", netstrings(), "1:ab", InvalidData, "ends with a comma"],
  ];

  test.each(faults)("%s", (_, codec, input, type, message) => {
    for (const largest of [1, 2, 1000]) {
      const pieces = new Random(largest).split(bytesOf(input), largest);
      const decoding = (): unknown => decodeAll(codec, pieces);
      expect(decoding).toThrow(type);
      expect(decoding).toThrow(message);
    }
  });
});

test("after a faulty line, the next one can be read; after too large a message, nothing was taken", () => {
  const input = new ByteBuffer();
  input.push(Buffer.from('{oops\n\xff\n\n  \n{"ok":1}\n', "latin1"));
  const json = jsonLines<{ ok: number }>();
  expect(() => json.decode(input)).toThrow(InvalidData);
  expect(() => json.decode(input)).toThrow("the text is not UTF-8");
  expect(json.decode(input)).toEqual({ ok: 1 });
  expect(input.length).toBe(0);

  input.push(Buffer.from("5:hello,"));
  expect(() => netstrings({ max: 4 }).decode(input)).toThrow(LimitExceeded);
  expect(bytesOf(netstrings().decode(input) as Uint8Array).toString()).toBe("hello");
});

test("what would not come as it was sent is not sent", () => {
  expect(() => lines().encode("one\ntwo")).toThrow("it would be two");
  expect(() => lines().encode("one\r")).toThrow("would come without it");
  expect(() => delimited("--").encode(Buffer.from("a--b"))).toThrow("it would be two");
  expect(() => delimited("--").encode(Buffer.from("a-"))).toThrow("it would be two");
  expect(() => lengthPrefixed({ bytes: 1 }).encode(new Uint8Array(256))).toThrow(LimitExceeded);
  expect(() => lengthPrefixed({ max: 3 }).encode(new Uint8Array(4))).toThrow("3 bytes: it has 4");
  expect(() => netstrings({ max: 3 }).encode(new Uint8Array(4))).toThrow(LimitExceeded);
  expect(() => jsonLines().encode(undefined)).toThrow("no form in JSON");
  expect(() => delimited("")).toThrow("at least one byte");
});

test("the wire form is the one that others write", () => {
  expect(lengthPrefixed({ bytes: 2 }).encode(Buffer.from("hi"))).toEqual(Buffer.from("\x00\x02hi"));
  expect(lengthPrefixed({ bytes: 2, endian: "little" }).encode(Buffer.from("hi"))).toEqual(
    Buffer.from("\x02\x00hi"),
  );
  // 300 is ac 02 (protobuf.dev/programming-guides/encoding)
  expect(
    Buffer.from(lengthPrefixed({ bytes: "varint" }).encode(new Uint8Array(300)) as Uint8Array).subarray(0, 2),
  ).toEqual(Buffer.from("ac02", "hex"));
  expect(netstrings().encode(Buffer.from("hello world!"))).toEqual(Buffer.from("12:hello world!,"));
});

test("a message that is cut short is left over", () => {
  expect(() => decodeAll(lengthPrefixed(), [Uint8Array.of(0, 0, 0, 2, 1)])).toThrow("5 bytes are left over");
});

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { Random } from "../../../test/support/random.ts";
import { ByteBuffer } from "./byte-buffer.ts";

/** Memory of its own, as a chunk from a socket has. */
function chunkOf(bytes: Uint8Array): Buffer {
  const chunk = Buffer.allocUnsafeSlow(bytes.length);
  chunk.set(bytes);
  return chunk;
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function usedMemory(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test("it does what one array of bytes does", () => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = new Random(seed);
    const buffer = new ByteBuffer();
    let model = Buffer.alloc(0);
    const largest = random.pick([3, 40, 3000, 40_000]);
    const same = (came: Uint8Array, expected: Buffer): void => {
      if (!expected.equals(came)) throw new Error(`seed ${seed}: other bytes came`);
    };
    for (let step = 0; step < 100; step++) {
      switch (random.below(9)) {
        case 0:
        case 1:
        case 2: {
          const chunk = random.bytes(1 + random.below(largest), 4);
          buffer.push(random.below(2) === 0 ? chunk : new Uint8Array(chunk));
          model = Buffer.concat([model, chunk]);
          break;
        }
        case 3: {
          const size = random.below(model.length + 1);
          same(buffer.take(size), model.subarray(0, size));
          model = model.subarray(size);
          break;
        }
        case 4: {
          if (model.length === 0) break;
          const taken = buffer.takeSome(1 + random.below(largest));
          expect(taken.length).toBeGreaterThan(0);
          same(taken, model.subarray(0, taken.length));
          model = model.subarray(taken.length);
          break;
        }
        case 5: {
          const back = random.bytes(random.below(5), 4);
          buffer.unread(back);
          model = Buffer.concat([back, model]);
          break;
        }
        case 6: {
          const size = random.below(model.length + 1);
          expect(buffer.takeText(size) === model.toString("utf8", 0, size), `seed ${seed}`).toBe(true);
          model = model.subarray(size);
          buffer.compact();
          break;
        }
        case 7: {
          const sought = random.bytes(1 + random.below(4), 4);
          const limit = random.below(model.length + 10);
          const expected = model.subarray(0, limit).indexOf(sought);
          expect(buffer.indexOf(sought, limit), `seed ${seed}`).toBe(expected);
          // More has come, and the search goes on.
          const chunk = random.bytes(1 + random.below(largest), 4);
          buffer.push(chunk);
          model = Buffer.concat([model, chunk]);
          expect(buffer.indexOf(sought), `seed ${seed}`).toBe(model.indexOf(sought));
          break;
        }
        default: {
          const at = random.below(model.length + 2);
          expect(buffer.byteAt(at)).toBe(model[at]);
          const size = random.below(model.length + 1);
          same(buffer.peek(size), model.subarray(0, size));
        }
      }
      expect(buffer.length, `seed ${seed}`).toBe(model.length);
    }
  }
});

test("more than there is can't be taken", () => {
  const buffer = new ByteBuffer();
  expect(() => buffer.take(1)).toThrow("there are 0 bytes, not 1");
  expect(() => buffer.takeSome(10)).toThrow(RangeError);
  buffer.push(Buffer.from("ab"));
  for (const size of [3, -1, Number.NaN]) expect(() => buffer.skip(size)).toThrow(RangeError);
  expect(() => buffer.indexOf(new Uint8Array(0))).toThrow("no bytes");
  expect(buffer.takeText(2)).toBe("ab");
});

describe("memory", () => {
  test("a piece is a view only where it is at least half of what it keeps alive", () => {
    const buffer = new ByteBuffer();
    const chunk = chunkOf(new Uint8Array(64 * 1024));
    buffer.push(chunk);
    expect(buffer.take(4).buffer.byteLength).toBe(4);
    expect(buffer.peek(10_000).buffer.byteLength).toBe(10_000);
    expect(buffer.take(40_000).buffer).toBe(chunk.buffer);
    buffer.clear();
    buffer.push(chunk);
    expect(buffer.take(chunk.length)).toBe(chunk);
  });

  test("a rest that has to wait lets go of a large chunk", () => {
    const buffer = new ByteBuffer();
    const chunk = chunkOf(new Uint8Array(64 * 1024).fill(7));
    buffer.push(chunk);
    buffer.take(chunk.length - 5);
    expect(buffer.peek(5).buffer.byteLength).toBe(5);
    buffer.compact();
    chunk.fill(9); // what is left is a copy
    expect([...buffer.take(5)]).toEqual([7, 7, 7, 7, 7]);
  });

  test("a million chunks of one byte take a few megabytes", () => {
    const buffer = new ByteBuffer();
    const before = usedMemory();
    for (let i = 0; i < 1_000_000; i++) buffer.push(chunkOf(Buffer.of(i & 0xff)));
    expect(usedMemory() - before).toBeLessThan(4e6);
    expect(buffer.byteAt(999_999)).toBe(999_999 & 0xff);
  });
});

describe("time", () => {
  /** Milliseconds for a line of so many bytes that comes byte by byte, or chunk by chunk, and is looked for each time. */
  const drip = (total: number, chunkSize: number, sought: Uint8Array): number => {
    const buffer = new ByteBuffer();
    const chunk = chunkOf(new Uint8Array(chunkSize).fill(sought[0] as number));
    const begun = performance.now();
    for (let sent = 0; sent < total; sent += chunkSize) {
      buffer.push(chunk);
      if (buffer.indexOf(sought) !== -1) throw new Error("found what is not there");
    }
    return performance.now() - begun;
  };

  // Other programs may have their turn within one measurement, but hardly within six; what is quadratic fails each time.
  const again = { retry: 5 };
  test.each([
    ["bytes", 1, 100_000],
    ["small chunks", 200, 4_000_000],
    ["chunks that stay as they are", 20_000, 32_000_000],
  ])("eight times the %s cost about eight times as much", again, (_, chunkSize, total) => {
    const sought = Buffer.from("\r\n\r\n");
    drip(total, chunkSize, sought);
    const short = Math.min(drip(total / 8, chunkSize, sought), drip(total / 8, chunkSize, sought));
    const long = Math.min(drip(total, chunkSize, sought), drip(total, chunkSize, sought));
    expect(long / Math.max(short, 0.5)).toBeLessThan(8 * 4);
  });
});

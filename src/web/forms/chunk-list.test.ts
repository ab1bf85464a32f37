import { expect, it } from "vitest";
import { Random } from "../../../test/support/random.ts";
import { ChunkList } from "./chunk-list.ts";

it("gives back what was put in, in order", () => {
  const random = new Random(7);
  const bytes = random.bytes(300_000);
  for (const largest of [1, 10, 1023, 3000, 100_000]) {
    const list = new ChunkList();
    for (const piece of random.split(bytes, largest)) list.push(piece);
    expect(list.byteLength).toBe(bytes.length);
    expect(Buffer.concat(list.take()).equals(bytes)).toBe(true);
    expect([list.byteLength, list.take()]).toEqual([0, []]);
  }
});

it("keeps no view for each small piece, and nothing of what lent it", () => {
  const list = new ChunkList();
  const lent = Uint8Array.of(1);
  for (let i = 0; i < 200_000; i++) list.push(lent);
  lent[0] = 2;
  const chunks = list.take();
  expect(chunks.length).toBeLessThan(20);
  expect(Buffer.concat(chunks).equals(Buffer.alloc(200_000, 1))).toBe(true);
});

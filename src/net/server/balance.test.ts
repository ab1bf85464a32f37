import { expect, test } from "vitest";
import { Balance } from "./balance.ts";

function yieldTime(counts: Int32Array, seat: number): number {
  const balance = new Balance(counts, seat);
  balance.set(10);
  const begin = performance.now();
  balance.yield();
  return performance.now() - begin;
}

test("a thread that has more than its share sleeps, for a fraction of a millisecond", () => {
  const counts = Balance.counts(10);
  const times = Array.from({ length: 9 }, () => yieldTime(counts, 0)).sort((a, b) => a - b);
  expect(times[0]).toBeGreaterThan(0.25); // 10 connections, 1 on the average
  const alone = Balance.counts(1);
  // Alone there is no share to have more than.
  expect(Math.min(...Array.from({ length: 9 }, () => yieldTime(alone, 0)))).toBeLessThan(0.2);
});

test("a thread that takes the seat of one that died begins with no connections", () => {
  const counts = Balance.counts(2);
  new Balance(counts, 1).set(7);
  new Balance(counts, 1);
  expect([...counts]).toEqual([0, 0]);
});

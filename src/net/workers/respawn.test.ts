import { expect, test } from "vitest";
import { RespawnPolicy } from "./respawn.ts";

test("a worker that had served for a while is replaced at once, however often", () => {
  const policy = new RespawnPolicy();
  expect([60_000, 60_000, 60_000].map((lifetime) => policy.waitAfter(lifetime))).toEqual([0, 0, 0]);
});

test("quick deaths double the wait, up to a limit", () => {
  const policy = new RespawnPolicy();
  const waits = Array.from({ length: 10 }, () => policy.waitAfter(50));
  expect(waits).toEqual([0, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
});

test("a long life makes good for them", () => {
  const policy = new RespawnPolicy();
  for (let n = 0; n < 5; n++) policy.waitAfter(50);
  expect(policy.waitAfter(10_000)).toBe(0);
  expect(policy.waitAfter(50)).toBe(0);
  expect(policy.waitAfter(50)).toBe(100);
});

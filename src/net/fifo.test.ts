import { expect, test } from "vitest";
import { Random } from "../../test/support/random.ts";
import { Fifo } from "./fifo.ts";

test("it does what an array does", () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = new Random(seed);
    const fifo = new Fifo<number>();
    const array: number[] = [];
    for (let step = 0; step < 300; step++) {
      const what = random.below(8);
      if (what < 4) {
        fifo.push(step);
        array.push(step);
      } else if (what < 6) {
        expect(fifo.shift()).toBe(array.shift());
      } else if (what === 6) {
        fifo.unshift(step);
        array.unshift(step);
      } else if (array.length > 0) {
        fifo.replaceLast(step);
        array[array.length - 1] = step;
      }
      expect(fifo.length, `seed ${seed}`).toBe(array.length);
      expect([0, 1, 2, array.length].map((index) => fifo.at(index))).toEqual([
        array[0],
        array[1],
        array[2],
        undefined,
      ]);
    }
  }
});

test("a queue that is never empty does not slow down with what has passed through it", { retry: 5 }, () => {
  const pass = (count: number): number => {
    const fifo = new Fifo<number>();
    for (let i = 0; i < 1000; i++) fifo.push(i);
    const begun = performance.now();
    for (let i = 0; i < count; i++) {
      fifo.push(i);
      fifo.shift();
    }
    return performance.now() - begun;
  };
  pass(100_000);
  const short = Math.min(pass(100_000), pass(100_000), pass(100_000));
  const long = Math.min(pass(800_000), pass(800_000));
  expect(long / short).toBeLessThan(8 * 4);
});

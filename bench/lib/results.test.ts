import { expect, test } from "vitest";
import type { Sample } from "./measure.ts";
import { judge, type Series, summarize } from "./results.ts";
import { spread } from "./statistics.ts";

function sample(round: number, cpuPerRequest: number, requestsPerSecond = 1): Sample {
  return {
    round,
    requests: 1,
    requestsPerSecond,
    p50: 1,
    p99: 1,
    cpuPerRequest,
    userPerRequest: cpuPerRequest,
    systemPerRequest: 0,
    scheduledPerRequest: cpuPerRequest,
    serverShare: 1,
    disturbed: { serverCore: 0, loadCore: 0 },
    errors: { status: 0, connect: 0, read: 1, write: 0, timeout: 0 },
  };
}

function series(server: string, samples: Sample[]): Series {
  return { server, load: "GET", samples };
}

test("the median of an even and of an odd number of values", () => {
  expect(spread([10, 9, 2])).toEqual({ median: 9, min: 2, max: 10 });
  expect(spread([10, 1, 2, 4])).toEqual({ median: 3, min: 1, max: 10 });
  expect(() => spread([])).toThrow(RangeError);
});

test("ratios are taken in each round, and then their median", () => {
  const rows = summarize(
    [
      series("Socle", [sample(1, 4), sample(2, 30), sample(3, 6)]),
      series("peer", [sample(3, 8), sample(2, 60), sample(1, 16)]),
    ],
    "Socle",
  );
  expect(rows[0]?.ratios).toBeUndefined();
  expect(rows[1]?.ratios?.cpuPerRequest).toEqual({ median: 0.5, min: 0.25, max: 0.75 });
  expect(rows[1]?.cpuPerRequest).toEqual({ median: 16, min: 8, max: 60 });
  expect(rows[1]?.errors.read).toBe(3);
});

test("rounds that only one of the two has give no ratio", () => {
  const rows = summarize([series("Socle", [sample(1, 4)]), series("peer", [sample(2, 8)])], "Socle");
  expect(rows[1]?.ratios).toBeUndefined();
});

test("a target is reached at its limit, not beyond it, and says so when it wasn't measured", () => {
  const rows = summarize([series("Socle", [sample(1, 5, 50)]), series("peer", [sample(1, 10, 10)])], "Socle");
  const target = { load: "GET", peer: "peer" } as const;
  const outcomes = judge(
    [
      { ...target, metric: "cpuPerRequest", atMost: 0.5 },
      { ...target, metric: "cpuPerRequest", atMost: 0.49 },
      { ...target, metric: "requestsPerSecond", atLeast: 5 },
      { ...target, metric: "requestsPerSecond", atLeast: 5.1 },
      { ...target, peer: "absent", metric: "p99", atMost: 1 },
    ],
    rows,
  );
  expect(outcomes.map(({ outcome }) => outcome)).toEqual([
    "reached",
    "not reached",
    "reached",
    "not reached",
    "not measured",
  ]);
});

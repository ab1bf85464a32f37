import { expect, test } from "vitest";
import type { Figures } from "./benchmark.ts";
import type { Sample } from "./measure.ts";
import { judge, type Series, summarize } from "./results.ts";
import { spread } from "./statistics.ts";

function sample(round: number, figures: Figures): Sample {
  return { round, figures, disturbed: { serverCore: 0, loadCore: 0 }, errors: { read: 1 } };
}

function series(server: string, ...samples: Sample[]): Series {
  return { server, samples };
}

test("the median of an even and of an odd number of values", () => {
  expect(spread([10, 9, 2])).toEqual({ median: 9, min: 2, max: 10 });
  expect(spread([10, 1, 2, 4])).toEqual({ median: 3, min: 1, max: 10 });
  expect(() => spread([])).toThrow(RangeError);
});

test("ratios are taken in each round, and then their median", () => {
  const [own, peer] = summarize(
    [
      series("Socle", sample(1, { cpu: 4 }), sample(2, { cpu: 30 }), sample(3, { cpu: 6 })),
      series("peer", sample(3, { cpu: 8 }), sample(2, { cpu: 60 }), sample(1, { cpu: 16 })),
    ],
    "Socle",
  );
  expect(own?.ratios).toBeUndefined();
  expect(peer?.ratios).toEqual({ cpu: { median: 0.5, min: 0.25, max: 0.75 } });
  expect(peer?.figures.cpu).toEqual({ median: 16, min: 8, max: 60 });
  expect(peer?.errors).toEqual({ read: 3 });
});

test("rounds that only one of the two has give no ratio, and neither do figures", () => {
  const summaries = summarize(
    [
      series("Socle", sample(1, { cpu: 4 }), sample(3, { cpu: 4 })),
      series("peer", sample(2, { cpu: 8 }), sample(3, { memoryGrowth: 8 })),
    ],
    "Socle",
  );
  expect(summaries[1]?.ratios).toBeUndefined();
});

test("a target is reached at its limit, not beyond it, and says so when it wasn't measured", () => {
  const seen = [
    series("Socle", sample(1, { cpu: 5, rate: 50 })),
    series("peer", sample(1, { cpu: 10, rate: 10 })),
  ];
  const peers = ["peer"];
  const outcomes = judge(
    [
      { metric: "cpu", peers, atMost: 0.5 },
      { metric: "cpu", peers, atMost: 0.49 },
      { metric: "rate", peers, atLeast: 5 },
      { metric: "rate", peers, atLeast: 5.1 },
      { metric: "p99", peers, atMost: 1 },
      { metric: "cpu", atMost: 5 },
      { metric: "cpu", atMost: 4.9 },
      { metric: "memoryGrowth", atMost: 1 },
    ],
    seen,
    "Socle",
  );
  expect(outcomes.map(({ outcome }) => outcome)).toEqual([
    "reached",
    "not reached",
    "reached",
    "not reached",
    "not measured",
    "reached",
    "not reached",
    "not measured",
  ]);
});

test("of several peers the best decides, and one that is missing keeps a target open unless another refutes it", () => {
  const seen = [
    series("Socle", sample(1, { cpu: 6 })),
    series("slow", sample(1, { cpu: 12 })),
    series("fast", sample(1, { cpu: 8 })),
  ];
  const judged = (peers: string[], atMost: number) =>
    judge([{ metric: "cpu", peers, atMost }], seen, "Socle")[0];
  expect(judged(["slow", "fast"], 1)).toMatchObject({
    outcome: "reached",
    measured: 0.75,
    decidedBy: "fast",
  });
  expect(judged(["slow", "fast"], 0.6)).toMatchObject({ outcome: "not reached", decidedBy: "fast" });
  expect(judged(["slow", "gone"], 1)).toMatchObject({ outcome: "not measured", missing: ["gone"] });
  expect(judged(["fast", "gone"], 0.6)).toMatchObject({ outcome: "not reached", missing: ["gone"] });
});

test("a target that names a subject is about that one's figures", () => {
  const seen = [
    series("Socle", sample(1, { cpu: 6 })),
    series("Socle, tuned", sample(1, { cpu: 3 })),
    series("peer", sample(1, { cpu: 6 })),
  ];
  const target = { metric: "cpu", peers: ["peer"], atMost: 0.5 } as const;
  const [first, named, own] = judge(
    [target, { ...target, subject: "Socle, tuned" }, { metric: "cpu", subject: "Socle, tuned", atMost: 3 }],
    seen,
    "Socle",
  );
  expect(first).toMatchObject({ outcome: "not reached", measured: 1 });
  expect(named).toMatchObject({ outcome: "reached", measured: 0.5, subject: "Socle, tuned" });
  expect(own).toMatchObject({ outcome: "reached", measured: 3 });
});

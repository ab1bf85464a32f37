import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { drawChart } from "./chart.ts";
import { rootFolder } from "./peers.ts";
import { chartPlans, planChart } from "./performance-charts.ts";
import { fillPage } from "./performance-page.ts";
import { judge, type Results, type RowResults, summarize } from "./results.ts";
import { readResults } from "./results-file.ts";

function row(name: string): RowResults {
  const sample = (cpu: number) => ({
    round: 1,
    figures: { cpu, user: cpu / 2, system: cpu / 2, rate: 1e6 / cpu, share: 1 },
    disturbed: { serverCore: 0, loadCore: 0 },
    errors: {},
  });
  const series = [
    { server: "Socle", samples: [sample(10)] },
    { server: "node:http", samples: [sample(20)] },
    { server: "A < B & C", samples: [sample(5)] },
  ];
  return {
    name,
    what: "GET hello",
    load: { kind: "requests", unit: "request", connections: 64, pipeline: 1 },
    date: "2026-01-01 00:00",
    commit: "0123456789ab",
    command: "npm run bench -- http",
    machine: {
      cpu: "a processor",
      cores: 2,
      virtual: false,
      memoryGiB: 8,
      system: "Debian",
      kernel: "Linux 6",
      loadBefore: 0,
      wrk: "4.1.0",
    },
    cores: { server: 0, load: 1 },
    rounds: 1,
    seconds: 1,
    warmUpSeconds: 2,
    servers: [
      { name: "Socle", role: "subject", version: "1", command: "" },
      { name: "node:http", role: "peer", version: "1", command: "" },
      { name: "A < B & C", role: "reference", version: "1", command: "" },
    ],
    summary: summarize(series, "Socle"),
    targets: judge([{ metric: "cpu", peers: ["node:http"], atMost: 0.6 }], series, "Socle"),
    failures: [],
    series,
  };
}

const results: Results = { benchmark: "http", what: "HTTP", rows: [row("hello")] };

test("the page's blocks are made anew, and the prose around them stays", () => {
  const page =
    "before\n<!-- bench:row http/hello -->\nold\n<!-- /bench -->\nbetween\n<!-- bench:targets http --><!-- /bench -->\nafter\n";
  const filled = fillPage(page, () => results);
  expect(filled).toMatch(/^before\n<!-- bench:row http\/hello -->\n/);
  expect(filled).not.toContain("old");
  expect(filled).toContain("**10.00**");
  expect(filled).toContain("0.50 [0.50–0.50]");
  expect(filled).toContain("CPU time per request of Socle ≤ 0.60 of node:http's");
  expect(filled).toMatch(/\| \*\*reached\*\* \|/);
  expect(filled).toMatch(/<!-- \/bench -->\nafter\n$/);
  expect(fillPage(filled, () => results)).toBe(filled);
});

test("a row about two servers sets each beside the others, and its targets say whom they are about", () => {
  const seen = row("hello");
  const sample = { ...seen.series[0]!.samples[0]!, figures: { cpu: 5, rate: 2e5 } };
  const series = [...seen.series, { server: "Socle --fast", samples: [sample] }];
  const two: RowResults = {
    ...seen,
    series,
    summary: summarize(series, "Socle"),
    servers: [...seen.servers, { name: "Socle --fast", role: "subject", version: "1", command: "" }],
    targets: judge(
      [{ metric: "cpu", subject: "Socle --fast", peers: ["node:http"], atMost: 0.2 }],
      series,
      "Socle",
    ),
  };
  const page = "<!-- bench:row http/hello --><!-- /bench --><!-- bench:targets http --><!-- /bench -->";
  const cells = fillPage(page, () => ({ ...results, rows: [two] }))
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()));
  const line = (first: string): string[] => cells.find((each) => each[1]?.includes(first)) ?? [];
  const column = line("server").indexOf("CPU, Socle --fast ÷ it");
  expect(line("server")[column - 1]).toBe("CPU, Socle ÷ it");
  expect(line("node:http").slice(column - 1, column + 1)).toEqual(["0.50 [0.50–0.50]", "0.25 [0.25–0.25]"]);
  expect(line("Socle --fast").slice(column - 1, column + 1)).toEqual(["2.00 [2.00–2.00]", ""]);
  expect(line("hello").slice(2, 5)).toEqual([
    "CPU time per request of Socle --fast ≤ 0.20 of node:http's",
    "0.25",
    "not reached",
  ]);
});

test("what wasn't measured says how to measure it, and a block that there is not is an error", () => {
  const block = (name: string): string => `<!-- bench:${name} --><!-- /bench -->`;
  expect(fillPage(block("row http/tls"), () => results)).toContain("npm run bench -- http --row tls");
  expect(fillPage(block("row http/hello"), () => undefined)).toContain("npm run bench -- http");
  expect(() => fillPage(block("rows http"), () => results)).toThrow("rows http");
});

test("docs/performance.md and its charts are what is in bench/results/", () => {
  const page = readFileSync(join(rootFolder, "docs/performance.md"), "utf8");
  expect(fillPage(page, readResults), "run `npm run bench -- page`").toBe(page);
  for (const [name, plan] of Object.entries(chartPlans)) {
    const kept = readResults(plan.benchmark);
    const chart = kept && planChart(plan, kept);
    if (chart === undefined) continue;
    const picture = readFileSync(join(rootFolder, `docs/img/${name}.svg`), "utf8");
    expect(drawChart(chart), "run `npm run bench -- page`").toBe(picture);
  }
});

test("a chart has a bar for each server, as long as its figure, and follows the reader's colours", () => {
  const svg = drawChart(planChart(chartPlans["http"]!, results)!);
  const lengths = [
    ...svg.matchAll(/<rect class="(\w+) own" x="[\d.]+" y="[\d.]+" width="([\d.]+)" height="14"/g),
  ].map(([, role, width]) => [role, Number(width)] as const);
  expect(lengths.map(([role]) => role)).toEqual(["subject", "peer", "reference"]);
  const [socle, peer, reference] = lengths.map(([, width]) => width);
  expect(peer! / socle!).toBeCloseTo(2, 1);
  expect(reference! / socle!).toBeCloseTo(0.5, 1);
  expect(svg).toContain("A &lt; B &amp; C");
  expect(svg).toContain("2.00 ×");
  expect(svg).toContain("prefers-color-scheme: dark");
});

test("bars begin behind the longest name", () => {
  const plan = planChart(chartPlans["http"]!, results)!;
  const bar = {
    label: "a name of 25 characters  ",
    role: "peer",
    value: 1,
    text: "1",
    note: "",
    lowest: 1,
    highest: 1,
  } as const;
  const start = (svg: string): number =>
    Number(/<rect class="\w+ own" x="(\d+)" y="[\d.]+" width="[\d.]+" height="14"/.exec(svg)?.[1]);
  const [panel] = plan.panels;
  const wide = { ...plan, panels: [{ ...panel!, bars: [...panel!.bars, bar] }] };
  expect(start(drawChart(wide))).toBeGreaterThan(start(drawChart(plan)) + 80);
});

/**
 * Brings `docs/performance.md` and its charts up to what is in `bench/results/`. The page is written by hand; what
 * stands between `<!-- bench:NAME -->` and `<!-- /bench -->` is made here:
 *
 * - `targets BENCHMARK`: each target with what was measured;
 * - `row BENCHMARK/ROW`: that row's table;
 * - `facts BENCHMARK`: on which machine, with which versions, when;
 * - `chart NAME`: the picture, which is made in `docs/img/`.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawChart } from "./chart.ts";
import { rootFolder } from "./peers.ts";
import { chartPlans, planChart } from "./performance-charts.ts";
import { progressLine } from "./progress.ts";
import { describeRow, facts, notesOn, targetTexts } from "./report.ts";
import type { Results, RowResults } from "./results.ts";
import { readResults } from "./results-file.ts";
import { rowTable } from "./row-table.ts";
import { markdownTable } from "./table.ts";

const pagePath = join(rootFolder, "docs/performance.md");
const imageFolder = join(rootFolder, "docs/img");

export function writePerformancePage(): void {
  writeFileSync(pagePath, fillPage(readFileSync(pagePath, "utf8"), readResults));
  mkdirSync(imageFolder, { recursive: true });
  for (const [name, plan] of Object.entries(chartPlans)) {
    const results = readResults(plan.benchmark);
    const chart = results === undefined ? undefined : planChart(plan, results);
    if (chart !== undefined) writeFileSync(join(imageFolder, `${name}.svg`), drawChart(chart));
  }
  progressLine("docs/performance.md and docs/img/ say what is in bench/results/");
}

/** The page with everything between its marks made anew. */
export function fillPage(page: string, results: (benchmark: string) => Results | undefined): string {
  return page.replaceAll(
    /<!-- bench:(\w+) (\S+) -->[\s\S]*?<!-- \/bench -->/g,
    (_, kind: string, name: string) =>
      `<!-- bench:${kind} ${name} -->\n\n${makeBlock(kind, name, results)}\n\n<!-- /bench -->`,
  );
}

function makeBlock(kind: string, name: string, results: (benchmark: string) => Results | undefined): string {
  const [benchmark = "", rowName] = kind === "chart" ? [chartPlans[name]?.benchmark] : name.split("/");
  const rows = results(benchmark)?.rows;
  if (rows === undefined) return `_Not measured yet: \`npm run bench -- ${benchmark}\`._`;
  switch (kind) {
    case "chart":
      return `![${chartPlans[name]?.title}](img/${name}.svg)`;
    case "targets":
      return targetTable(rows);
    case "facts":
      return facts(rows)
        .map((fact) => `- ${fact}`)
        .join("\n");
    case "row": {
      const row = rows.find((each) => each.name === rowName);
      return row === undefined
        ? `_Not measured yet: \`npm run bench -- ${benchmark} --row ${rowName}\`._`
        : rowBlock(row);
    }
    default:
      throw new Error(`docs/performance.md asks for "${kind} ${name}", and there is no such block`);
  }
}

function rowBlock(row: RowResults): string {
  const what = describeRow(row);
  const parts = [`${what[0]?.toUpperCase()}${what.slice(1)}.`, markdownTable(rowTable(row, "brief"))];
  const notes = notesOn(row);
  if (notes.length > 0)
    parts.push(`To be read with care: ${notes.map((note) => note.split("\n", 1)[0]).join("; ")}.`);
  return parts.join("\n\n");
}

function targetTable(rows: readonly RowResults[]): string {
  const cells = rows.flatMap((row) =>
    row.targets.map((target) => {
      const { claim, measured } = targetTexts(target, row);
      return [
        { text: row.name },
        { text: claim },
        { text: measured },
        { text: target.outcome, best: target.outcome === "reached" },
      ];
    }),
  );
  return markdownTable({
    columns: [
      { title: "row", align: "left" },
      { title: "target", align: "left" },
      { title: "measured", align: "left" },
      { title: "outcome", align: "left" },
    ],
    rows: cells,
  });
}

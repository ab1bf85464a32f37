/** `bench/results/NAME.json` and what is made from it: each row in it is from the latest run that measured that row. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Benchmark } from "./benchmark.ts";
import { benchFolder } from "./peers.ts";
import { markdownReport } from "./report.ts";
import type { Results, RowResults } from "./results.ts";

const folder = join(benchFolder, "results");

/** What is kept of a benchmark, or undefined when it never ran. */
export function readResults(name: string): Results | undefined {
  const path = join(folder, `${name}.json`);
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}

/** Keeps a row's results in place of the ones before; rows that the benchmark has no more are left out. */
export function keepRow({ name, what, rows }: Benchmark, fresh: RowResults): void {
  const kept = readResults(name)?.rows ?? [];
  const results: Results = {
    benchmark: name,
    what,
    rows: rows.flatMap((row) =>
      row.name === fresh.name ? [fresh] : kept.filter((each) => each.name === row.name),
    ),
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(folder, `${name}.md`), markdownReport(results));
}

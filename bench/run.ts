/** `npm run bench -- NAME`: runs a benchmark of `bench/benchmarks/`, prints it and keeps it in `bench/results/`. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BenchError, type Benchmark } from "./lib/benchmark.ts";
import { endLoads } from "./lib/loader.ts";
import { checkTools } from "./lib/machine.ts";
import { benchFolder, installPeers } from "./lib/peers.ts";
import { writePerformancePage } from "./lib/performance-page.ts";
import { progressLine } from "./lib/progress.ts";
import { terminalReport } from "./lib/report.ts";
import type { RowResults } from "./lib/results.ts";
import { keepRow } from "./lib/results-file.ts";
import { chooseRows, type RunOptions, runBenchmark } from "./lib/run-benchmark.ts";
import { killServers } from "./lib/server-process.ts";

interface Options extends Omit<RunOptions, "rounds" | "seconds"> {
  /** The benchmark's own when undefined. */
  rounds: number | undefined;
  seconds: number | undefined;
  json: boolean;
  save: boolean;
}

/** Not a benchmark: makes the documentation's page from what is kept. */
const pageCommand = "page";

async function main(args: string[]): Promise<number> {
  const benchmarks = await loadBenchmarks();
  const { names, options, help } = readArguments(args);
  if (help || names.length === 0) {
    process.stdout.write(usage(benchmarks));
    return help ? 0 : 2;
  }
  if (names.length === 1 && names[0] === pageCommand) {
    writePerformancePage();
    return 0;
  }
  const chosen = names.map((name) => {
    const found = benchmarks.find((benchmark) => benchmark.name === name);
    if (found === undefined) throw new BenchError(`there is no benchmark "${name}"\n\n${usage(benchmarks)}`);
    return found;
  });
  for (const benchmark of chosen) chooseRows(benchmark, options);

  checkTools();
  installPeers();
  let isClean = true;
  for (const benchmark of chosen) {
    if (!(await run(benchmark, options, `npm run bench -- ${args.join(" ")}`))) isClean = false;
  }
  return isClean ? 0 : 1;
}

/** Returns whether every server did its work. */
async function run(benchmark: Benchmark, options: Options, command: string): Promise<boolean> {
  const rows: RowResults[] = [];
  const { rounds = benchmark.rounds, seconds = benchmark.seconds } = options;
  const isKept = options.save && options.only.length === 0;
  for await (const row of runBenchmark(benchmark, { ...options, rounds, seconds }, command)) {
    rows.push(row);
    if (!options.json) process.stdout.write(`\n${terminalReport(row, process.stdout)}\n`);
    if (isKept) {
      keepRow(benchmark, row);
      writePerformancePage();
      progressLine(`${row.name} is kept in bench/results/${benchmark.name}.json and .md`);
    }
  }
  if (options.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  if (!isKept) progressLine("not kept in bench/results/ (--only or --no-save)");
  return rows.every(({ failures }) => failures.length === 0);
}

async function loadBenchmarks(): Promise<Benchmark[]> {
  const folder = join(benchFolder, "benchmarks");
  const files = readdirSync(folder).filter((name) => name.endsWith(".ts"));
  return Promise.all(
    files.sort().map(async (name) => ((await import(join(folder, name))) as { default: Benchmark }).default),
  );
}

function readArguments(args: string[]): { names: string[]; options: Options; help: boolean } {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    throw new BenchError((error as Error).message);
  }
  const { values, positionals } = parsed;
  return {
    names: positionals,
    help: values.help,
    options: {
      rounds: positive("--rounds", values.rounds),
      seconds: positive("--seconds", values.seconds),
      rows: values.row.flatMap((names) => names.split(",")),
      only: values.only.flatMap((names) => names.split(",")),
      json: values.json,
      save: !values["no-save"],
    },
  };
}

function parse(args: string[]) {
  return parseArgs({
    args,
    allowPositionals: true,
    options: {
      rounds: { type: "string" },
      seconds: { type: "string" },
      row: { type: "string", multiple: true, default: [] },
      only: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
      "no-save": { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
}

function positive(option: string, text: string | undefined): number | undefined {
  if (text === undefined || /^[1-9]\d{0,3}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new BenchError(`${option} ${text}: give a whole number from 1 to 9999`);
}

function usage(benchmarks: readonly Benchmark[]): string {
  const list = benchmarks.map(({ name, what, rows }) => {
    const line = `  ${name.padEnd(10)}${what}`;
    return rows.length === 1
      ? line
      : `${line}\n${" ".repeat(12)}rows: ${rows.map((row) => row.name).join(", ")}`;
  });
  return `npm run bench -- NAME... [options]

${list.join("\n")}
  ${pageCommand.padEnd(10)}no benchmark: makes docs/performance.md from what is in bench/results/

  --row A,B         only these rows; the others in bench/results/ stay as they are
  --only A,B        only these servers; nothing is kept
  --rounds N        rounds over all servers of a row (${ownOf(benchmarks, "rounds")})
  --seconds N       seconds that each server is measured in each round (${ownOf(benchmarks, "seconds")})
  --no-save         print only, don't replace what is in bench/results/
  --json            print the results as JSON
  -h, --help        this text
`;
}

function ownOf(benchmarks: readonly Benchmark[], option: "rounds" | "seconds"): string {
  return benchmarks.map((benchmark) => `${benchmark.name} ${benchmark[option]}`).join(", ");
}

function killEverything(): void {
  endLoads();
  killServers();
}

process.on("exit", killEverything);
for (const [signal, number] of [
  ["SIGINT", 2],
  ["SIGTERM", 15],
  ["SIGHUP", 1],
] as const) {
  process.on(signal, () => {
    progressLine(`stopped by ${signal}`);
    process.exit(128 + number);
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof BenchError)) throw error;
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = 1;
}

/** `npm run bench -- NAME`: runs a benchmark of `bench/benchmarks/`, prints it and keeps it in `bench/results/`. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BenchError, type Benchmark } from "./lib/benchmark.ts";
import { endLoads } from "./lib/load.ts";
import { checkTools } from "./lib/machine.ts";
import { benchFolder, installPeers } from "./lib/peers.ts";
import { progressLine } from "./lib/progress.ts";
import { markdownReport, terminalReport } from "./lib/report.ts";
import type { Results } from "./lib/results.ts";
import { type RunOptions, runBenchmark } from "./lib/run-benchmark.ts";
import { killServers } from "./lib/server-process.ts";

interface Options extends RunOptions {
  json: boolean;
  save: boolean;
}

async function main(args: string[]): Promise<number> {
  const benchmarks = await loadBenchmarks();
  const { names, options, help } = readArguments(args);
  if (help || names.length === 0) {
    process.stdout.write(usage(benchmarks));
    return help ? 0 : 2;
  }
  const chosen = names.map((name) => {
    const found = benchmarks.find((benchmark) => benchmark.name === name);
    if (found === undefined) throw new BenchError(`there is no benchmark "${name}"\n\n${usage(benchmarks)}`);
    return found;
  });

  checkTools();
  installPeers();
  let isClean = true;
  for (const benchmark of chosen) {
    const results = await runBenchmark(benchmark, options, `npm run bench -- ${args.join(" ")}`);
    process.stdout.write(
      options.json ? `${JSON.stringify(results, null, 2)}\n` : `\n${terminalReport(results, process.stdout)}`,
    );
    if (options.save && options.only.length === 0) keep(results);
    else progressLine("not kept in bench/results/ (--only or --no-save)");
    isClean &&= results.failures.length === 0;
  }
  return isClean ? 0 : 1;
}

function keep(results: Results): void {
  const folder = join(benchFolder, "results");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${results.benchmark}.json`), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(folder, `${results.benchmark}.md`), markdownReport(results));
  progressLine(`kept in bench/results/${results.benchmark}.json and .md`);
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
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "5" },
      only: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
      "no-save": { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
}

function positive(option: string, text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new BenchError(`${option} ${text}: give a whole number from 1 to 9999`);
}

function usage(benchmarks: readonly Benchmark[]): string {
  return `npm run bench -- NAME... [options]

${benchmarks.map(({ name, what }) => `  ${name.padEnd(18)}${what}`).join("\n")}

  --rounds N        rounds over all servers (5)
  --seconds N       seconds that each server is measured in each round (5)
  --only A,B        only these servers; nothing is kept
  --no-save         print only, don't replace what is in bench/results/
  --json            print the results as JSON
  -h, --help        this text
`;
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

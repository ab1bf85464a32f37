/** Runs a benchmark: each row's servers under its load, in alternating rounds, and what follows from what was seen. */
import { execFileSync } from "node:child_process";
import { BenchError, type Benchmark, type Row, type Server, unitOf } from "./benchmark.ts";
import { certificateEnvironment } from "./certificate.ts";
import { warmUpSeconds } from "./driver.ts";
import { chooseCores, describeMachine } from "./machine.ts";
import { measure, type Sample } from "./measure.ts";
import { figuresLine } from "./metrics.ts";
import {
  buildSocle,
  debianVersion,
  packageVersion,
  rootFolder,
  runtimeVersion,
  socleVersion,
} from "./peers.ts";
import { progressLine } from "./progress.ts";
import { describeLoad, type Failure, judge, type RowResults, type Series, summarize } from "./results.ts";
import { ServerProcess } from "./server-process.ts";

export interface RunOptions {
  rounds: number;
  /** Measured in each round, after the warm-up. */
  seconds: number;
  /** Names of the rows to run; all when empty. */
  rows: readonly string[];
  /** Names of the servers to run; all when empty. */
  only: readonly string[];
}

/** Each row's results as soon as it is done. `command` is what a reader would type to run it again. */
export async function* runBenchmark(
  benchmark: Benchmark,
  options: RunOptions,
  command: string,
): AsyncGenerator<RowResults> {
  const rows = chooseRows(benchmark, options);
  if (rows.some(({ servers }) => servers.some(({ role }) => role === "subject"))) buildSocle();
  const measurements = rows.reduce((sum, { servers }) => sum + servers.length, 0) * options.rounds;
  const minutes = (measurements * (options.seconds + warmUpSeconds + 1)) / 60;
  progressLine(
    `${benchmark.name}: ${rows.length} rows, ${measurements} measurements, about ${Math.ceil(minutes)} minutes`,
  );
  for (const row of rows) yield await runRow(row, options, command);
}

async function runRow(row: Row, options: RunOptions, command: string): Promise<RowResults> {
  const { servers, load } = row;
  const subject = servers.find(({ role }) => role === "subject")?.name;
  const descriptions = servers.map((server) => ({
    name: server.name,
    role: server.role,
    version: versionOf(server),
    command: server.command.join(" "),
  }));
  const machine = describeMachine();
  const { series, failures } = await runRounds(row, options);
  return {
    name: row.name,
    what: row.what,
    load: describeLoad(load),
    date: new Date().toISOString().slice(0, 16).replace("T", " "),
    commit: commit(),
    command,
    machine,
    cores: chooseCores(),
    rounds: options.rounds,
    seconds: options.seconds,
    warmUpSeconds,
    servers: descriptions,
    summary: summarize(series, subject),
    targets: judge(row.targets, series, subject),
    failures,
    series,
  };
}

/** Each round takes every server once, one at a time, and begins with another one. */
async function runRounds(
  row: Row,
  { rounds, seconds }: RunOptions,
): Promise<{ series: Series[]; failures: Failure[] }> {
  const { servers } = row;
  const failures = servers.flatMap(missingParts);
  const nameWidth = Math.max(14, ...servers.map(({ name }) => name.length));
  const series = servers.map((server): Series => ({ server: server.name, samples: [] }));
  for (let round = 1; round <= rounds; round++) {
    for (const server of rotate(servers, round - 1)) {
      if (failures.some((failure) => failure.server === server.name)) continue;
      const step = `${row.name}  round ${round}/${rounds}  ${server.name.padEnd(nameWidth)}`;
      progressLine(step, true);
      try {
        const sample = await runOnce(row, server, round, seconds);
        series.find((each) => each.server === server.name)!.samples.push(sample);
        progressLine(`${step}  ${figuresLine(sample.figures, unitOf(row.load))}`);
      } catch (error) {
        if (!(error instanceof BenchError)) throw error;
        progressLine(`${row.name}  ${error.message}`);
        failures.push({ server: server.name, round, reason: error.message });
      }
    }
  }
  return { series, failures };
}

async function runOnce({ load }: Row, server: Server, round: number, seconds: number): Promise<Sample> {
  const cores = chooseCores();
  const env = load.kind === "requests" && load.tls ? certificateEnvironment() : {};
  await using started = await ServerProcess.start(server, cores.server, env);
  return await measure(started, load, round, seconds, cores);
}

/** @throws BenchError for names that there are not. */
export function chooseRows(benchmark: Benchmark, options: Pick<RunOptions, "rows" | "only">): Row[] {
  for (const name of options.rows) {
    if (benchmark.rows.some((row) => row.name === name)) continue;
    throw new BenchError(`--row ${name}: the rows are ${benchmark.rows.map((row) => row.name).join(", ")}`);
  }
  const rows = benchmark.rows.filter(({ name }) => options.rows.length === 0 || options.rows.includes(name));
  for (const name of options.only) {
    if (rows.some(({ servers }) => servers.some(isNamed(name)))) continue;
    const known = new Set(rows.flatMap(({ servers }) => servers.map((server) => server.name)));
    throw new BenchError(`--only ${name}: the servers are ${[...known].join(", ")}`);
  }
  if (options.only.length === 0) return rows;
  return rows
    .map((row) => ({
      ...row,
      servers: row.servers.filter((server) => options.only.some((name) => isNamed(name)(server))),
    }))
    .filter(({ servers }) => servers.length > 0);
}

function isNamed(name: string): (server: Server) => boolean {
  return (server) => server.name.toLowerCase() === name.toLowerCase();
}

function rotate<T>(values: readonly T[], by: number): T[] {
  const start = by % values.length;
  return [...values.slice(start), ...values.slice(0, start)];
}

function versionOf({ role, command: [runtime], packages = [], debianPackages }: Server): string {
  const socle = role === "subject" ? [`socle ${socleVersion()}`] : [];
  const pinned = packages.map((name) => `${name} ${packageVersion(name)}`);
  const on = debianPackages?.map((name) => `${name} ${debianVersion(name) ?? "(not installed)"}`) ?? [
    `${runtime === "c" ? "cc" : runtime} ${runtimeVersion(runtime)}`,
  ];
  return [...socle, ...pinned, ...on].join(", ");
}

/** The failure of a server that lacks some of Debian's packages. */
function missingParts({ name, debianPackages = [] }: Server): Failure[] {
  const missing = debianPackages.filter((each) => debianVersion(each) === undefined);
  if (missing.length === 0) return [];
  const reason = `${name} is missing: install it with \`apt-get install ${missing.join(" ")}\``;
  progressLine(reason);
  return [{ server: name, round: 1, reason }];
}

function commit(): string {
  const git = (...args: string[]): string =>
    execFileSync("git", args, {
      cwd: rootFolder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    const hash = git("rev-parse", "--short=12", "HEAD");
    const changes = git(
      "status",
      "--porcelain",
      "--",
      ".",
      ":!bench/results",
      ":!docs/performance.md",
      ":!docs/img",
    );
    return changes === "" ? hash : `${hash} with changes`;
  } catch {
    return "none"; // a copy without its history
  }
}

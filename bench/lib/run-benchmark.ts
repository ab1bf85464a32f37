/** Runs a benchmark: every server under every load, in alternating rounds, and what follows from what was seen. */
import { execFileSync } from "node:child_process";
import { BenchError, type Benchmark, type Server } from "./benchmark.ts";
import { type Cores, chooseCores, describeMachine } from "./machine.ts";
import { measure, type Sample, warmUpSeconds } from "./measure.ts";
import { buildSocle, packageVersion, rootFolder, runtimeVersion, socleVersion } from "./peers.ts";
import { progressLine } from "./progress.ts";
import { describeLoad, type Failure, judge, type Results, type Series, summarize } from "./results.ts";
import { ServerProcess } from "./server-process.ts";

export interface RunOptions {
  rounds: number;
  /** Measured in each round, after the warm-up. */
  seconds: number;
  /** Names of the servers to run; all when empty. */
  only: readonly string[];
}

/** `command` is what a reader would type to run it again. */
export async function runBenchmark(
  benchmark: Benchmark,
  options: RunOptions,
  command: string,
): Promise<Results> {
  const servers = chooseServers(benchmark, options.only);
  const subject = servers.find(({ role }) => role === "subject")?.name;
  const cores = chooseCores();
  if (subject !== undefined) buildSocle();
  const descriptions = servers.map((server) => ({
    name: server.name,
    role: server.role,
    version: versionOf(server),
    command: server.command.join(" "),
  }));
  const machine = describeMachine();
  const { series, failures } = await runRounds(benchmark, servers, options, cores);
  const summary = summarize(series, subject);
  return {
    benchmark: benchmark.name,
    what: benchmark.what,
    date: new Date().toISOString().slice(0, 16).replace("T", " "),
    commit: commit(),
    command,
    machine,
    cores,
    rounds: options.rounds,
    seconds: options.seconds,
    warmUpSeconds,
    servers: descriptions,
    loads: benchmark.loads.map(describeLoad),
    summary,
    targets: judge(benchmark.targets, summary),
    failures,
    series,
  };
}

/** Each round takes every server once, one at a time, and begins with another one. */
async function runRounds(
  { loads }: Benchmark,
  servers: readonly Server[],
  { rounds, seconds }: RunOptions,
  cores: Cores,
): Promise<{ series: Series[]; failures: Failure[] }> {
  const series = loads.flatMap((load) =>
    servers.map((server): Series => ({ server: server.name, load: load.name, samples: [] })),
  );
  const failures: Failure[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const server of rotate(servers, round - 1)) {
      if (failures.some((failure) => failure.server === server.name)) continue;
      try {
        await using started = await ServerProcess.start(server, cores.server);
        for (const load of loads) {
          const step = `round ${round}/${rounds}  ${server.name.padEnd(12)} ${load.name}`;
          progressLine(step, true);
          const sample = await measure(started, load, round, seconds, cores);
          series.find((each) => each.server === server.name && each.load === load.name)!.samples.push(sample);
          progressLine(`${step}  ${sampleLine(sample)}`);
        }
      } catch (error) {
        if (!(error instanceof BenchError)) throw error;
        progressLine(error.message);
        failures.push({ server: server.name, round, reason: error.message });
      }
    }
  }
  return { series, failures };
}

function chooseServers({ servers }: Benchmark, only: readonly string[]): readonly Server[] {
  if (only.length === 0) return servers;
  return only.map((name) => {
    const found = servers.find((server) => server.name.toLowerCase() === name.toLowerCase());
    if (found !== undefined) return found;
    throw new BenchError(
      `--only ${name}: the servers are ${servers.map((server) => server.name).join(", ")}`,
    );
  });
}

function rotate<T>(values: readonly T[], by: number): T[] {
  const start = by % values.length;
  return [...values.slice(start), ...values.slice(0, start)];
}

function versionOf({ role, command: [runtime], packages = [] }: Server): string {
  const on = `${runtime} ${runtimeVersion(runtime)}`;
  const own =
    role === "subject"
      ? [`socle ${socleVersion()}`]
      : packages.map((name) => `${name} ${packageVersion(name)}`);
  return [...own, on].join(", ");
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
    const changes = git("status", "--porcelain", "--", ".", ":!bench/results");
    return changes === "" ? hash : `${hash} with changes`;
  } catch {
    return "none"; // a copy without its history
  }
}

function sampleLine({ cpuPerRequest, requestsPerSecond }: Sample): string {
  return `${cpuPerRequest.toFixed(2)} µs of CPU a request, ${Math.round(requestsPerSecond)} requests/s`;
}

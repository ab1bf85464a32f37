/** What a run of a benchmark is kept as: everything that was seen, and what follows from it. */
import type { Load, Metric, Server, Target } from "./benchmark.ts";
import type { LoadErrors } from "./load.ts";
import type { Cores, Machine } from "./machine.ts";
import type { Sample } from "./measure.ts";
import { type Spread, spread } from "./statistics.ts";

/** The contents of `bench/results/NAME.json`. */
export interface Results {
  benchmark: string;
  what: string;
  date: string;
  commit: string;
  command: string;
  machine: Machine;
  cores: Cores;
  rounds: number;
  seconds: number;
  warmUpSeconds: number;
  servers: ServerDescription[];
  loads: LoadDescription[];
  summary: Row[];
  targets: TargetOutcome[];
  failures: Failure[];
  series: Series[];
}

export interface ServerDescription {
  name: string;
  role: Server["role"];
  version: string;
  command: string;
}

export interface LoadDescription {
  name: string;
  what: string;
  connections: number;
  pipeline: number;
}

/** The samples of one server under one load, one a round. */
export interface Series {
  server: string;
  load: string;
  samples: Sample[];
}

/** A server that didn't start, answered wrongly or ended: it isn't measured further. */
export interface Failure {
  server: string;
  round: number;
  reason: string;
}

/** One server under one load, over all rounds. */
export interface Row {
  server: string;
  load: string;
  rounds: number;
  cpuPerRequest: Spread;
  userPerRequest: Spread;
  systemPerRequest: Spread;
  requestsPerSecond: Spread;
  p99: Spread;
  serverShare: Spread;
  errors: LoadErrors;
  /** The subject's figure divided by this server's in the same round. Absent for the subject itself. */
  ratios?: Record<Metric, Spread>;
}

export interface TargetOutcome {
  load: string;
  metric: Metric;
  peer: string;
  atMost?: number;
  atLeast?: number;
  /** The median ratio that was measured; absent when one of the two wasn't. */
  ratio?: number;
  outcome: "reached" | "not reached" | "not measured";
}

const metrics = ["cpuPerRequest", "requestsPerSecond", "p99"] as const satisfies readonly Metric[];

export function summarize(series: readonly Series[], subject: string | undefined): Row[] {
  return series
    .filter(({ samples }) => samples.length > 0)
    .map(({ server, load, samples }) => {
      const of = (figure: Exclude<keyof Sample, "errors" | "disturbed">): Spread =>
        spread(samples.map((each) => each[figure]));
      const row: Row = {
        server,
        load,
        rounds: samples.length,
        cpuPerRequest: of("cpuPerRequest"),
        userPerRequest: of("userPerRequest"),
        systemPerRequest: of("systemPerRequest"),
        requestsPerSecond: of("requestsPerSecond"),
        p99: of("p99"),
        serverShare: of("serverShare"),
        errors: sumErrors(samples),
      };
      const own = series.find((each) => each.server === subject && each.load === load);
      if (own !== undefined && server !== subject) {
        const ratios = ratiosByRound(own.samples, samples);
        if (ratios !== undefined) row.ratios = ratios;
      }
      return row;
    });
}

export function judge(targets: readonly Target[], rows: readonly Row[]): TargetOutcome[] {
  return targets.map((target) => {
    const row = rows.find(({ server, load }) => server === target.peer && load === target.load);
    const ratio = row?.ratios?.[target.metric].median;
    if (ratio === undefined) return { ...target, outcome: "not measured" };
    const isReached = "atMost" in target ? ratio <= target.atMost : ratio >= target.atLeast;
    return { ...target, ratio, outcome: isReached ? "reached" : "not reached" };
  });
}

export function describeLoad({ name, what, connections = 64, pipeline = 1 }: Load): LoadDescription {
  return { name, what, connections, pipeline };
}

/** The ratios of each round, then their median: what disturbs a whole round disturbs both sides of its ratio. */
function ratiosByRound(
  own: readonly Sample[],
  theirs: readonly Sample[],
): Record<Metric, Spread> | undefined {
  const pairs = own.flatMap((a) => theirs.filter((b) => b.round === a.round).map((b) => [a, b] as const));
  if (pairs.length === 0) return undefined;
  const entries = metrics.map((metric) => [metric, spread(pairs.map(([a, b]) => a[metric] / b[metric]))]);
  return Object.fromEntries(entries) as Record<Metric, Spread>;
}

function sumErrors(samples: readonly Sample[]): LoadErrors {
  const sum: LoadErrors = { status: 0, connect: 0, read: 0, write: 0, timeout: 0 };
  for (const { errors } of samples) {
    for (const kind of Object.keys(sum) as (keyof LoadErrors)[]) sum[kind] += errors[kind];
  }
  return sum;
}

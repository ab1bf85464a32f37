/** What a run of a benchmark is kept as: everything that was seen, and what follows from it. */
import { type Load, type Metric, type Server, type Target, unitOf } from "./benchmark.ts";
import type { Cores, Machine } from "./machine.ts";
import type { Sample } from "./measure.ts";
import { type Spread, spread } from "./statistics.ts";

/** The contents of `bench/results/NAME.json`. */
export interface Results {
  benchmark: string;
  what: string;
  /** In the benchmark's order; each is from the latest run of its own. */
  rows: RowResults[];
}

export interface RowResults {
  name: string;
  what: string;
  load: LoadDescription;
  date: string;
  commit: string;
  command: string;
  machine: Machine;
  cores: Cores;
  rounds: number;
  seconds: number;
  warmUpSeconds: number;
  servers: ServerDescription[];
  summary: ServerSummary[];
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
  kind: Load["kind"];
  /** What the figures are counted in. */
  unit: string;
  connections: number;
  pipeline: number;
}

/** The samples of one server, one a round. */
export interface Series {
  server: string;
  samples: Sample[];
}

/** A server that didn't start, answered wrongly or ended: it isn't measured further. */
export interface Failure {
  server: string;
  round: number;
  reason: string;
}

export type Spreads = { [metric in Metric]?: Spread };

/** One server over all rounds. */
export interface ServerSummary {
  server: string;
  rounds: number;
  figures: Spreads;
  /** How often what went wrong, over all rounds. */
  errors: Record<string, number>;
  /** The subject's figures divided by this server's in the same round. Absent for the subject itself. */
  ratios?: Spreads;
}

export type TargetOutcome = {
  metric: Metric;
  /** Whose figure it is, where that isn't the row's first subject's. */
  subject?: string;
  atMost?: number;
  atLeast?: number;
  atMostMore?: number;
  /** The peers that it is held against; without them it is the subject's own figure. */
  peers?: readonly string[];
  /** The median ratio or difference that was measured, or the figure; absent when it wasn't measured. */
  measured?: number;
  /** The peer with which it was measured: the one that comes nearest to the limit, or lies farthest beyond it. */
  decidedBy?: string;
  /** Peers that have no figure. */
  missing?: string[];
  outcome: "reached" | "not reached" | "not measured";
};

export function summarize(series: readonly Series[], subject: string | undefined): ServerSummary[] {
  const own = series.find(({ server }) => server === subject);
  return series
    .filter(({ samples }) => samples.length > 0)
    .map(({ server, samples }) => {
      const summary: ServerSummary = {
        server,
        rounds: samples.length,
        figures: spreads(samples.map(({ figures }) => figures)),
        errors: sumErrors(samples),
      };
      if (own !== undefined && server !== subject) {
        const ratios = ratiosByRound(own.samples, samples);
        if (Object.keys(ratios).length > 0) summary.ratios = ratios;
      }
      return summary;
    });
}

/** `firstSubject` is the one whose figures are meant by a target that names none. */
export function judge(
  targets: readonly Target[],
  series: readonly Series[],
  firstSubject: string | undefined,
): TargetOutcome[] {
  return targets.map((target) => {
    const { metric, peers, subject = firstSubject } = target;
    if (peers === undefined) {
      const own = summarize(series, subject).find(({ server }) => server === subject)?.figures[metric];
      return own === undefined
        ? { ...target, outcome: "not measured" }
        : {
            ...target,
            measured: own.median,
            outcome: isReached(target, own.median) ? "reached" : "not reached",
          };
    }
    return judgeAgainst(target, peers, series, subject);
  });
}

function judgeAgainst(
  target: Target,
  peers: readonly string[],
  series: readonly Series[],
  subject: string | undefined,
): TargetOutcome {
  const samplesOf = (name: string | undefined): readonly Sample[] =>
    series.find(({ server }) => server === name)?.samples ?? [];
  const compare = "atMostMore" in target ? differencesByRound : ratiosByRound;
  const compared = peers.flatMap((peer) => {
    const value = compare(samplesOf(subject), samplesOf(peer))[target.metric]?.median;
    return value === undefined ? [] : [{ peer, value }];
  });
  const missing = peers.filter((peer) => !compared.some((each) => each.peer === peer));
  compared.sort((a, b) => ("atLeast" in target ? a.value - b.value : b.value - a.value));
  const [decisive] = compared;
  const outcome: TargetOutcome = { ...target, outcome: "not measured" };
  if (decisive === undefined) return outcome;
  if (missing.length > 0) outcome.missing = missing;
  outcome.measured = decisive.value;
  outcome.decidedBy = decisive.peer;
  // What one peer refutes stands refuted; what all must confirm waits for all.
  if (!isReached(target, decisive.value)) outcome.outcome = "not reached";
  else if (missing.length === 0) outcome.outcome = "reached";
  return outcome;
}

function isReached(target: Target, value: number): boolean {
  if ("atLeast" in target) return value >= target.atLeast;
  return value <= ("atMost" in target ? target.atMost : target.atMostMore);
}

export function describeLoad(load: Load): LoadDescription {
  return {
    kind: load.kind,
    unit: unitOf(load),
    connections: "connections" in load ? load.connections : load.kind === "requests" ? 64 : 1,
    pipeline: (load.kind === "requests" && load.pipeline) || 1,
  };
}

/** The ratios of each round, then their median: what disturbs a whole round disturbs both sides of its ratio. */
function ratiosByRound(own: readonly Sample[], theirs: readonly Sample[]): Spreads {
  // Memory can have shrunk, and then says nothing in a ratio.
  return compareByRound(own, theirs, (mine, other) => (other > 0 ? mine / other : undefined));
}

function differencesByRound(own: readonly Sample[], theirs: readonly Sample[]): Spreads {
  return compareByRound(own, theirs, (mine, other) => mine - other);
}

function compareByRound(
  own: readonly Sample[],
  theirs: readonly Sample[],
  compare: (mine: number, other: number) => number | undefined,
): Spreads {
  const pairs = own.flatMap((a) => theirs.filter((b) => b.round === a.round).map((b) => [a, b] as const));
  return spreads(
    pairs.map(([a, b]) => {
      const compared: { [metric in Metric]?: number } = {};
      for (const metric of Object.keys(a.figures) as Metric[]) {
        const [mine, other] = [a.figures[metric], b.figures[metric]];
        const value = mine === undefined || other === undefined ? undefined : compare(mine, other);
        if (value !== undefined) compared[metric] = value;
      }
      return compared;
    }),
  );
}

/** The spread of each metric, over the rounds that have it. */
function spreads(rounds: readonly { readonly [metric in Metric]?: number }[]): Spreads {
  const found: Spreads = {};
  for (const metric of new Set(rounds.flatMap((figures) => Object.keys(figures) as Metric[]))) {
    found[metric] = spread(rounds.flatMap((figures) => figures[metric] ?? []));
  }
  return found;
}

function sumErrors(samples: readonly Sample[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const { errors } of samples) {
    for (const [kind, times] of Object.entries(errors)) sum[kind] = (sum[kind] ?? 0) + times;
  }
  return sum;
}

/** What a benchmark is: servers under the same loads, and the targets that the results are held against. */

export interface Benchmark {
  /** As it is named on the command line; the file's name and the results' too. */
  name: string;
  /** One line: what is measured. */
  what: string;
  servers: readonly Server[];
  loads: readonly Load[];
  targets: readonly Target[];
}

/** A program that starts the servers: Node is the one that runs the benchmark, the others come from `bench/`. */
export type Runtime = "node" | "bun" | "deno";

export interface Server {
  name: string;
  /** The one that the benchmark is about, one that it is compared with, or one that only gives scale. */
  role: "subject" | "peer" | "reference";
  /**
   * Run from the repository's root, with `PORT` in its environment and `{port}` in its words replaced;
   * it listens on 127.0.0.1.
   */
  command: readonly [Runtime, ...string[]];
  /** Packages pinned in `bench/package.json` whose versions are named with it. */
  packages?: readonly string[];
  env?: Readonly<Record<string, string>>;
}

export interface Load {
  name: string;
  /** One line: what a client does. */
  what: string;
  request: Request;
  /** What every server must answer before it is measured. */
  answer: { status: number; body: string };
  /** Keep-alive connections, 64 unless given. */
  connections?: number;
  /** Requests that are sent at once on a connection before an answer is awaited, 1 unless given. */
  pipeline?: number;
}

export interface Request {
  method: string;
  target: string;
  /** In the order sent, after Host. */
  headers: readonly (readonly [name: string, value: string])[];
  body?: string;
}

/** A figure of one measurement that targets and ratios are about. */
export type Metric = "cpuPerRequest" | "requestsPerSecond" | "p99";

/** The subject's figure divided by the peer's, median over the rounds, must be at most or at least so much. */
export type Target = { load: string; metric: Metric; peer: string } & (
  | { atMost: number }
  | { atLeast: number }
);

/** Something that the user can put right; the message says how, and no stack is shown. */
export class BenchError extends Error {
  override name = "BenchError";
}

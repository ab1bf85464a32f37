/** What a benchmark is: rows, each of which puts servers under one load and holds the result against targets. */

export interface Benchmark {
  /** As it is named on the command line; the file's name and the results' too. */
  name: string;
  /** One line: what is measured. */
  what: string;
  rows: readonly Row[];
  /** How often each server of a row is measured, unless the command line says it. */
  rounds: number;
  /** How long it is measured each time. */
  seconds: number;
}

/** One question: the same work, done by several servers. */
export interface Row {
  name: string;
  /** One line: what a client does. */
  what: string;
  servers: readonly Server[];
  load: Load;
  targets: readonly Target[];
}

/**
 * A program that starts servers: Node is the one that runs the benchmark, Bun and Deno come from `bench/`, Python
 * is the machine's, gunicorn is Debian's, and `c` is a C file that is compiled first.
 */
export type Runtime = "node" | "bun" | "deno" | "python" | "gunicorn" | "c";

export interface Server {
  name: string;
  /**
   * The one that the row is about, one that it is compared with, or one that only gives scale. Of several subjects the
   * first is the one that targets mean and charts count in, where they name none.
   */
  role: "subject" | "peer" | "reference";
  /**
   * Run from the repository's root, with `PORT` in its environment and `{port}` in its words replaced;
   * it listens on 127.0.0.1.
   */
  command: readonly [Runtime, ...string[]];
  /** Packages pinned in `bench/package.json` whose versions are named with it. */
  packages?: readonly string[];
  /** Debian's packages that it is made of, whose versions are named with it. Where one isn't installed, the server is named as failed. */
  debianPackages?: readonly string[];
  env?: Readonly<Record<string, string>>;
}

export type Load = RequestLoad | TransferLoad | IdleLoad | EchoLoad | StallLoad | MatchLoad;

/** HTTP requests, as many as the server answers. */
export interface RequestLoad {
  kind: "requests";
  /** Sent in turn; mostly there is one. */
  requests: readonly Request[];
  /** Sent to each server before; the cookies that come back with its answer go with all requests. */
  cookiesFrom?: Request;
  /** What every server must answer to each before it is measured; a line end behind the body is no difference. */
  answer: { status: number; body: string };
  /** Keep-alive connections, 64 unless given. */
  connections?: number;
  /** Requests that are sent at once on a connection before an answer is awaited, 1 unless given. */
  pipeline?: number;
  /** Over TLS; the server finds certificate and key in the files named by `TLS_CERT` and `TLS_KEY`. */
  tls?: boolean;
  /** A new connection for each request, which says `Connection: close`. */
  reconnects?: boolean;
}

export interface Request {
  method: string;
  target: string;
  /** In the order sent, after Host. */
  headers: readonly (readonly [name: string, value: string])[];
  body?: string | Uint8Array;
}

/** Large content one way, each time over a new connection that the server ends. */
export interface TransferLoad {
  kind: "transfer";
  /** Seen from the client. What it sends, the server must answer with the number of bytes that it received. */
  direction: "send" | "receive";
  bytes: number;
  /** Sent first; `Content-Length` is added where content follows. Without it bare bytes go over the socket. */
  request?: Request;
}

/** Many connections that stay open, and what the server's memory grows by with each. */
export interface IdleLoad {
  kind: "idle";
  connections: number;
  /** Answered once on each connection. */
  request?: Request;
}

/** Messages that come back: the next is sent when the last has arrived. */
export interface EchoLoad {
  kind: "echo";
  connections: number;
  /** Size of a message. */
  bytes: number;
}

/** One side stands still for a second while the other would send; how much memory the server holds for it. */
export interface StallLoad {
  kind: "stall";
  /** `reader`: the client stops reading what the server sends. `writer`: the server doesn't read what the client sends. */
  client: "reader" | "writer";
  /** What the server sends in all. */
  bytes: number;
}

/** A router finds routes, within its own process: nothing comes over the network but the word to begin. */
export interface MatchLoad {
  kind: "matches";
}

/**
 * A figure of one measurement. Times are in microseconds, memory in bytes. What a server's work is counted in depends
 * on the load: requests, messages, or MiB that were carried.
 *
 * - `cpu`: CPU time of the server's whole process tree for each; `user` and `system` are its parts, and
 *   `scheduled` is the same by the scheduler's own clock;
 * - `rate`: how many a second;
 * - `p50`, `p99`: latency;
 * - `share`: of its core, that the server used; where it is far under 1, the load was the bottleneck;
 * - `memoryGrowth`: resident memory at its peak, above what it was before the load;
 * - `memoryPerConnection`: resident memory that came with each open connection;
 * - `heldBytes`: what the side that would send got rid of while the other stood still;
 * - `match`: time that finding a route takes, the mean of the kinds of paths that there are: `matchStatic` without parameters, `matchParam`
 *   with one, `matchParams` with two, `matchRest` with one for all that follows, `matchMiss` of no route.
 */
export type Metric =
  | "cpu"
  | "user"
  | "system"
  | "scheduled"
  | "rate"
  | "p50"
  | "p99"
  | "share"
  | "memoryGrowth"
  | "memoryPerConnection"
  | "heldBytes"
  | "match"
  | "matchStatic"
  | "matchParam"
  | "matchParams"
  | "matchRest"
  | "matchMiss";

export type Figures = { readonly [metric in Metric]?: number };

/** What a server's work under a load is counted in. */
export function unitOf({ kind }: Load): string {
  return {
    requests: "request",
    transfer: "MiB",
    echo: "message",
    idle: "connection",
    stall: "connection",
    matches: "match",
  }[kind];
}

/**
 * The subject's figure divided by a peer's, median over the rounds, must be at most or at least so much: for each of
 * the peers named, so that the best of them decides. Without peers it is the figure itself that is held against the limit;
 * `atMostMore` is about the figure less the peer's. Which subject's, `subject` says where a row has several.
 */
export type Target = { metric: Metric; subject?: string } & (
  | { peers?: readonly string[]; atMost: number }
  | { peers?: readonly string[]; atLeast: number }
  | { peers: readonly string[]; atMostMore: number }
);

/** Something that the user can put right; the message says how, and no stack is shown. */
export class BenchError extends Error {
  override name = "BenchError";
}

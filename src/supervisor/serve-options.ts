/** What the supervisor can be told, with defaults and checks. */
import { realpathSync } from "node:fs";
import { isAbsolute } from "node:path";
import type { Interface } from "../gateway/classify.ts";
import { type Address, parseAddress } from "../net/address.ts";

export interface ServeOptions {
  /** The application, as an import string: `web.ts:main()`. */
  readonly app: string;
  /** Where to listen. Default `127.0.0.1:8000`. */
  readonly bind?: readonly (Address | string)[] | undefined;
  /** Worker processes, 1 or more. Default 1. */
  readonly workers?: number | undefined;
  /** What the application speaks. Default: what its shape says (docs/gateway.md). */
  readonly interface?: Interface | undefined;
  /**
   * Whether each worker puts Socle's light `Request`, `Response` and `Headers` in the place of the platform's before it loads
   * the application (docs/gateway/fetch.md). Default false.
   */
  readonly fastFetch?: boolean | undefined;
  /** Whether a checker between server and application reports every breach of the rules by either. Default false. */
  readonly validate?: boolean | undefined;
  /**
   * Where the workers work, and where the import string's files and packages are looked for. A symbolic link is followed anew with each
   * reload, and stays what it was for the workers that are there. Default: the working directory, by the name that the shell knows it by.
   */
  readonly cwd?: string | undefined;
  /** The environment of the workers. Default: that of this process. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Milliseconds that a worker may take until it serves; then it is killed. Default 60 s. */
  readonly bootTimeout?: number | undefined;
  /** Milliseconds that a worker's event loop may be blocked; then the worker is killed and replaced. 0 for no limit. Default 30 s. */
  readonly heartbeatTimeout?: number | undefined;
  /** Milliseconds of a blocked event loop from which on the stack that blocks it is logged. 0 for never. Default 0. */
  readonly slowLoop?: number | undefined;
  /** Milliseconds between the notice that a stop is to come and the end of listening: load balancers look elsewhere meanwhile. Default 0. */
  readonly drainDelay?: number | undefined;
  /** Milliseconds that requests in flight have to finish in when a worker stops. Default 10 s. */
  readonly gracefulTimeout?: number | undefined;
  /** Requests after which a worker is replaced. 0 for no limit. Default 0. */
  readonly maxRequests?: number | undefined;
  /** Up to so many are added to `maxRequests` for each worker by chance, so that not all are replaced at once. Default a tenth of it. */
  readonly maxRequestsJitter?: number | undefined;
  /** Milliseconds after which a worker is replaced; up to a tenth is added for each by chance. 0 for no limit. Default 0. */
  readonly maxLifetime?: number | undefined;
  /** Bytes of resident memory above which a worker is replaced, when it has been above for some seconds. 0 for no limit. Default 0. */
  readonly maxMemory?: number | undefined;
  /** Workers that a reload replaces at once, after a first one alone. Default a quarter of them. */
  readonly reloadBatch?: number | undefined;
  /** Takes notices for the operator, one line each. Default: standard error. */
  readonly log?: ((line: string) => void) | undefined;
}

/** Serving could not begin, or a reload failed. The message is one line for the user. */
export class SupervisorError extends Error {
  override readonly name = "SupervisorError";
}

/** The options with their defaults. */
export type ServeSettings = {
  readonly [Name in Exclude<keyof ServeOptions, "bind" | "interface">]-?: NonNullable<ServeOptions[Name]>;
} & {
  readonly bind: readonly Address[];
  readonly interface: Interface | null;
};

/**
 * @throws SupervisorError for what makes no sense; AddressError for what is no address
 */
export function toSettings(options: ServeOptions): ServeSettings {
  const workers = options.workers ?? 1;
  const maxRequests = options.maxRequests ?? 0;
  const settings: ServeSettings = {
    app: options.app,
    bind: (options.bind ?? ["127.0.0.1:8000"]).map((at) => (typeof at === "string" ? parseAddress(at) : at)),
    workers,
    interface: options.interface ?? null,
    fastFetch: options.fastFetch ?? false,
    validate: options.validate ?? false,
    cwd: options.cwd ?? logicalDirectory(),
    env: options.env ?? process.env,
    bootTimeout: options.bootTimeout ?? 60_000,
    heartbeatTimeout: options.heartbeatTimeout ?? 30_000,
    slowLoop: options.slowLoop ?? 0,
    drainDelay: options.drainDelay ?? 0,
    gracefulTimeout: options.gracefulTimeout ?? 10_000,
    maxRequests,
    maxRequestsJitter: options.maxRequestsJitter ?? Math.ceil(maxRequests / 10),
    maxLifetime: options.maxLifetime ?? 0,
    maxMemory: options.maxMemory ?? 0,
    reloadBatch: options.reloadBatch ?? Math.ceil(workers / 4),
    log: options.log ?? ((line) => process.stderr.write(`${line}\n`)),
  };
  for (const name of ["workers", "reloadBatch", "bootTimeout"] as const) checkNumber(name, settings[name], 1);
  for (const name of notNegative) checkNumber(name, settings[name], 0);
  return settings;
}

const notNegative = [
  "heartbeatTimeout",
  "slowLoop",
  "drainDelay",
  "gracefulTimeout",
  "maxRequests",
  "maxRequestsJitter",
  "maxLifetime",
  "maxMemory",
] as const;

function checkNumber(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new SupervisorError(`${name} is ${value}, and must be a whole number from ${least} up`);
}

/** The working directory by the name that it was entered by, which may be a link that is to lead elsewhere one day. */
function logicalDirectory(): string {
  const actual = process.cwd();
  const named = process.env["PWD"];
  return named !== undefined && leadsTo(named, actual) ? named : actual;
}

function leadsTo(name: string, directory: string): boolean {
  try {
    return isAbsolute(name) && realpathSync(name) === directory;
  } catch {
    return false;
  }
}

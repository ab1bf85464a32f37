/** What the parent and a worker say to each other. Everything survives JSON. */
import type { Interface } from "../gateway/classify.ts";
import type { Recognised } from "../gateway/recognise.ts";
import type { Address } from "../net/address.ts";

/** Which application, and how it is taken. */
export interface ApplicationChoice {
  /** As an import string. */
  readonly app: string;
  /** Where files and packages are looked for. */
  readonly cwd: string;
  /** What it speaks, or null where its shape is to say it. */
  readonly interface: Interface | null;
  /** Whether the light `Request`, `Response` and `Headers` take the place of the platform's before it is loaded. */
  readonly fastFetch: boolean;
  /** Whether other processes run the application at the same time. Default false. */
  readonly multiprocess?: boolean;
  /** Whether the validator stands between server and application. */
  readonly validate: boolean;
}

/** What the application of a worker was found to be. */
export interface ServedApplication extends Pick<Recognised, "kind" | "what"> {
  /** Its import string in full, such as `web.ts:main()` for `web.ts`. */
  readonly description: string;
}

/** What a worker is started with. */
export interface WorkerData extends ApplicationChoice {
  /** The addresses of the inherited sockets, in their order. */
  readonly addresses: readonly Address[];
  /** Milliseconds for a graceful stop that nobody has asked for: the parent has died. */
  readonly gracefulTimeout: number;
}

/** What a worker of the supervisor is started with. */
export interface ServingData extends WorkerData {
  /** Which start or reload it belongs to: 1, 2, … */
  readonly generation: number;
  /** How many workers were started before it, and one: no two have the same. */
  readonly number: number;
  /** Milliseconds between two of its beats. */
  readonly beatInterval: number;
  /** Milliseconds of a blocked event loop after which the stack that blocks it is told; 0 for never. */
  readonly tellBlockedAfter: number;
  /** Requests after which it asks to be replaced; 0 for never. */
  readonly maxRequests: number;
  /** Milliseconds of serving after which it asks to be replaced; 0 for never. */
  readonly maxLifetime: number;
  /** Resident bytes above which it asks to be replaced, when several looks in a row have seen them; 0 for never. */
  readonly maxMemory: number;
}

/** What a worker tells of itself with each beat. */
export interface WorkerFigures {
  /** Requests that have come since it serves. */
  readonly requests: number;
  /** Connections that are open. */
  readonly connections: number;
  /** Resident memory, in bytes. */
  readonly memory: number;
  /** Share of the time since the last beat in which the event loop was at work, 0 to 1. */
  readonly utilization: number;
}

/** Why a worker asks to be replaced. */
export type RetirementReason = "max-requests" | "max-lifetime" | "max-memory";

/** From the parent. */
export type ToWorker =
  /** To stop within `deadline` milliseconds, gracefully. */
  | { readonly type: "stop"; readonly deadline: number }
  /** A stop is to come: what lasts may say goodbye. */
  | { readonly type: "drain" };

/** From a worker. */
export type FromWorker =
  /** It serves. */
  | { readonly type: "ready"; readonly application: ServedApplication }
  /** It can't serve, and ends. `message` is one line for the user. */
  | { readonly type: "failed"; readonly message: string }
  /** Its event loop comes round. */
  | { readonly type: "beat"; readonly figures: WorkerFigures }
  /** It wants to be replaced. */
  | { readonly type: "retire"; readonly reason: RetirementReason }
  /** It has stopped gracefully, and ends. Counts connections: those that ended by themselves, and those that were cut at the deadline. */
  | { readonly type: "stopped"; readonly finished: number; readonly aborted: number };

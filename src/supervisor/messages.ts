/** What the parent and a worker say to each other. Everything survives JSON. */
import type { Address } from "../net/address.ts";

/** What a worker is started with. */
export interface WorkerData {
  /** The application, as an import string. */
  readonly app: string;
  /** Where files and packages are looked for. */
  readonly cwd: string;
  /** The addresses of the inherited sockets, in their order. */
  readonly addresses: readonly Address[];
  /** Milliseconds for a graceful stop that nobody has asked for: the parent has died. */
  readonly gracefulTimeout: number;
}

/** From the parent. `deadline`: milliseconds for a graceful stop. */
export type ToWorker = { readonly type: "stop"; readonly deadline: number };

/** From a worker. */
export type FromWorker =
  /** It serves. `description` is the application's import string in full. */
  | { readonly type: "ready"; readonly description: string }
  /** It can't serve, and ends. `message` is one line for the user. */
  | { readonly type: "failed"; readonly message: string }
  /** It has stopped gracefully, and ends. Counts connections: those that ended by themselves, and those that were cut at the deadline. */
  | { readonly type: "stopped"; readonly finished: number; readonly aborted: number };

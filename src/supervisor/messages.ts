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

/** From the parent. `deadline`: milliseconds for a graceful stop. */
export type ToWorker = { readonly type: "stop"; readonly deadline: number };

/** From a worker. */
export type FromWorker =
  /** It serves. */
  | { readonly type: "ready"; readonly application: ServedApplication }
  /** It can't serve, and ends. `message` is one line for the user. */
  | { readonly type: "failed"; readonly message: string }
  /** It has stopped gracefully, and ends. Counts connections: those that ended by themselves, and those that were cut at the deadline. */
  | { readonly type: "stopped"; readonly finished: number; readonly aborted: number };

/** What a socket server and its workers say to each other. All of it survives the structured clone algorithm. */
import type { Address } from "../address.ts";
import type { ConnectionOptions } from "../connection/connection.ts";
import type { ListenerOptions } from "../listener/listener.ts";
import type { SentError } from "./sent-error.ts";

/** What a worker is started with. */
export interface WorkerData {
  /** The URL of the handler's module. */
  readonly handler: string;
  /** Paths in error messages are relative to it. */
  readonly cwd: string;
  /** The addresses of its sockets. */
  readonly addresses: readonly Address[];
  readonly options: Omit<ListenerOptions, "onError" | "onRefused"> & ConnectionOptions;
  /** Whether the parent wants to know of refused connections. */
  readonly tellRefused: boolean;
  /** Threads for the process to serve with. */
  readonly threads?: number;
  /** The threads' counts of connections, and which one is this thread's. */
  readonly counts?: Int32Array;
  readonly seat?: number;
}

/** To a worker. */
export type ToWorker = {
  readonly type: "stop";
  /**
   * Milliseconds until the rest is cut; Infinity waits for as long as it takes. With null it stops accepting, and its
   * connections last as long as they would have. Sent again to bring it forward.
   */
  readonly deadline: number | null;
};

/** From a worker. */
export type FromWorker =
  /** It serves. */
  | { readonly type: "ready" }
  /** It can't serve, and ends. */
  | { readonly type: "failed"; readonly error: SentError }
  /** How many connections it has. Said at once after a quiet time, and twice a second at most. */
  | { readonly type: "active"; readonly connections: number }
  /** Something that `onError` is told of. */
  | { readonly type: "error"; readonly error: SentError }
  /** A connection that is not served; `refusal` is what `onRefused` is called with. */
  | { readonly type: "refused"; readonly refusal: Refusal }
  /** Another has to take its place: it can't replace a thread that has died, or was told to end by somebody else. */
  | { readonly type: "replace" }
  /** It has stopped, and ends. */
  | { readonly type: "stopped"; readonly finished: number; readonly aborted: number };

export type Refusal = Parameters<NonNullable<ListenerOptions["onRefused"]>>;

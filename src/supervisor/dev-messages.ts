/** What the parent and the processes of `socle dev` say to each other. Everything survives JSON. */
import type { Trouble } from "./dev-page.ts";
import type { ApplicationChoice, ServedApplication, WorkerData } from "./messages.ts";

/** What a process of `socle dev` is started with. */
export interface DevWorkerData extends WorkerData, ApplicationChoice {
  /** Further hosts that requests may be for. */
  readonly allowedHosts: readonly string[];
  /** Whether the application's pages reload themselves when the code has changed. */
  readonly liveReload: boolean;
  /** The version of Socle, for the error page. */
  readonly version: string;
}

/** A file of the application's, and a mark that changes whenever the file does; "" where there is none. */
export interface WatchedFile {
  readonly path: string;
  readonly stamp: string;
}

export type ToDevWorker =
  /** Load the application, and serve it or what went wrong. Until then a process is only kept at hand. */
  | { readonly type: "load" }
  /** Serve nothing but this. */
  | { readonly type: "show"; readonly trouble: Trouble }
  /** Accept no more, and end within `deadline` milliseconds: the code is old. */
  | { readonly type: "stop"; readonly deadline: number };

export type FromDevWorker =
  /** It is about to load this file, or looked for it in vain. */
  | { readonly type: "file"; readonly file: WatchedFile }
  /** It serves the application. */
  | { readonly type: "ready"; readonly application: ServedApplication }
  /** It serves the trouble in the application's place. */
  | { readonly type: "troubled"; readonly trouble: Trouble }
  /** It serves what it was told to show. */
  | { readonly type: "shown" }
  /** It can't listen, and ends. `message` is one line for the user. */
  | { readonly type: "failed"; readonly message: string }
  /** Its process is about to die of what the application has thrown past everybody. */
  | { readonly type: "crashed"; readonly trouble: Trouble }
  /** An answer was begun. `status` is 0 where the connection was cut. */
  | {
      readonly type: "answered";
      readonly method: string;
      readonly target: string;
      readonly status: number;
      readonly milliseconds: number;
    }
  /** A handler has failed. `request` is its method and target, or "". */
  | { readonly type: "fault"; readonly request: string; readonly trouble: Trouble };

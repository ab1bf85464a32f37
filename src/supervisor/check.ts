/** Finds out what an application is, without serving it: in a process of its own, which ends whatever the application leaves open. */
import type { ListedRoute } from "../gateway/routes.ts";
import { startProcess } from "../net/workers/workers.ts";
import type { ApplicationChoice, ServedApplication } from "./messages.ts";
import { describeEnd } from "./worker-handle.ts";

export interface CheckOptions
  extends Pick<ApplicationChoice, "app">,
    Partial<Pick<ApplicationChoice, "cwd" | "fastFetch">> {
  /** What the application speaks. Default: what its shape says. */
  readonly interface?: ApplicationChoice["interface"];
  /** Milliseconds that all of it may take. Default 10 s. */
  readonly timeout?: number;
}

/** What an application was found to be. */
export interface CheckReport extends ServedApplication {
  /** Null where the application has no public way to tell them. */
  readonly routes: readonly ListedRoute[] | null;
  /** Whether the module listens on a TCP port itself, which is `socle serve`'s to do. */
  readonly listens: boolean;
  /** How the module listens with the application that it exports, which `socle serve` leaves out: `listen(3000)`. */
  readonly leftOut: readonly string[];
}

/** From the process that loads it. */
export type FromCheckWorker =
  | { readonly type: "checked"; readonly report: CheckReport }
  /** `message` is one line for the user. */
  | { readonly type: "failed"; readonly message: string };

/** What keeps an application from being served, in one line. */
export class CheckError extends Error {
  override readonly name = "CheckError";
}

const entry: URL = new URL(
  import.meta.url.endsWith(".ts") ? "./check-worker.ts" : "./check-worker.js",
  import.meta.url,
);

/**
 * Loads and starts an application as a worker does before its first request, and stops it.
 * @throws CheckError where it could not be served
 */
export function checkApplication(options: CheckOptions): Promise<CheckReport> {
  const timeout = options.timeout ?? 10_000;
  const choice: ApplicationChoice = {
    app: options.app,
    cwd: options.cwd ?? process.cwd(),
    interface: options.interface ?? null,
    fastFetch: options.fastFetch ?? false,
    validate: false,
  };
  return new Promise((resolve, reject) => {
    let said: FromCheckWorker | undefined;
    let late = false;
    const startedAt = performance.now();
    const worker = startProcess<never, FromCheckWorker>({
      entry,
      listeners: [],
      data: choice,
      onMessage(message) {
        said ??= message;
      },
      onExit(exit) {
        clearTimeout(timer);
        if (said?.type === "checked") return resolve(said.report);
        const lifetime = performance.now() - startedAt;
        const end = {
          during: "starting",
          exit,
          failure: said?.message ?? null,
          aborted: 0,
          lifetime,
        } as const;
        const why = late
          ? `${choice.app} could not be loaded, started and stopped within ${timeout / 1000} s`
          : describeEnd("the process that loads it", end);
        reject(new CheckError(why));
      },
    });
    const timer = setTimeout(() => {
      late = true;
      worker.kill("SIGKILL");
    }, timeout);
  });
}

/** What a worker of a socket server does beside serving: it answers its parent, and ends when told to or orphaned. */
import { isMainThread } from "node:worker_threads";
import { holdWarnings } from "../loader/hold-warnings.ts";
import type { WorkerLink } from "../workers/workers.ts";
import type { CloseReport } from "./connection-runner.ts";
import { toSentError } from "./sent-error.ts";
import type { FromWorker, ToWorker, WorkerData } from "./server-messages.ts";

/** What a worker stands on. */
export type ServerLink = WorkerLink<ToWorker, FromWorker, WorkerData>;

/** What a worker does. */
export interface WorkerRole {
  /** Begins to serve; resolves when it does. */
  start(): Promise<void>;
  /** Stops serving, with a deadline as that of `ToWorker`. Called again to bring it forward. */
  stop(deadline: number | null): Promise<CloseReport>;
}

/** Milliseconds that connections have to finish in when the parent has died. */
const orphanDeadline = 10_000;

/** Plays a role until its end, and ends the process or thread. */
export async function live(link: ServerLink, role: WorkerRole): Promise<void> {
  let serving = false;
  let stopping = false;

  function stop(deadline: number | null): void {
    if (!serving) process.exit(0);
    const stopped = role.stop(deadline);
    if (stopping) return;
    stopping = true;
    stopped.then(async ({ finished, aborted }) => {
      await link.send({ type: "stopped", finished, aborted });
      process.exit(0);
    });
  }
  async function fail(error: unknown): Promise<void> {
    await link.send({ type: "failed", error: toSentError(error) });
    process.exit(1);
  }

  link.onMessage(({ deadline }) => stop(deadline));
  link.onOrphaned(() => stop(orphanDeadline));
  if (isMainThread) {
    // The terminal sends Ctrl-C to the whole group, service managers SIGTERM; the parent decides what it means. It
    // has another ready before a worker ends that was sent SIGTERM alone.
    process.on("SIGINT", () => {});
    process.on("SIGTERM", () => void link.send({ type: "replace" }));
  }
  // Until it serves, an error that the handler's module has thrown past everybody is told as well.
  process.once("uncaughtException", fail);
  const releaseWarnings = holdWarnings();
  try {
    await role.start();
    serving = true;
    releaseWarnings();
    process.off("uncaughtException", fail);
    await link.send({ type: "ready" });
  } catch (error) {
    await fail(error);
  }
}

/** Milliseconds between two reports. */
const reportInterval = 500;

/** Tells the parent how many connections there are: at once after a quiet time, and twice a second at most. */
export class ActiveReporter {
  readonly #link: ServerLink;
  #connections = 0;
  #reported = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(link: ServerLink) {
    this.#link = link;
  }

  set(connections: number): void {
    this.#connections = connections;
    if (this.#timer === undefined) this.#report();
  }

  #report(): void {
    this.#timer = undefined;
    if (this.#connections === this.#reported) return;
    this.#reported = this.#connections;
    void this.#link.send({ type: "active", connections: this.#connections });
    this.#timer = setTimeout(() => this.#report(), reportInterval);
    this.#timer.unref();
  }
}

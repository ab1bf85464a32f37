/** The parent's view of one worker. What runs inside the process is worker.ts. */
import type { Address } from "../net/address.ts";
import { describeExit, startProcess, type Worker, type WorkerExit } from "../net/workers/workers.ts";
import type { Generation } from "./generation.ts";
import type {
  FromWorker,
  RetirementReason,
  ServedApplication,
  ServingData,
  ToWorker,
  WorkerFigures,
} from "./messages.ts";
import { isStopped } from "./process-state.ts";

/** The states of a worker. docs/supervisor.md says what each of them means. */
export type WorkerState = "starting" | "serving" | "retiring" | "stopping" | "ended";

/** Where each state can lead. */
export const workerTransitions: Readonly<Record<WorkerState, readonly WorkerState[]>> = {
  starting: ["serving", "stopping", "ended"],
  serving: ["retiring", "stopping", "ended"],
  retiring: ["stopping", "ended"],
  stopping: ["ended"],
  ended: [],
};

/** How a worker's life ended. */
export interface WorkerEnd {
  /** The state that it ended in; `stopping` is the only one that was asked for. */
  readonly during: WorkerState;
  readonly exit: WorkerExit;
  /** Why it could not serve, in its own words, or why it was killed; null where nothing is known. */
  readonly failure: string | null;
  /** Connections that were cut at the deadline of its stop. */
  readonly aborted: number;
  /** Milliseconds since its start. */
  readonly lifetime: number;
}

export interface WorkerEvents {
  onReady(worker: WorkerHandle, application: ServedApplication): void;
  /** It wants to be replaced. */
  onRetire(worker: WorkerHandle, reason: RetirementReason): void;
  onEnd(worker: WorkerHandle, end: WorkerEnd): void;
}

const entry: URL = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);

/** Milliseconds beyond its deadline after which a worker that was to stop is killed. */
const killAfter = 1000;

export class WorkerHandle {
  readonly generation: Generation;
  readonly number: number;
  readonly startedAt: number = performance.now();
  /** What it has told with its last beat. */
  figures: WorkerFigures | null = null;
  readonly #worker: Worker<ToWorker>;
  readonly #events: WorkerEvents;
  #state: WorkerState = "starting";
  #lastSign: number = this.startedAt;
  #failure: string | null = null;
  #aborted = 0;
  #killTimer: NodeJS.Timeout | undefined;

  /** Starts the process. `listeners` are descriptors of bound sockets. */
  constructor(
    generation: Generation,
    number: number,
    listeners: readonly number[],
    addresses: readonly Address[],
    events: WorkerEvents,
  ) {
    this.generation = generation;
    this.number = number;
    this.#events = events;
    const data: ServingData = generation.dataFor(number, addresses);
    this.#worker = startProcess<ToWorker, FromWorker>({
      entry,
      listeners,
      data,
      cwd: generation.cwd,
      env: generation.env,
      onMessage: (message) => this.#take(message),
      onExit: (exit) => this.#end(exit),
    });
  }

  get state(): WorkerState {
    return this.#state;
  }

  /** Whether it answers requests, and was not asked to stop. */
  get isServing(): boolean {
    return this.#state === "serving" || this.#state === "retiring";
  }

  /** Undefined when the process could not be started. */
  get pid(): number | undefined {
    return this.#worker.pid;
  }

  /** Tells it that a stop is to come. */
  drain(): void {
    this.#worker.send({ type: "drain" });
  }

  /** It is to stop as soon as another one serves in its place. */
  retire(): void {
    if (this.#state === "serving") this.#enter("retiring");
  }

  /**
   * Asks for a graceful stop within `deadline` milliseconds. One that has not ended a
   * second after that is killed, and so is one that had nothing to finish yet.
   */
  stop(deadline: number): void {
    if (this.#state === "ended") return;
    const patience = this.#state === "starting" ? 0 : deadline;
    if (this.#state !== "stopping") this.#enter("stopping");
    this.#worker.send({ type: "stop", deadline: patience });
    clearTimeout(this.#killTimer);
    this.#killTimer = setTimeout(() => this.kill(), patience + killAfter);
  }

  /** Ends the process at once. @param why what is to be said of it, if it was not asked to stop */
  kill(why?: string): void {
    if (this.#state === "ended") return;
    if (why !== undefined) this.#failure ??= why;
    else if (this.#state !== "stopping") this.#enter("stopping");
    this.#worker.kill("SIGKILL");
  }

  /** Milliseconds since its start, or since it last gave a sign of life. */
  silence(now: number): number {
    return now - this.#lastSign;
  }

  /** Nobody could have heard of it for so many milliseconds. */
  forgive(milliseconds: number): void {
    this.#lastSign += milliseconds;
  }

  /** Whether its process is stopped (SIGSTOP, a debugger): nothing that it could do anything about. */
  get isSuspended(): boolean {
    return this.pid !== undefined && isStopped(this.pid);
  }

  #take(message: FromWorker): void {
    this.#lastSign = performance.now();
    switch (message.type) {
      case "ready":
        // One that was asked to stop meanwhile stays "stopping".
        if (this.#state !== "starting") return;
        this.#enter("serving");
        this.#events.onReady(this, message.application);
        return;
      case "failed":
        this.#failure ??= message.message;
        return;
      case "beat":
        this.figures = message.figures;
        return;
      case "retire":
        if (this.#state === "serving") this.#events.onRetire(this, message.reason);
        return;
      case "stopped":
        this.#aborted = message.aborted;
        return;
    }
  }

  #end(exit: WorkerExit): void {
    const during = this.#state;
    this.#enter("ended");
    clearTimeout(this.#killTimer);
    this.#events.onEnd(this, {
      during,
      exit,
      failure: this.#failure,
      aborted: this.#aborted,
      lifetime: performance.now() - this.startedAt,
    });
  }

  #enter(next: WorkerState): void {
    if (!workerTransitions[this.#state].includes(next)) {
      throw new Error(`a worker can't go from ${this.#state} to ${next}`);
    }
    this.#state = next;
  }
}

/** Why a worker called `name` has ended, in one line: its own words, or else what the system says. */
export function describeEnd(name: string, { during, exit, failure }: WorkerEnd): string {
  if (failure !== null) return failure;
  const when = during === "starting" ? " before it was ready" : "";
  const hint = during === "starting" && exit.code === 0 ? " (does the application call process.exit?)" : "";
  return `${name} ${describeExit(exit)}${when}${hint}`;
}

/** The parent's view of one worker. What runs inside the process is worker.ts. */
import { describeExit, startProcess, type Worker, type WorkerExit } from "../net/workers/workers.ts";
import type { FromWorker, ServedApplication, ToWorker, WorkerData } from "./messages.ts";

/**
 * The states of a worker, and where each can lead:
 *
 *     starting ──ready──▶ serving ──stop──▶ stopping ──exit──▶ ended
 *        │                   └────────exit─────────────────────▲▲
 *        └──────stop, exit──────────────────────────────────────┘
 */
export type WorkerState = "starting" | "serving" | "stopping" | "ended";

const transitions: Readonly<Record<WorkerState, readonly WorkerState[]>> = {
  starting: ["serving", "stopping", "ended"],
  serving: ["stopping", "ended"],
  stopping: ["ended"],
  ended: [],
};

/** How a worker's life ended. */
export interface WorkerEnd {
  /** The state that it ended in; `stopping` is the only one that was asked for. */
  readonly during: WorkerState;
  readonly exit: WorkerExit;
  /** Why it could not serve, in its own words; null where it said nothing. */
  readonly failure: string | null;
  /** Connections that were cut at the deadline of its stop. */
  readonly aborted: number;
  /** Milliseconds since its start. */
  readonly lifetime: number;
}

export interface WorkerEvents {
  onReady(worker: WorkerHandle, application: ServedApplication): void;
  onEnd(worker: WorkerHandle, end: WorkerEnd): void;
}

const entry: URL = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);

export class WorkerHandle {
  readonly #worker: Worker<ToWorker>;
  readonly #events: WorkerEvents;
  readonly #startedAt: number = performance.now();
  #state: WorkerState = "starting";
  #failure: string | null = null;
  #aborted = 0;
  #killTimer: NodeJS.Timeout | undefined;

  /** Starts the process. `listeners` are descriptors of bound sockets. */
  constructor(listeners: readonly number[], data: WorkerData, events: WorkerEvents) {
    this.#events = events;
    this.#worker = startProcess<ToWorker, FromWorker>({
      entry,
      listeners,
      data,
      onMessage: (message) => this.#take(message),
      onExit: (exit) => this.#end(exit),
    });
  }

  get state(): WorkerState {
    return this.#state;
  }

  /** Undefined when the process could not be started. */
  get pid(): number | undefined {
    return this.#worker.pid;
  }

  /**
   * Asks for a graceful stop within `deadline` milliseconds. One that has not ended a
   * second after that is killed, and so is one that had nothing to finish yet.
   */
  stop(deadline: number): void {
    if (this.#state === "stopping" || this.#state === "ended") return;
    const patience = this.#state === "starting" ? 0 : deadline;
    this.#enter("stopping");
    this.#worker.send({ type: "stop", deadline: patience });
    this.#killTimer = setTimeout(() => this.kill(), patience + 1000);
  }

  /** Ends the process at once. */
  kill(): void {
    if (this.#state === "ended") return;
    if (this.#state !== "stopping") this.#enter("stopping");
    this.#worker.kill("SIGKILL");
  }

  #take(message: FromWorker): void {
    switch (message.type) {
      case "ready":
        // One that was asked to stop meanwhile stays "stopping".
        if (this.#state !== "starting") return;
        this.#enter("serving");
        this.#events.onReady(this, message.application);
        return;
      case "failed":
        this.#failure = message.message;
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
      lifetime: performance.now() - this.#startedAt,
    });
  }

  #enter(next: WorkerState): void {
    if (!transitions[this.#state].includes(next)) {
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

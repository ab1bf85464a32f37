/**
 * Keeps a number of workers serving: starts them, replaces those that die, and stops them.
 * A server's processes are such a crew, and so are the threads of a process.
 */

import { type Deferred, deferred } from "../deferred.ts";
import { RespawnPolicy } from "../workers/respawn.ts";
import { describeExit, type Worker, type WorkerExit } from "../workers/workers.ts";
import type { CloseReport } from "./connection-runner.ts";
import { fromSentError } from "./sent-error.ts";
import type { FromWorker, Refusal, ToWorker } from "./server-messages.ts";
import { WorkerDied } from "./worker-died.ts";

/** What a member of a crew tells it. */
export interface MemberEvents {
  onMessage(message: FromWorker): void;
  onExit(exit: WorkerExit): void;
}

export interface CrewOptions {
  /** How many workers there shall be. */
  readonly size: number;
  /** What they are, for messages: `process` or `thread`. */
  readonly noun: string;
  /** Milliseconds after the deadline of a stop after which a worker that has not ended is killed. */
  readonly patience: number;
  /** Starts a worker, or returns undefined when there is nothing left to start one with. */
  start(seat: number, events: MemberEvents): Worker<ToWorker> | undefined;
  onError(error: Error): void;
  /** Told how many connections all of them have, as far as they have said. */
  onActive?(connections: number): void;
  readonly onRefused?: (...refusal: Refusal) => void;
  /** A worker can't be replaced, since there is nothing left to start one with. */
  onExhausted?(): void;
}

/**
 * The states of a worker, and where each can lead:
 *
 *     starting ──ready──▶ serving ──replace, and its successor is ready─▶ retiring
 *        │                   │                                                │
 *        └─────── stop ──────┴──────────────▶ stopping ◀──────────────────────┘
 *
 * and from each to its end. One that retires serves the connections that it has, for as long as they last.
 */
type MemberState = "starting" | "serving" | "retiring" | "stopping";

interface Member {
  readonly seat: number;
  readonly worker: Worker<ToWorker>;
  readonly startedAt: number;
  state: MemberState;
  /** The member that this one takes the place of. */
  readonly successorOf: Member | undefined;
  connections: number;
  failure: Error | undefined;
  killTimer: NodeJS.Timeout | undefined;
  /** When it will be killed. */
  killAt: number;
  stopped: boolean;
}

export class Crew {
  readonly #options: CrewOptions;
  readonly #members: Set<Member> = new Set();
  readonly #respawn: RespawnPolicy = new RespawnPolicy();
  readonly #respawnTimers: Set<NodeJS.Timeout> = new Set();
  #started: Deferred<void> | undefined;
  #stopping: Deferred<CloseReport> | undefined;
  #finished = 0;
  #aborted = 0;

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  /** How many connections the workers have, as far as they have said. */
  get connections(): number {
    let sum = 0;
    for (const member of this.#members) sum += member.connections;
    return sum;
  }

  /**
   * Starts the workers. Resolves when all of them serve; rejects with the first error, and no worker is left then.
   */
  async start(): Promise<void> {
    this.#started = deferred();
    for (let seat = 0; seat < this.#options.size; seat++) this.#spawn(seat);
    try {
      await this.#started.promise;
    } catch (error) {
      await (this.#stopping?.promise ?? this.stop(0));
      throw error;
    } finally {
      this.#started = undefined;
    }
  }

  /**
   * Stops the workers. Resolves when none is left. Called again, it can only bring the deadline forward.
   * @param deadline milliseconds that connections have to finish in; Infinity for as long as it takes; with null they
   *   last as long as they would have
   */
  stop(deadline: number | null): Promise<CloseReport> {
    this.#stopping ??= deferred();
    this.#started?.reject(new Error("the server was closed before it had started"));
    for (const timer of this.#respawnTimers) clearTimeout(timer);
    for (const member of this.#members) this.#stopMember(member, deadline);
    this.#endIfAlone();
    return this.#stopping.promise;
  }

  #spawn(seat: number, successorOf?: Member): void {
    let member: Member | undefined;
    const worker = this.#options.start(seat, {
      onMessage: (message) => this.#take(member!, message),
      onExit: (exit) => this.#takeExit(member!, exit),
    });
    if (worker === undefined) {
      this.#options.onExhausted?.();
      return;
    }
    member = {
      seat,
      worker,
      startedAt: performance.now(),
      state: "starting",
      successorOf,
      connections: 0,
      failure: undefined,
      killTimer: undefined,
      killAt: Number.POSITIVE_INFINITY,
      stopped: false,
    };
    this.#members.add(member);
  }

  #stopMember(member: Member, deadline: number | null): void {
    // One that is still starting has nothing to finish.
    const patience = member.state === "starting" ? 0 : deadline;
    member.state = "stopping";
    member.worker.send({ type: "stop", deadline: patience });
    const wait = (patience ?? Number.POSITIVE_INFINITY) + this.#options.patience;
    if (performance.now() + wait >= member.killAt) return;
    clearTimeout(member.killTimer);
    member.killAt = performance.now() + wait;
    member.killTimer = setTimeout(() => member.worker.kill("SIGKILL"), wait);
  }

  #take(member: Member, message: FromWorker): void {
    switch (message.type) {
      case "ready":
        this.#takeReady(member);
        return;
      case "failed":
        member.failure = fromSentError(message.error);
        return;
      case "active":
        member.connections = message.connections;
        this.#options.onActive?.(this.connections);
        return;
      case "error":
        this.#options.onError(fromSentError(message.error));
        return;
      case "refused":
        this.#options.onRefused?.(...message.refusal);
        return;
      case "replace":
        if (member.state === "serving" && !this.#isTaken(member.seat, member)) {
          this.#spawn(member.seat, member);
        }
        return;
      case "stopped":
        member.stopped = true;
        member.connections = 0;
        if (this.#stopping === undefined) return;
        this.#finished += message.finished;
        this.#aborted += message.aborted;
        return;
    }
  }

  #takeReady(member: Member): void {
    if (member.state !== "starting") return;
    member.state = "serving";
    const before = member.successorOf;
    if (before !== undefined && this.#members.has(before) && before.state === "serving") {
      before.state = "retiring";
      before.worker.send({ type: "stop", deadline: null });
    }
    const serving = [...this.#members].filter(({ state }) => state === "serving").length;
    if (serving >= this.#options.size) this.#started?.resolve();
  }

  #takeExit(member: Member, exit: WorkerExit): void {
    this.#members.delete(member);
    clearTimeout(member.killTimer);
    // What one that has died held is lost with it.
    if (!member.stopped && this.#stopping !== undefined) this.#aborted += member.connections;
    this.#options.onActive?.(this.connections);
    if (this.#stopping !== undefined) {
      this.#endIfAlone();
    } else if (this.#started !== undefined) {
      // Nothing was served yet, so the user is looking: the first error ends it.
      this.#started.reject(this.#describe(member, exit));
    } else if (member.state !== "retiring") {
      this.#replace(member, exit);
    }
  }

  #describe({ state, failure, worker, seat }: Member, exit: WorkerExit, next = ""): Error {
    const starting = state === "starting";
    if (failure !== undefined && starting) {
      return next === "" ? failure : new WorkerDied(`${failure.message}${next}`, null);
    }
    const when = starting ? " before it was ready" : "";
    const hint = starting && exit.code === 0 ? " (does the handler's module call process.exit?)" : "";
    const name = this.#options.noun === "thread" ? seat + 1 : worker.pid;
    const said = `${this.#options.noun} ${name ?? ""}`.trim();
    return new WorkerDied(`${said} ${describeExit(exit)}${when}${hint}${next}`, exit.error);
  }

  #replace(member: Member, exit: WorkerExit): void {
    const wait = this.#respawn.waitAfter(performance.now() - member.startedAt);
    const next = wait === 0 ? "; starting another" : `; starting another in ${wait} ms`;
    this.#options.onError(this.#describe(member, exit, next));
    const timer = setTimeout(() => {
      this.#respawnTimers.delete(timer);
      if (!this.#isTaken(member.seat, member.successorOf)) this.#spawn(member.seat, member.successorOf);
    }, wait);
    this.#respawnTimers.add(timer);
  }

  /** Whether a worker other than `before` has a seat. */
  #isTaken(seat: number, before: Member | undefined): boolean {
    const working = [...this.#members].filter(({ state }) => state === "starting" || state === "serving");
    return working.some((member) => member.seat === seat && member !== before);
  }

  #endIfAlone(): void {
    if (this.#members.size > 0) return;
    this.#stopping?.resolve({ finished: this.#finished, aborted: this.#aborted });
  }
}

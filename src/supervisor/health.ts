/**
 * Judges the workers by their signs of life: one that takes too long to serve, or whose event loop doesn't come round any more, is killed.
 *
 * The judge is a timer of the parent's, and knows when it was late itself: while the machine is suspended or the parent gets no
 * time, nobody can be heard, and that time counts against no one. Nor does the time in which a worker's process is stopped.
 */
import type { WorkerHandle } from "./worker-handle.ts";

/** Milliseconds between two looks. */
const interval = 500;
/** Milliseconds that a look may be late before it is the parent that was away. */
const tolerance = 500;

export class Health {
  readonly #workers: Iterable<WorkerHandle>;
  readonly #log: (line: string) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #suspended: WeakSet<WorkerHandle> = new WeakSet();
  #lastLook: number = performance.now();

  constructor(workers: Iterable<WorkerHandle>, log: (line: string) => void) {
    this.#workers = workers;
    this.#log = log;
    this.#timer = setInterval(() => this.#look(), interval);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    const away = now - this.#lastLook - interval;
    this.#lastLook = now;
    for (const worker of this.#workers) {
      if (away > tolerance) worker.forgive(away);
      this.#judge(worker, now);
    }
  }

  #judge(worker: WorkerHandle, now: number): void {
    const { bootTimeout, heartbeatTimeout } = worker.generation.settings;
    const limit = worker.state === "starting" ? bootTimeout : worker.isServing ? heartbeatTimeout : 0;
    if (limit === 0 || worker.silence(now) <= limit) return;
    if (worker.isSuspended) {
      worker.forgive(worker.silence(now));
      if (!this.#suspended.has(worker))
        this.#log(`worker ${worker.pid} is stopped (SIGSTOP?) and is waited for`);
      this.#suspended.add(worker);
      return;
    }
    const why =
      worker.state === "starting"
        ? `worker ${worker.pid} was not ready within ${limit / 1000} s and was killed`
        : `worker ${worker.pid} was killed: its event loop was blocked for more than ${limit / 1000} s`;
    worker.kill(why);
  }
}

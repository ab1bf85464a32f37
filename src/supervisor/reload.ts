/**
 * A reload: the workers of a new generation take the place of the old ones, in batches. Old ones are asked to stop only when as many
 * new ones serve. The first new worker that fails ends it, and the old generation goes on as if nothing had been.
 */
import type { Generation } from "./generation.ts";
import { SupervisorError } from "./serve-options.ts";
import { describeEnd, type WorkerEnd, type WorkerHandle } from "./worker-handle.ts";

/** What a reload asks of the supervisor. */
export interface ReloadHost {
  /** How many workers there are to be. */
  readonly target: number;
  /** Those that have not ended. */
  readonly workers: Iterable<WorkerHandle>;
  /** Whether it still serves. */
  readonly isServing: boolean;
  spawn(generation: Generation): void;
  stopWorker(worker: WorkerHandle): void;
}

export class Reload {
  readonly generation: Generation;
  readonly #host: ReloadHost;
  #onProgress: () => void = () => {};
  #progress: Promise<void> = this.#nextChange();
  #failure: string | null = null;

  constructor(host: ReloadHost, generation: Generation) {
    this.#host = host;
    this.generation = generation;
  }

  /** @throws SupervisorError if a new worker fails, or the supervisor stops meanwhile */
  async run(): Promise<void> {
    const host = this.#host;
    for (let ready = 0; ready < host.target; ready = this.#serving().length) {
      const { reloadBatch } = this.generation.settings;
      const batch = Math.min(ready === 0 ? 1 : reloadBatch, host.target - ready);
      for (let n = 0; n < batch; n++) host.spawn(this.generation);
      while (this.#serving().length < ready + batch) await this.#nextProgress();
      for (const worker of this.#old().slice(0, batch)) host.stopWorker(worker);
    }
    for (const worker of this.#old()) host.stopWorker(worker);
  }

  /** A worker of the new generation serves. */
  takeReady(): void {
    this.#wake();
  }

  /** A worker of the new generation has ended. */
  takeEnd(worker: WorkerHandle, end: WorkerEnd): void {
    if (end.during !== "stopping")
      this.#failure ??= describeEnd(`the new worker ${worker.pid ?? ""}`.trim(), end);
    this.#wake();
  }

  /** The supervisor stops. */
  cancel(): void {
    this.#wake();
  }

  /** Stops what was started. */
  undo(): void {
    for (const worker of this.#host.workers) {
      if (worker.generation === this.generation) this.#host.stopWorker(worker);
    }
  }

  async #nextProgress(): Promise<void> {
    await this.#progress;
    this.#progress = this.#nextChange();
    if (!this.#host.isServing) throw new SupervisorError("the server stops");
    if (this.#failure !== null) throw new SupervisorError(this.#failure);
  }

  /** Resolves when something has changed. */
  #nextChange(): Promise<void> {
    return new Promise((resolve) => {
      this.#onProgress = resolve;
    });
  }

  #wake(): void {
    this.#onProgress();
  }

  #serving(): WorkerHandle[] {
    return [...this.#host.workers].filter(
      ({ generation, isServing }) => generation === this.generation && isServing,
    );
  }

  /** Workers of earlier generations that were not asked to stop, the oldest first. */
  #old(): WorkerHandle[] {
    return [...this.#host.workers].filter(
      ({ generation, state }) => generation !== this.generation && state !== "stopping",
    );
  }
}

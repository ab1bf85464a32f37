/** The parent's view of one process of `socle dev`. What runs inside is dev-worker.ts. */
import { startProcess, type Worker, type WorkerExit } from "../net/workers/workers.ts";
import type { DevWorkerData, FromDevWorker, ToDevWorker, WatchedFile } from "./dev-messages.ts";
import type { Trouble } from "./dev-page.ts";

/**
 * `spare` waits for its turn; `loading` has got it; `serving` answers, if only with what went wrong; `stopping` is old, and was told
 * so.
 */
export type DevWorkerState = "spare" | "loading" | "serving" | "stopping" | "ended";

export interface DevWorkerEvents {
  /** What it says, but for the files. */
  onMessage(worker: DevWorkerHandle, message: FromDevWorker): void;
  /** It has come to a file. */
  onFile(worker: DevWorkerHandle, file: WatchedFile): void;
  /** Its state is still the one that it ended in. */
  onEnd(worker: DevWorkerHandle, exit: WorkerExit): void;
}

const entry: URL = new URL(
  import.meta.url.endsWith(".ts") ? "./dev-worker.ts" : "./dev-worker.js",
  import.meta.url,
);

export class DevWorkerHandle {
  /** The files that it has loaded, or looked for. */
  readonly files: WatchedFile[] = [];
  /** What its process is about to die of. */
  crash: Trouble | null = null;
  /** Why it can't listen. */
  failure: string | null = null;
  readonly #worker: Worker<ToDevWorker>;
  readonly #events: DevWorkerEvents;
  #state: DevWorkerState = "spare";
  #loadedAt = 0;
  #killTimer: NodeJS.Timeout | undefined;

  constructor(listeners: readonly number[], data: DevWorkerData, events: DevWorkerEvents) {
    this.#events = events;
    this.#worker = startProcess<ToDevWorker, FromDevWorker>({
      entry,
      listeners,
      data,
      onMessage: (message) => this.#take(message),
      onExit: (exit) => this.#end(exit),
    });
  }

  get state(): DevWorkerState {
    return this.#state;
  }

  get pid(): number | undefined {
    return this.#worker.pid;
  }

  /** Milliseconds since it was told to load. */
  get lifetime(): number {
    return performance.now() - this.#loadedAt;
  }

  /** Has a spare process load the application. */
  load(): void {
    this.#begin({ type: "load" });
  }

  /** Has a spare process serve nothing but this. */
  show(trouble: Trouble): void {
    this.#begin({ type: "show", trouble });
  }

  /** Asks for an end within `deadline` milliseconds. One that serves nothing yet has nothing to finish. */
  stop(deadline: number): void {
    if (this.#state === "stopping" || this.#state === "ended") return;
    if (this.#state !== "serving") {
      this.kill();
      return;
    }
    this.#state = "stopping";
    this.#worker.send({ type: "stop", deadline });
    this.#killTimer = setTimeout(() => this.kill(), deadline + 1000);
  }

  /** Ends the process at once. */
  kill(): void {
    if (this.#state === "ended") return;
    this.#state = "stopping";
    this.#worker.kill("SIGKILL");
  }

  #begin(message: ToDevWorker): void {
    this.#state = "loading";
    this.#loadedAt = performance.now();
    this.#worker.send(message);
  }

  #take(message: FromDevWorker): void {
    switch (message.type) {
      case "file":
        this.files.push(message.file);
        if (this.#state !== "stopping") this.#events.onFile(this, message.file);
        return;
      case "crashed":
        this.crash = message.trouble;
        return;
      case "failed":
        this.failure = message.message;
        return;
      case "shown":
      case "ready":
      case "troubled":
        if (this.#state === "loading") this.#state = "serving";
    }
    this.#events.onMessage(this, message);
  }

  #end(exit: WorkerExit): void {
    clearTimeout(this.#killTimer);
    this.#events.onEnd(this, exit);
    this.#state = "ended";
  }
}

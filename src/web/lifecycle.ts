/** What an app does when it starts and stops, and what it has going on besides answering. */
import { isThenable } from "../gateway/application.ts";

export type LifecycleHook = () => void | Promise<void>;

/** Something to be done that no answer waits for. */
export type BackgroundTask = PromiseLike<unknown> | ((signal: AbortSignal) => unknown);

export class Lifecycle {
  readonly #onStart: LifecycleHook[] = [];
  readonly #onDrain: LifecycleHook[] = [];
  readonly #onStop: LifecycleHook[] = [];
  readonly #tasks: Set<PromiseLike<unknown>> = new Set();
  readonly #log: (error: unknown) => void;
  /** Aborted when the app stops; made with the first task. */
  #stopping: AbortController | undefined;
  #started = false;

  constructor(log: (error: unknown) => void) {
    this.#log = log;
  }

  /** @throws TypeError for what is no function, and once the app has started: nobody would call it. */
  addStart(hook: LifecycleHook): void {
    if (typeof hook !== "function") throw new TypeError(`onStart() takes a function, not ${typeof hook}`);
    if (this.#started) throw new TypeError("onStart() comes too late: the app has started");
    this.#onStart.push(hook);
  }

  /** @throws TypeError for what is no function. */
  addDrain(hook: LifecycleHook): void {
    if (typeof hook !== "function") throw new TypeError(`onDrain() takes a function, not ${typeof hook}`);
    this.#onDrain.push(hook);
  }

  /** @throws TypeError for what is no function. */
  addStop(hook: LifecycleHook): void {
    if (typeof hook !== "function") throw new TypeError(`onStop() takes a function, not ${typeof hook}`);
    this.#onStop.push(hook);
  }

  /** Calls the hooks one after the other, the first that was added first. Rejected with what the first one throws that fails. */
  async start(): Promise<void> {
    this.#started = true;
    for (const hook of this.#onStart) await hook();
  }

  /** Calls the hooks for a stop that is to come, all at once. What they throw is logged. */
  async drain(): Promise<void> {
    const call = async (hook: LifecycleHook): Promise<void> => {
      try {
        await hook();
      } catch (error) {
        this.#log(error);
      }
    };
    await Promise.all(this.#onDrain.map(call));
  }

  /** Tells the tasks that the app is to stop, and waits for them. */
  async finishTasks(): Promise<void> {
    this.#stopping?.abort(new DOMException("the app stops", "AbortError"));
    this.#stopping = undefined;
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
  }

  /** Calls the hooks, the last that was added first. One that fails keeps no other from being called; its error is thrown afterwards. */
  async stop(): Promise<void> {
    this.#started = false;
    const errors: unknown[] = [];
    for (const hook of this.#onStop.toReversed()) {
      try {
        await hook();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 1) throw new AggregateError(errors, "several onStop hooks failed");
    if (errors.length === 1) throw errors[0];
  }

  /** @throws TypeError for what is neither a function nor a promise */
  run(task: BackgroundTask): void {
    let running: unknown = task;
    if (typeof task === "function") {
      this.#stopping ??= new AbortController();
      try {
        running = task(this.#stopping.signal);
      } catch (error) {
        this.#log(error);
        return;
      }
    } else if (!isThenable(task)) {
      throw new TypeError("background() takes a function or a promise");
    }
    if (!isThenable(running)) return;
    const watched = running.then(
      () => void this.#tasks.delete(watched),
      (error: unknown) => {
        this.#tasks.delete(watched);
        this.#log(error);
      },
    );
    this.#tasks.add(watched);
  }
}

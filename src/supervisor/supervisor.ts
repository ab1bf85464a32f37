/**
 * The parent process: it binds the sockets, starts the workers that inherit them,
 * replaces those that die, and never touches a connection.
 *
 * What there is to be is a number of workers of the current generation; `#reconcile` makes it so. A reload is the one time when
 * two generations serve, and has a file of its own. docs/supervisor.md has the states.
 */
import { type Address, formatAddress } from "../net/address.ts";
import { type BoundListener, bind } from "../net/listener/bind.ts";
import { Generation } from "./generation.ts";
import { Health } from "./health.ts";
import type { RetirementReason, ServedApplication } from "./messages.ts";
import { Reload, type ReloadHost } from "./reload.ts";
import { type ServeOptions, type ServeSettings, SupervisorError, toSettings } from "./serve-options.ts";
import { startSuccessor, type TakenOver } from "./take-over.ts";
import { describeEnd, type WorkerEnd, type WorkerEvents, WorkerHandle } from "./worker-handle.ts";

export { type ServeOptions, SupervisorError } from "./serve-options.ts";

/**
 * `starting` → `serving` → `draining` → `stopping` → `stopped`. A stop, or a failure of the first workers, leads from `starting` to
 * `stopping`; without a `drainDelay` `draining` is left out.
 */
export type SupervisorState = "starting" | "serving" | "draining" | "stopping" | "stopped";

export interface StopOptions {
  /** Ends everything at once, unfinished answers too. Default false. */
  readonly force?: boolean;
  /** Milliseconds that requests in flight have, without any delay before. Default: `drainDelay`, then `gracefulTimeout`. */
  readonly deadline?: number;
}

/** Milliseconds that a new server has to start besides its workers. */
const successorGrace = 10_000;

/** Workers that die one after the other, soon after their start, until it is given up where nobody serves any more. */
const crashLimit = 10;

/**
 * Serves an application with worker processes. Resolves when all of them serve.
 * @throws AddressError, BindError, SupervisorError; nothing is left running then.
 */
export async function serve(options: ServeOptions): Promise<Supervisor> {
  const supervisor = new Supervisor(options);
  await supervisor.start();
  return supervisor;
}

export class Supervisor implements AsyncDisposable {
  /** Resolves when it has stopped: no worker and no socket is left. */
  readonly stopped: Promise<void>;

  /** When it was made (`performance.now()`). */
  readonly startedAt: number = performance.now();
  readonly #workers: Set<WorkerHandle> = new Set();
  readonly #health: Health;
  readonly #resolveStopped: () => void;
  readonly #workerEvents: WorkerEvents = {
    onReady: (worker, application) => this.#takeReady(worker, application),
    onRetire: (worker, reason) => this.#takeRetire(worker, reason),
    onEnd: (worker, end) => this.#takeEnd(worker, end),
  };
  #settings: ServeSettings;
  /** What the workers are started from. */
  #current: Generation;
  #lastGeneration = 1;
  #lastWorker = 0;
  #deaths = 0;
  #target: number;
  #state: SupervisorState = "starting";
  #listeners: BoundListener[] = [];
  readonly #takenOver: TakenOver | undefined;
  /** Whether the sockets go on elsewhere. */
  #handedOver = false;
  #handingOver = false;
  #reload: Reload | undefined;
  #reloading: Promise<void> | undefined;
  #failure: string | null = null;
  #gaveUp = false;
  #onProgress: (() => void) | undefined;
  #respawnTimer: NodeJS.Timeout | undefined;
  #drainTimer: NodeJS.Timeout | undefined;

  /** Does nothing before `start`. @param takenOver what a server that this one is to replace has handed over */
  constructor(options: ServeOptions, takenOver?: TakenOver) {
    this.#takenOver = takenOver;
    this.#settings = toSettings(options);
    this.#current = new Generation(1, this.#settings);
    this.#target = this.#settings.workers;
    this.#health = new Health(this.#workers, (line) => this.#log(line));
    let resolveStopped = (): void => {};
    this.stopped = new Promise((resolve) => {
      resolveStopped = resolve;
    });
    this.#resolveStopped = resolveStopped;
  }

  get state(): SupervisorState {
    return this.#state;
  }

  /** Where it listens, with the ports that the system chose. */
  get addresses(): readonly Address[] {
    return this.#listeners.map((listener) => listener.address);
  }

  /** What the application was found to be. Known once it serves, null before. */
  get application(): ServedApplication | null {
    return this.#current.application;
  }

  /** The process ids of the workers that serve. */
  get workers(): readonly number[] {
    return [...this.#workers].filter(({ isServing }) => isServing).map(({ pid }) => pid!);
  }

  /** The number of the generation that serves: 1 for the start, and one more with each reload that was tried. */
  get generation(): number {
    return this.#current.number;
  }

  /** How many workers there are to be. */
  get target(): number {
    return this.#target;
  }

  /** Why it has stopped by itself: the workers died one after the other. Null where it was told to stop. */
  get crashed(): string | null {
    return this.#gaveUp ? this.#failure : null;
  }

  /** Workers that have ended without having been told to. */
  get deaths(): number {
    return this.#deaths;
  }

  /** Every worker that has not ended. */
  get fleet(): Iterable<WorkerHandle> {
    return this.#workers;
  }

  /**
   * Binds, starts the workers, and resolves when all of them serve, or when `stop` was
   * called before that (see `state`).
   * @throws BindError; SupervisorError when the application can't be served
   */
  async start(): Promise<void> {
    try {
      for (const address of this.#settings.bind) {
        const listener = this.#takenOver?.take(formatAddress(address)) ?? (await bind(address));
        this.#listeners.push(listener);
      }
    } catch (error) {
      await this.stop();
      throw error;
    }
    const started = new Promise<void>((resolve) => {
      this.#onProgress = resolve;
    });
    // A stop may have come while a host name was looked up.
    if (this.#state === "starting") this.#reconcile();
    else this.#closeListeners();
    if (this.#state === "starting") await started;
    if (this.#failure !== null && !this.#gaveUp) {
      await this.stopped;
      throw new SupervisorError(this.#failure);
    }
    if (this.#state === "serving") await this.#takenOver?.announce();
  }

  /**
   * Replaces all workers by new ones that load the application anew. The old ones stop only when new ones serve; if one of the new
   * ones fails, all is left as it was. One that is asked for while another is under way comes after it, once.
   * @param options what is to be otherwise from now on; `bind` stays as it is
   * @throws SupervisorError when the new workers can't serve, or it does not serve itself
   */
  async reload(options?: ServeOptions): Promise<void> {
    if (this.#state !== "serving")
      throw new SupervisorError(`nothing can be reloaded while the server is ${this.#state}`);
    const settings =
      options === undefined ? this.#settings : { ...toSettings(options), bind: this.#settings.bind };
    while (this.#reloading !== undefined) await this.#reloading.catch(() => {});
    if (this.#state !== "serving") throw new SupervisorError("the server stops");
    const generation = new Generation(++this.#lastGeneration, settings);
    this.#reloading = this.#runReload(generation).finally(() => {
      this.#reloading = undefined;
    });
    await this.#reloading;
  }

  /**
   * Changes how many workers there are, until a reload says otherwise. Resolves at once; those that are too many finish what they hold.
   * @throws SupervisorError for less than 1
   */
  scale(workers: number): void {
    if (!Number.isInteger(workers) || workers < 1) {
      throw new SupervisorError(`there can't be ${workers} workers: give a whole number from 1 up`);
    }
    this.#target = workers;
    this.#reconcile();
  }

  /**
   * Has a new server take the sockets over, which this very program is started as once more: with a new Node or a new Socle, if there is
   * one by now. When its workers serve this server stops. Resolves to its process id.
   * @throws SupervisorError if the new one does not come to serve: then this one goes on.
   */
  async handOver(): Promise<number> {
    if (this.#state !== "serving") {
      throw new SupervisorError(`nothing can be taken over while the server is ${this.#state}`);
    }
    if (this.#handingOver) throw new SupervisorError("a new server is about to take over already");
    this.#handingOver = true;
    try {
      const listeners = this.#listeners.map(({ fd, address }, index) => {
        return { fd, address, asked: formatAddress(this.#settings.bind[index] as Address) };
      });
      const pid = await startSuccessor(listeners, this.#settings.bootTimeout + successorGrace);
      this.#handedOver = true;
      void this.stop({ deadline: this.#settings.gracefulTimeout });
      return pid;
    } finally {
      this.#handingOver = false;
    }
  }

  /**
   * Stops gracefully: the sockets are closed, requests in flight finish within the
   * deadline, then the workers end. Resolves when none is left. Can be called again, with
   * `force`, to end it at once, or with a nearer deadline.
   */
  stop(options: StopOptions = {}): Promise<void> {
    const { force = false, deadline } = options;
    if (this.#state === "stopped") return this.stopped;
    if (this.#state === "serving" && !force && deadline === undefined && this.#settings.drainDelay > 0) {
      this.#beginDrain();
    } else if (this.#state !== "stopping") {
      this.#beginStop(deadline ?? this.#settings.gracefulTimeout);
    } else if (deadline !== undefined) {
      for (const worker of this.#workers) worker.stop(deadline);
    }
    if (force) for (const worker of this.#workers) worker.kill();
    return this.stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #beginDrain(): void {
    this.#state = "draining";
    this.#reload?.cancel();
    for (const worker of this.#workers) worker.drain();
    const { drainDelay, gracefulTimeout } = this.#settings;
    this.#drainTimer = setTimeout(() => this.#beginStop(gracefulTimeout), drainDelay);
  }

  #beginStop(deadline: number): void {
    if (this.#state !== "draining") for (const worker of this.#workers) worker.drain();
    this.#state = "stopping";
    clearTimeout(this.#drainTimer);
    clearTimeout(this.#respawnTimer);
    this.#reload?.cancel();
    // First ours, or clients could go on queueing on a socket that nobody accepts from.
    this.#closeListeners();
    for (const worker of this.#workers) worker.stop(deadline);
    this.#onProgress?.();
    this.#endIfAlone();
  }

  #closeListeners(): void {
    for (const listener of this.#listeners) {
      if (this.#handedOver) listener.leave();
      else listener.close();
    }
  }

  #endIfAlone(): void {
    if (this.#state !== "stopping" || this.#workers.size > 0) return;
    this.#state = "stopped";
    this.#health.stop();
    this.#resolveStopped();
  }

  async #runReload(generation: Generation): Promise<void> {
    const self = this;
    const host: ReloadHost = {
      get target() {
        return self.#target;
      },
      workers: this.#workers,
      get isServing() {
        return self.#state === "serving";
      },
      spawn: (generation) => this.#spawn(generation),
      stopWorker: (worker) => worker.stop(worker.generation.settings.gracefulTimeout),
    };
    if (generation.settings.workers !== this.#settings.workers) this.#target = generation.settings.workers;
    const reload = new Reload(host, generation);
    this.#reload = reload;
    try {
      await reload.run();
      this.#current = generation;
      this.#settings = generation.settings;
    } catch (error) {
      reload.undo();
      throw error;
    } finally {
      this.#reload = undefined;
      this.#reconcile();
    }
  }

  /** Starts and stops workers, so that there are as many of the current generation as there are to be. */
  #reconcile(): void {
    if (this.#state !== "starting" && this.#state !== "serving") return;
    const current = this.#current;
    // During a reload the new generation's take the places of the old ones' as they come to serve.
    const taken = this.#count((worker) => worker.generation === this.#reload?.generation && worker.isServing);
    const own = [...this.#workers].filter(({ generation }) => generation === current);
    const counted = own.filter(({ state }) => state === "starting" || state === "serving");
    const missing = this.#target - taken - counted.length;
    if (missing > 0) this.#spawnLater(missing);
    else if (this.#reload === undefined) {
      // The youngest have the least to finish.
      for (const worker of counted.slice(counted.length + missing))
        worker.stop(current.settings.gracefulTimeout);
    }
    // Each that is to be replaced stops when another serves in its place.
    const retiring = own.filter(({ state }) => state === "retiring");
    const serving = own.filter(({ state }) => state === "serving").length + taken;
    const spare = serving + retiring.length - this.#target;
    for (const worker of retiring.slice(0, Math.max(0, spare))) worker.stop(current.settings.gracefulTimeout);
  }

  #spawnLater(count: number): void {
    const wait = this.#current.notBefore - performance.now();
    if (wait <= 0) {
      for (let n = 0; n < count; n++) this.#spawn(this.#current);
      return;
    }
    clearTimeout(this.#respawnTimer);
    this.#respawnTimer = setTimeout(() => this.#reconcile(), wait);
  }

  #spawn(generation: Generation): void {
    const listeners = this.#listeners.map((listener) => listener.fd);
    this.#workers.add(
      new WorkerHandle(generation, ++this.#lastWorker, listeners, this.addresses, this.#workerEvents),
    );
  }

  #takeReady(worker: WorkerHandle, application: ServedApplication): void {
    worker.generation.application = application;
    if (worker.generation === this.#reload?.generation) this.#reload.takeReady();
    if (this.#state === "starting" && this.workers.length >= this.#target) {
      this.#state = "serving";
      this.#onProgress?.();
    }
    this.#reconcile();
  }

  #takeRetire(worker: WorkerHandle, reason: RetirementReason): void {
    if (this.#state !== "serving") return;
    this.#log(`worker ${worker.pid} is replaced: ${retirements[reason]}`);
    worker.retire();
    this.#reconcile();
  }

  #takeEnd(worker: WorkerHandle, end: WorkerEnd): void {
    this.#workers.delete(worker);
    const wasAsked = end.during === "stopping";
    if (!wasAsked) this.#deaths++;
    if (wasAsked && end.aborted > 0) {
      const cut = end.aborted === 1 ? "1 connection" : `${end.aborted} connections`;
      this.#log(`worker ${worker.pid}: cut ${cut} at the deadline`);
    }
    if (worker.generation === this.#reload?.generation) {
      this.#reload.takeEnd(worker, end);
      return;
    }
    if (wasAsked || this.#state === "draining" || this.#state === "stopping") {
      this.#endIfAlone();
      this.#reconcile();
      return;
    }
    if (this.#state === "starting") {
      // Nothing was served yet, so the user is looking: the first error ends it.
      this.#failure ??= describeEnd("the worker", end);
      this.#beginStop(0);
      return;
    }
    this.#replace(worker, end);
  }

  #replace(worker: WorkerHandle, end: WorkerEnd): void {
    const { generation } = worker;
    const what = describeEnd(`worker ${worker.pid ?? ""}`.trim(), end);
    const wait = generation.respawn.waitAfter(end.lifetime);
    generation.quickDeaths = wait === 0 && end.during !== "starting" ? 0 : generation.quickDeaths + 1;
    if (generation.quickDeaths >= crashLimit && this.#count(({ isServing }) => isServing) === 0) {
      this.#failure = `${crashLimit} workers in a row have died soon after their start, the last one: ${what}`;
      this.#gaveUp = true;
      this.#log(this.#failure);
      this.#beginStop(0);
      return;
    }
    if (generation !== this.#current) {
      this.#log(what);
    } else {
      this.#log(`${what}; ${wait === 0 ? "starting another" : `starting another in ${wait} ms`}`);
      generation.notBefore = performance.now() + wait;
    }
    this.#reconcile();
  }

  #count(isCounted: (worker: WorkerHandle) => boolean): number {
    return [...this.#workers].filter(isCounted).length;
  }

  #log(line: string): void {
    this.#settings.log(line);
  }
}

const retirements: Readonly<Record<RetirementReason, string>> = {
  "max-requests": "it has answered as many requests as it may (max-requests)",
  "max-lifetime": "it has served as long as it may (max-lifetime)",
  "max-memory": "it holds more memory than it may (max-memory)",
};

/**
 * The parent process: it binds the sockets, starts the workers that inherit them,
 * replaces those that die, and never touches a connection.
 */
import type { Interface } from "../gateway/classify.ts";
import { type Address, parseAddress } from "../net/address.ts";
import { type BoundListener, bind } from "../net/listener/bind.ts";
import { RespawnPolicy } from "../net/workers/respawn.ts";
import type { ServedApplication, WorkerData } from "./messages.ts";
import { describeEnd, type WorkerEnd, WorkerHandle } from "./worker-handle.ts";

export interface ServeOptions {
  /** The application, as an import string: `web.ts:main()`. */
  readonly app: string;
  /** Where to listen. Default `127.0.0.1:8000`. */
  readonly bind?: readonly (Address | string)[];
  /** Worker processes, 1 or more. Default 1. */
  readonly workers?: number;
  /** What the application speaks. Default: what its shape says (docs/gateway.md). */
  readonly interface?: Interface | undefined;
  /**
   * Whether each worker puts Socle's light `Request`, `Response` and `Headers` in the place of the platform's before it loads
   * the application (docs/gateway/fetch.md). Default false.
   */
  readonly fastFetch?: boolean;
  /** Whether a checker between server and application reports every breach of the rules by either. Default false. */
  readonly validate?: boolean;
  /** Where the import string's files and packages are looked for. Default: the working directory. */
  readonly cwd?: string;
  /** Milliseconds that requests in flight have to finish in when the supervisor stops. Default 10 s. */
  readonly gracefulTimeout?: number;
  /** Takes notices for the operator, one line each. Default: standard error. */
  readonly log?: (line: string) => void;
}

/** Serving could not begin. The message is one line for the user. */
export class SupervisorError extends Error {
  override readonly name = "SupervisorError";
}

/** `starting` → `serving` → `stopping` → `stopped`; a stop or a failure leads from `starting` to the latter two. */
export type SupervisorState = "starting" | "serving" | "stopping" | "stopped";

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

  readonly #options: Required<Omit<ServeOptions, "bind" | "interface">> & { interface: Interface | null };
  readonly #bind: readonly Address[];
  readonly #respawn: RespawnPolicy = new RespawnPolicy();
  readonly #workers: Set<WorkerHandle> = new Set();
  readonly #respawnTimers: Set<NodeJS.Timeout> = new Set();
  readonly #resolveStopped: () => void;
  #state: SupervisorState = "starting";
  #listeners: BoundListener[] = [];
  #application: ServedApplication | null = null;
  #startFailure: string | null = null;
  #onProgress: (() => void) | undefined;

  /** Does nothing before `start`. */
  constructor(options: ServeOptions) {
    this.#options = {
      app: options.app,
      workers: options.workers ?? 1,
      interface: options.interface ?? null,
      fastFetch: options.fastFetch ?? false,
      validate: options.validate ?? false,
      cwd: options.cwd ?? process.cwd(),
      gracefulTimeout: options.gracefulTimeout ?? 10_000,
      log: options.log ?? ((line) => process.stderr.write(`${line}\n`)),
    };
    if (!Number.isInteger(this.#options.workers) || this.#options.workers < 1) {
      throw new SupervisorError(`workers is ${options.workers}, and must be a whole number from 1 up`);
    }
    this.#bind = (options.bind ?? ["127.0.0.1:8000"]).map((at) =>
      typeof at === "string" ? parseAddress(at) : at,
    );
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
    return this.#application;
  }

  /** The process ids of the workers that serve. */
  get workers(): readonly number[] {
    return [...this.#workers].filter(({ state }) => state === "serving").map(({ pid }) => pid!);
  }

  /**
   * Binds, starts the workers, and resolves when all of them serve, or when `stop` was
   * called before that (see `state`).
   * @throws BindError; SupervisorError when the application can't be served
   */
  async start(): Promise<void> {
    try {
      for (const address of this.#bind) {
        const listener = await bind(address);
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
    if (this.#state === "starting") for (let n = 0; n < this.#options.workers; n++) this.#spawn();
    else this.#closeListeners();
    if (this.#state === "starting") await started;
    if (this.#startFailure !== null) {
      await this.stopped;
      throw new SupervisorError(this.#startFailure);
    }
  }

  /**
   * Stops gracefully: the sockets are closed, requests in flight finish within the
   * deadline, then the workers end. Resolves when none is left. Can be called again, with
   * `force`, to end it at once.
   */
  stop(options: { force?: boolean } = {}): Promise<void> {
    if (this.#state !== "stopped") {
      if (this.#state !== "stopping") this.#beginStop();
      if (options.force === true) for (const worker of this.#workers) worker.kill();
    }
    return this.stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #beginStop(): void {
    this.#state = "stopping";
    for (const timer of this.#respawnTimers) clearTimeout(timer);
    // First ours, or clients could go on queueing on a socket that nobody accepts from.
    this.#closeListeners();
    for (const worker of this.#workers) worker.stop(this.#options.gracefulTimeout);
    this.#onProgress?.();
    this.#endIfAlone();
  }

  #closeListeners(): void {
    for (const listener of this.#listeners) listener.close();
  }

  #endIfAlone(): void {
    if (this.#state !== "stopping" || this.#workers.size > 0) return;
    this.#state = "stopped";
    this.#resolveStopped();
  }

  #spawn(): void {
    const data: WorkerData = {
      app: this.#options.app,
      cwd: this.#options.cwd,
      interface: this.#options.interface,
      fastFetch: this.#options.fastFetch,
      validate: this.#options.validate,
      addresses: this.addresses,
      gracefulTimeout: this.#options.gracefulTimeout,
    };
    const worker = new WorkerHandle(
      this.#listeners.map((listener) => listener.fd),
      data,
      {
        onReady: (_, application) => this.#takeReady(application),
        onEnd: (ended, end) => this.#takeEnd(ended, end),
      },
    );
    this.#workers.add(worker);
  }

  #takeReady(application: ServedApplication): void {
    if (this.#state !== "starting" || this.workers.length < this.#options.workers) return;
    this.#application = application;
    this.#state = "serving";
    this.#onProgress?.();
  }

  #takeEnd(worker: WorkerHandle, end: WorkerEnd): void {
    this.#workers.delete(worker);
    switch (this.#state) {
      case "starting":
        // Nothing was served yet, so the user is looking: the first error ends it.
        this.#startFailure ??= describeEnd("the worker", end);
        this.#beginStop();
        return;
      case "serving":
        this.#replace(worker, end);
        return;
      default:
        if (end.aborted > 0) {
          const cut = end.aborted === 1 ? "1 connection" : `${end.aborted} connections`;
          this.#options.log(`worker ${worker.pid}: cut ${cut} at the deadline`);
        }
        this.#endIfAlone();
    }
  }

  #replace(worker: WorkerHandle, end: WorkerEnd): void {
    const wait = this.#respawn.waitAfter(end.lifetime);
    const next = wait === 0 ? "starting another" : `starting another in ${wait} ms`;
    this.#options.log(`${describeEnd(`worker ${worker.pid ?? ""}`.trim(), end)}; ${next}`);
    const timer = setTimeout(() => {
      this.#respawnTimers.delete(timer);
      this.#spawn();
    }, wait);
    this.#respawnTimers.add(timer);
  }
}

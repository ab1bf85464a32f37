/**
 * The parent process of `socle dev`: it binds the sockets, watches the files that the application has loaded, and has a new process
 * load it when one has changed. The old process stops accepting at the first sign of a change; the sockets stay open, so that
 * requests wait in the kernel for the new one. A spare process, which has loaded all but the application, makes the wait short.
 */
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Address, parseAddress } from "../net/address.ts";
import { type BoundListener, bind } from "../net/listener/bind.ts";
import { shorten } from "../net/loader/user-error.ts";
import { RespawnPolicy } from "../net/workers/respawn.ts";
import { describeExit, type WorkerExit } from "../net/workers/workers.ts";
import type { DevWorkerData, FromDevWorker, WatchedFile } from "./dev-messages.ts";
import type { Trouble } from "./dev-page.ts";
import { FileWatch } from "./dev-watch.ts";
import { DevWorkerHandle } from "./dev-worker-handle.ts";
import type { ServedApplication } from "./messages.ts";
import type { Stoppable } from "./signals.ts";
import { type ServeOptions, SupervisorError } from "./supervisor.ts";

export interface DevOptions
  extends Pick<ServeOptions, "app" | "bind" | "interface" | "fastFetch" | "validate" | "cwd"> {
  /** Files and folders whose changes count as well, such as templates. Default: none. */
  readonly watch?: readonly string[];
  /** Hosts that requests may be for, besides `localhost`, IP addresses and the names that are listened on; `.name` is all below it. */
  readonly allowHost?: readonly string[];
  /** Whether the application's pages reload themselves in the browser when the code has changed. Default false. */
  readonly liveReload?: boolean;
  /** Milliseconds that requests in flight have to finish in, when the code has changed and at the end. Default 2 s. */
  readonly gracefulTimeout?: number;
  /** The version that the error page names. */
  readonly version: string;
  /** Told of what happens. */
  readonly onEvent: (event: DevEvent) => void;
}

/** What whoever develops is told. */
export type DevEvent =
  /** The application is served. */
  | { readonly type: "serving"; readonly application: ServedApplication; readonly load: Load }
  /** It can't be served, and every request is answered with that. */
  | { readonly type: "troubled"; readonly trouble: Trouble; readonly load: Load }
  /** Its process has ended by itself. It is loaded again, or that waits for a change. */
  | { readonly type: "died"; readonly how: string; readonly trouble: Trouble | null; readonly again: boolean }
  | Extract<FromDevWorker, { type: "answered" | "fault" }>;

/** What a new process was started for, and the time that it took. */
export interface Load {
  /** The files that have changed, as the user would write them; null at the start, and after a death. */
  readonly changed: readonly string[] | null;
  /** Milliseconds since the change was seen, or since the start. */
  readonly milliseconds: number;
}

/** Milliseconds for which a new process waits for the end of the old, which may hold what only one can have. */
const END_PATIENCE = 100;

export class DevServer implements Stoppable {
  /** Resolves when it has stopped: no process and no socket is left. */
  readonly stopped: Promise<void>;

  readonly #options: DevOptions;
  readonly #cwd: string;
  readonly #bind: readonly Address[];
  readonly #grace: number;
  readonly #processes = new Set<DevWorkerHandle>();
  readonly #resolveStopped: () => void;
  #watch: FileWatch | undefined;
  #listeners: BoundListener[] = [];
  /** The process that answers, or will. */
  #current: DevWorkerHandle | undefined;
  #spare: DevWorkerHandle | undefined;
  /** Called when no old process is left. */
  #onOldEnded: (() => void) | undefined;
  #respawn: RespawnPolicy = new RespawnPolicy();
  #since: number = performance.now();
  #changed: readonly string[] | null = null;
  #stirring = false;
  #stopping = false;
  #settle: ((failure: string | null) => void) | undefined;

  /** Does nothing before `start`. */
  constructor(options: DevOptions) {
    this.#options = options;
    this.#cwd = options.cwd ?? process.cwd();
    this.#grace = options.gracefulTimeout ?? 2_000;
    this.#bind = (options.bind ?? ["127.0.0.1:8000"]).map((at) =>
      typeof at === "string" ? parseAddress(at) : at,
    );
    let resolveStopped = (): void => {};
    this.stopped = new Promise((resolve) => {
      resolveStopped = resolve;
    });
    this.#resolveStopped = resolveStopped;
  }

  /** Where it listens, with the ports that the system chose. */
  get addresses(): readonly Address[] {
    return this.#listeners.map((listener) => listener.address);
  }

  /**
   * Binds, and loads the application. Resolves when requests are answered, if only with what is wrong, or when it was stopped.
   * @throws BindError; SupervisorError where there is nothing that could be put right by changing a file
   */
  async start(): Promise<void> {
    try {
      for (const address of this.#bind) this.#listeners.push(await bind(address));
    } catch (error) {
      await this.stop();
      throw error;
    }
    if (this.#stopping) return this.stop();
    this.#watch = new FileWatch({
      always: (this.#options.watch ?? []).map((path) => resolve(this.#cwd, path)),
      onChange: () => this.#retire(),
      onSettled: (paths) => void this.#reload(paths),
    });
    const failure = await new Promise<string | null>((settle) => {
      this.#settle = settle;
      this.#load();
    });
    this.#settle = undefined;
    if (failure === null) return;
    await this.stop({ force: true });
    throw new SupervisorError(failure);
  }

  /** Stops: the sockets are closed, requests in flight finish within the grace, or with `force` nothing does. */
  stop({ force = false }: { readonly force?: boolean } = {}): Promise<void> {
    if (!this.#stopping) {
      this.#stopping = true;
      this.#watch?.close();
      for (const listener of this.#listeners) listener.close();
      this.#settle?.(null);
    }
    for (const worker of this.#processes) {
      if (force) worker.kill();
      else worker.stop(this.#grace);
    }
    if (this.#processes.size === 0) this.#resolveStopped();
    return this.stopped;
  }

  /** A change was seen: the code that answers is old. */
  #retire(): void {
    this.#since = performance.now();
    this.#stirring = true;
    this.#current?.stop(this.#grace);
    this.#current = undefined;
  }

  async #reload(paths: readonly string[]): Promise<void> {
    this.#stirring = false;
    this.#changed = paths.length === 0 ? null : paths.map((path) => shorten(path, this.#cwd));
    this.#respawn = new RespawnPolicy();
    if (this.#hasOld) {
      const ended = new Promise<void>((tell) => {
        this.#onOldEnded = tell;
      });
      await Promise.race([ended, sleep(END_PATIENCE)]);
    }
    if (!this.#stirring && !this.#stopping && this.#current === undefined) this.#load();
  }

  /** Whether a process is left that holds what the application may want for itself alone, such as a port. */
  get #hasOld(): boolean {
    return [...this.#processes].some(({ state }) => state === "stopping");
  }

  #takeOldEnd(): void {
    if (this.#hasOld) return;
    const tell = this.#onOldEnded;
    this.#onOldEnded = undefined;
    tell?.();
  }

  #load(): void {
    this.#current = this.#takeSpare();
    this.#current.load();
  }

  #takeSpare(): DevWorkerHandle {
    const spare = this.#spare ?? this.#spawn();
    this.#spare = undefined;
    return spare;
  }

  #spawn(): DevWorkerHandle {
    const { app, interface: speaks, fastFetch, validate, allowHost, liveReload, version } = this.#options;
    const data: DevWorkerData = {
      app,
      cwd: this.#cwd,
      interface: speaks ?? null,
      fastFetch: fastFetch ?? false,
      validate: validate ?? false,
      addresses: this.addresses,
      gracefulTimeout: this.#grace,
      allowedHosts: [
        ...(allowHost ?? []),
        ...this.#bind.flatMap((at) => (at.kind === "tcp" ? [at.host] : [])),
      ],
      liveReload: liveReload ?? false,
      version,
    };
    const worker = new DevWorkerHandle(
      this.#listeners.map((listener) => listener.fd),
      data,
      {
        onMessage: (from, message) => this.#take(from, message),
        onFile: (from, file) => this.#takeFile(from, file),
        onEnd: (ended, exit) => this.#takeEnd(ended, exit),
      },
    );
    this.#processes.add(worker);
    return worker;
  }

  #takeFile(worker: DevWorkerHandle, file: WatchedFile): void {
    if (worker === this.#current) this.#watch?.add([file]);
  }

  #take(worker: DevWorkerHandle, message: FromDevWorker): void {
    if (this.#stopping) return;
    switch (message.type) {
      case "answered":
      case "fault":
        this.#options.onEvent(message);
        return;
      case "ready":
        if (worker !== this.#current) return;
        // What the application no longer loads is of no interest any more.
        this.#watch?.replace(worker.files);
        this.#begin(() => ({ type: "serving", application: message.application, load: this.#takeLoad() }));
        return;
      case "troubled":
        if (worker !== this.#current) return;
        if (this.#settle !== undefined && worker.files.length === 0) {
          this.#settle(message.trouble.summary);
          return;
        }
        this.#begin(() => ({ type: "troubled", trouble: message.trouble, load: this.#takeLoad() }));
        if (this.#hasOld) this.#onOldEnded = () => this.#tryAgain(worker);
    }
  }

  /** What could not be served may have wanted what the old process still had. */
  #tryAgain(troubled: DevWorkerHandle): void {
    if (troubled !== this.#current || this.#stopping) return;
    this.#retire();
    void this.#reload([]);
  }

  /** Somebody answers again. */
  #begin(event: () => DevEvent): void {
    this.#options.onEvent(event());
    this.#settle?.(null);
    this.#spare ??= this.#spawn();
  }

  #takeLoad(): Load {
    const load: Load = { changed: this.#changed, milliseconds: performance.now() - this.#since };
    this.#changed = null;
    return load;
  }

  #takeEnd(worker: DevWorkerHandle, exit: WorkerExit): void {
    this.#processes.delete(worker);
    if (worker === this.#spare) this.#spare = undefined;
    if (this.#stopping) {
      if (this.#processes.size === 0) this.#resolveStopped();
      return;
    }
    if (worker !== this.#current) {
      this.#takeOldEnd();
      return;
    }
    this.#current = undefined;
    const how = worker.failure ?? `the process of the application ${describeExit(exit)}`;
    if (this.#settle !== undefined && (worker.failure !== null || worker.files.length === 0)) {
      this.#settle(how);
      return;
    }
    this.#bury(worker, how);
  }

  /** One that had served for a while is replaced. Where another would most likely die as well, that waits for a change. */
  #bury(worker: DevWorkerHandle, how: string): void {
    const again = worker.state === "serving" && this.#respawn.waitAfter(worker.lifetime) === 0;
    this.#options.onEvent({ type: "died", how, trouble: worker.crash, again });
    this.#since = performance.now();
    this.#changed = null;
    if (again) {
      this.#load();
      return;
    }
    this.#current = this.#takeSpare();
    this.#current.show(
      worker.crash ?? { heading: `${this.#options.app} can't be served`, summary: how, faults: [] },
    );
    this.#settle?.(null);
  }
}

/**
 * The one place where a worker is started: a process that inherits bound sockets by
 * descriptor, or a thread that takes descriptors of this process over, and that talks
 * with its parent in messages. Who starts workers stands on `startProcess` and
 * `startThread`; what runs inside one stands on `openWorkerLink`.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker as Thread, workerData } from "node:worker_threads";
import { inheritableExecArgv } from "./exec-argv.ts";

/** How a worker ended. `code` and `signal` are null when it was never started, and `error` says why. */
export interface WorkerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not be started, or the exception that a thread died of. */
  readonly error: Error | null;
}

/** What a worker is started with. */
export interface WorkerOptions<FromWorker> {
  /** The module that runs in it. */
  readonly entry: URL;
  /**
   * Descriptors of bound sockets. A process inherits them, and one that is named several times arrives as several
   * descriptors of the one socket. A thread takes them over: they are closed when it ends.
   */
  readonly listeners: readonly number[];
  /** Arguments for the module of a process. Default: none. */
  readonly args?: readonly string[] | undefined;
  /** Which Node a process runs on. Default: this one. */
  readonly execPath?: string | undefined;
  /** Whether a process has this one's standard input. Default: it has none. */
  readonly inheritStdin?: boolean | undefined;
  /** Where a process works. Default: where this one does. */
  readonly cwd?: string | undefined;
  /** The environment of a process. Default: this one's. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** What it finds as `link.data`. As all messages, it must survive the structured clone algorithm. */
  readonly data: unknown;
  onMessage(message: FromWorker): void;
  /** Called exactly once. All messages that the worker sent have come before. */
  onExit(exit: WorkerExit): void;
}

/** The parent's end of a worker. */
export interface Worker<ToWorker> {
  /** The id of the process that it runs in, or undefined when the process could not be started. */
  readonly pid: number | undefined;
  /** Sends a message. Lost without notice when the worker has ended or hung up. */
  send(message: ToWorker): void;
  /** Lets go of it: this process need not wait for its end any more. */
  release(): void;
  /** Ends the worker; `onExit` follows. A thread is ended by any signal, even where it never comes to its event loop. */
  kill(signal: NodeJS.Signals): void;
}

/** The worker's end. */
export interface WorkerLink<ToWorker, FromWorker, Data> {
  readonly data: Data;
  /** Descriptors of its sockets, in the order of `WorkerOptions.listeners`. */
  readonly listeners: readonly number[];
  /** Resolves when the message was handed over, or can't be any more. */
  send(message: FromWorker): Promise<void>;
  /** What takes the parent's messages. Those that came earlier are delivered now. Set once. */
  onMessage(take: (message: ToWorker) => void): void;
  /** What is called when the parent has gone. A thread goes with its parent, and is not told. Set once. */
  onOrphaned(take: () => void): void;
}

/** stdin, stdout, stderr and the message channel come before the inherited sockets. */
const firstListener = 4;

/** Options for a worker's node, added to those of this process. */
const ownExecArgv: readonly string[] = [
  // Node says for a package.json without a type that it had to look into the file. That is no news to the user.
  "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON",
];

/** What every worker is told first. */
interface WorkerInit {
  readonly data: unknown;
  readonly listeners: readonly number[];
}

/** Starts a process. Its standard output and error are those of this process. */
export function startProcess<ToWorker extends object, FromWorker extends object>(
  options: WorkerOptions<FromWorker>,
): Worker<ToWorker> {
  const inherited = inheritableExecArgv(process.execArgv);
  const execArgv = [...inherited, ...ownExecArgv.filter((option) => !inherited.includes(option))];
  const { execPath = process.execPath, args = [] } = options;
  const stdin = options.inheritStdin === true ? "inherit" : "ignore";
  const child = spawn(execPath, [...execArgv, fileURLToPath(options.entry), ...args], {
    stdio: [stdin, "inherit", "inherit", "ipc", ...options.listeners],
    serialization: "advanced", // bytes stay bytes
    cwd: options.cwd,
    env: options.env,
  });
  let exit: WorkerExit | undefined;
  let ended = false;
  const end = (): void => {
    if (ended || exit === undefined) return;
    ended = true;
    options.onExit(exit);
  };
  const ignoreFailure = (): void => {};

  child.on("message", (message) => options.onMessage(message as FromWorker));
  child.on("exit", (code, signal) => {
    exit = { code, signal, error: null };
    // The channel may still hold messages; it disconnects once they are read.
    if (!child.connected) end();
  });
  child.on("disconnect", end);
  child.on("error", (error) => {
    if (child.pid !== undefined) return; // a failed kill or send: the exit follows
    exit = { code: null, signal: null, error };
    end();
  });
  const init: WorkerInit = {
    data: options.data,
    listeners: options.listeners.map((_, index) => firstListener + index),
  };
  if (child.connected) child.send(init, ignoreFailure);

  return {
    pid: child.pid,
    send(message) {
      if (child.connected) child.send(message, ignoreFailure);
    },
    release() {
      if (child.connected) child.disconnect();
      child.unref();
    },
    kill(signal) {
      child.kill(signal);
    },
  };
}

/** Starts a thread of this process. */
export function startThread<ToWorker extends object, FromWorker extends object>(
  options: WorkerOptions<FromWorker>,
): Worker<ToWorker> {
  const init: WorkerInit = { data: options.data, listeners: options.listeners };
  const thread = new Thread(options.entry, { workerData: init });
  let error: Error | null = null;
  thread.on("message", (message) => options.onMessage(message as FromWorker));
  thread.on("error", (thrown: unknown) => {
    error = thrown instanceof Error ? thrown : new Error(String(thrown));
  });
  thread.on("exit", (code) => options.onExit({ code, signal: null, error }));
  return {
    pid: process.pid,
    send: (message) => thread.postMessage(message),
    release: () => thread.unref(),
    kill: () => void thread.terminate(),
  };
}

/** Takes up the link to the parent, inside a worker. Called once, before anything is awaited. */
export function openWorkerLink<ToWorker, FromWorker, Data>(): Promise<
  WorkerLink<ToWorker, FromWorker, Data>
> {
  if (!isMainThread) return Promise.resolve(openThreadLink());
  if (process.send === undefined) {
    throw new Error("this module runs in a worker, and is started by startProcess or startThread");
  }
  return openProcessLink();
}

function openProcessLink<ToWorker, FromWorker, Data>(): Promise<WorkerLink<ToWorker, FromWorker, Data>> {
  return new Promise((resolve) => {
    let takeMessage: ((message: ToWorker) => void) | undefined;
    let takeOrphaned: (() => void) | undefined;
    const early: ToWorker[] = [];

    process.once("message", (first) => {
      const init = first as WorkerInit;
      process.on("message", (message) => {
        if (takeMessage === undefined) early.push(message as ToWorker);
        else takeMessage(message as ToWorker);
      });
      resolve({
        data: init.data as Data,
        listeners: init.listeners,
        send: (message) =>
          new Promise((sent) => {
            if (process.connected) process.send?.(message, undefined, undefined, () => sent());
            else sent();
          }),
        onMessage(take) {
          takeMessage = take;
          for (const message of early.splice(0)) take(message);
        },
        onOrphaned(take) {
          takeOrphaned = take;
          if (!process.connected) take();
        },
      });
    });
    process.once("disconnect", () => takeOrphaned?.());
  });
}

function openThreadLink<ToWorker, FromWorker, Data>(): WorkerLink<ToWorker, FromWorker, Data> {
  const init = workerData as WorkerInit;
  return {
    data: init.data as Data,
    listeners: init.listeners,
    async send(message) {
      parentPort?.postMessage(message);
    },
    onMessage(take) {
      // The port keeps what came earlier until somebody listens.
      parentPort?.on("message", take);
    },
    onOrphaned() {},
  };
}

/** How a worker ended, in words that follow its name: `was killed by SIGKILL`. */
export function describeExit({ code, signal, error }: WorkerExit): string {
  if (signal !== null) return `was killed by ${signal}`;
  if (code === null) return `could not be started: ${error?.message}`;
  if (error !== null) return `died of ${error.name}: ${error.message}`;
  return `ended with exit code ${code}`;
}

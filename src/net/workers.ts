/**
 * The one place where a worker is started: a process that inherits bound sockets by
 * descriptor and talks with its parent in messages. Who starts workers stands on
 * `startProcess`; what runs inside one stands on `openWorkerLink`.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** How a worker ended. All fields null: it was never started, and `error` says why. */
export interface WorkerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly error: Error | null;
}

/** What a worker is started with. */
export interface WorkerOptions<FromWorker> {
  /** The module that runs in it. */
  readonly entry: URL;
  /** Descriptors of bound sockets that it inherits. */
  readonly listeners: readonly number[];
  /** What it finds as `link.data`. Must survive JSON. */
  readonly data: unknown;
  /** Options for node itself, added to those of this process. */
  readonly execArgv?: readonly string[];
  onMessage(message: FromWorker): void;
  /** Called exactly once. All messages that the worker sent have come before. */
  onExit(exit: WorkerExit): void;
}

/** The parent's end of a worker. */
export interface Worker<ToWorker> {
  /** The process id, or undefined when the process could not be started. */
  readonly pid: number | undefined;
  /** Sends a message. Lost without notice when the worker has ended or hung up. */
  send(message: ToWorker): void;
  /** Ends the worker; `onExit` follows. */
  kill(signal: NodeJS.Signals): void;
}

/** The worker's end. */
export interface WorkerLink<ToWorker, FromWorker, Data> {
  readonly data: Data;
  /** Descriptors of the inherited sockets, in the order of `WorkerOptions.listeners`. */
  readonly listeners: readonly number[];
  /** Resolves when the message was handed over, or can't be any more. */
  send(message: FromWorker): Promise<void>;
  /** What takes the parent's messages. Those that came earlier are delivered now. Set once. */
  onMessage(take: (message: ToWorker) => void): void;
  /** What is called when the parent has gone. Set once. */
  onOrphaned(take: () => void): void;
}

/** stdin, stdout, stderr and the message channel come before the inherited sockets. */
const firstListener = 4;

/** Starts a process. Its standard output and error are those of this process; it has no standard input. */
export function startProcess<ToWorker extends object, FromWorker extends object>(
  options: WorkerOptions<FromWorker>,
): Worker<ToWorker> {
  const execArgv = [...process.execArgv, ...(options.execArgv ?? [])];
  const child = spawn(process.execPath, [...execArgv, fileURLToPath(options.entry)], {
    stdio: ["ignore", "inherit", "inherit", "ipc", ...options.listeners],
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
  const init: WorkerInit = { data: options.data, listeners: options.listeners.length };
  if (child.connected) child.send(init, ignoreFailure);

  return {
    pid: child.pid,
    send(message) {
      if (child.connected) child.send(message, ignoreFailure);
    },
    kill(signal) {
      child.kill(signal);
    },
  };
}

/** The first message in every worker. */
interface WorkerInit {
  readonly data: unknown;
  readonly listeners: number;
}

/** Takes up the link to the parent, inside a worker. Called once, before anything is awaited. */
export function openWorkerLink<ToWorker, FromWorker, Data>(): Promise<
  WorkerLink<ToWorker, FromWorker, Data>
> {
  if (process.send === undefined) {
    throw new Error("this module runs in a worker, and is started by startProcess");
  }
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
        listeners: Array.from({ length: init.listeners }, (_, index) => firstListener + index),
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

/** How a worker ended, in words that follow its name: `was killed by SIGKILL`. */
export function describeExit(exit: WorkerExit): string {
  if (exit.error !== null) return `could not be started: ${exit.error.message}`;
  if (exit.signal !== null) return `was killed by ${exit.signal}`;
  return `ended with exit code ${exit.code}`;
}

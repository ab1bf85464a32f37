/** The signals that a server's process answers to. */

/** What can be stopped: a supervisor, a server. */
export interface Stoppable {
  /** Resolves when it has stopped. */
  readonly stopped: Promise<void>;
  /** Stops it gracefully, or at once with `force`. */
  stop(options: { readonly force: boolean }): unknown;
}

/** SIGINT is Ctrl-C, SIGTERM what service managers send. */
const stopSignals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM"];

/**
 * Milliseconds in which a signal counts for the one before. A single Ctrl-C comes twice where the terminal sends
 * it to the whole process group and npx passes it on as well.
 */
const echoWindow = 300;

/**
 * The first SIGINT or SIGTERM stops the server gracefully, a second one at once.
 * Lasts until it has stopped.
 * @returns Whether it was forced.
 */
export async function stopOnSignals(server: Stoppable): Promise<{ forced: boolean }> {
  let firstAt: number | undefined;
  let forced = false;
  const onSignal = (): void => {
    firstAt ??= performance.now();
    forced ||= performance.now() - firstAt > echoWindow;
    void server.stop({ force: forced });
  };
  for (const signal of stopSignals) process.on(signal, onSignal);
  await server.stopped;
  for (const signal of stopSignals) process.off(signal, onSignal);
  return { forced };
}

/** What signals can do to the server of `operateBySignals`. */
export interface Operated {
  readonly stopped: Promise<void>;
  readonly target: number;
  stop(options?: { readonly force?: boolean; readonly deadline?: number }): unknown;
  scale(workers: number): void;
}

export interface SignalActions {
  /** SIGHUP. Resolves to what was done, in one line; rejected with why it could not be. */
  reload(): Promise<string>;
  /** SIGUSR2. As `reload`. */
  handOver(): Promise<string>;
  /** Takes notices for the operator, one line each. */
  log(line: string): void;
}

/** Milliseconds that requests in flight have after a SIGINT or SIGQUIT. */
const fastDeadline = 1000;

/**
 * Has the signals that gunicorn knows do what they do there, until the server has stopped: TERM stops it gracefully, INT (Ctrl-C) and
 * QUIT fast, and any second one of these at once; HUP reloads, USR2 has a new server take over, TTIN and TTOU make it one worker more or less.
 * @returns whether it was stopped by force
 */
export async function operateBySignals(
  server: Operated,
  actions: SignalActions,
): Promise<{ forced: boolean }> {
  let firstAt: number | undefined;
  let forced = false;
  const stop = (deadline?: number): void => {
    firstAt ??= performance.now();
    forced ||= performance.now() - firstAt > echoWindow;
    void server.stop({ force: forced, ...(deadline === undefined ? {} : { deadline }) });
  };
  const scale = (by: number): void => {
    const workers = server.target + by;
    if (workers < 1) {
      actions.log("there is one worker, and no less than that");
      return;
    }
    server.scale(workers);
    actions.log(`there are to be ${workers} ${workers === 1 ? "worker" : "workers"}`);
  };
  const act = (doing: Promise<string>): void => {
    doing.then(actions.log, (error: Error) => actions.log(error.message));
  };
  const handlers: Partial<Record<NodeJS.Signals, () => void>> = {
    SIGTERM: () => stop(),
    SIGINT: () => stop(fastDeadline),
    SIGQUIT: () => stop(fastDeadline),
    SIGHUP: () => act(actions.reload()),
    SIGUSR2: () => act(actions.handOver()),
    SIGTTIN: () => scale(1),
    SIGTTOU: () => scale(-1),
  };
  const known = Object.entries(handlers) as [NodeJS.Signals, () => void][];
  for (const [signal, handle] of known) process.on(signal, handle);
  await server.stopped;
  for (const [signal, handle] of known) process.off(signal, handle);
  return { forced };
}

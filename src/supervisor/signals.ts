/** The signals that a server's process answers to. */

/** What can be stopped: a supervisor, a server. */
export interface Stoppable {
  /** Resolves when it has stopped. */
  readonly stopped: Promise<void>;
  /** Stops it gracefully, or at once with `force`. */
  stop(options: { readonly force: boolean }): unknown;
}

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
export function stopOnSignals(server: Stoppable): Promise<{ forced: boolean }> {
  const stopping = new Stopping();
  const stop = (): void => void server.stop({ force: stopping.count() });
  return untilStopped(server, stopping, { SIGINT: stop, SIGTERM: stop });
}

/** How often a server was told to stop. */
class Stopping {
  forced = false;
  #firstAt: number | undefined;

  /** Counts one more time. @returns whether the server is to end at once */
  count(): boolean {
    this.#firstAt ??= performance.now();
    this.forced ||= performance.now() - this.#firstAt > echoWindow;
    return this.forced;
  }
}

type SignalHandlers = Partial<Record<NodeJS.Signals, () => void>>;

/** Has signals handled until a server has stopped. */
async function untilStopped(
  { stopped }: Pick<Stoppable, "stopped">,
  stopping: Stopping,
  handlers: SignalHandlers,
): Promise<{ forced: boolean }> {
  const known = Object.entries(handlers) as [NodeJS.Signals, () => void][];
  for (const [signal, handle] of known) process.on(signal, handle);
  await stopped;
  for (const [signal, handle] of known) process.off(signal, handle);
  return { forced: stopping.forced };
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
export function operateBySignals(server: Operated, actions: SignalActions): Promise<{ forced: boolean }> {
  const stopping = new Stopping();
  const stop = (deadline?: number): void => {
    void server.stop({ force: stopping.count(), ...(deadline === undefined ? {} : { deadline }) });
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
  return untilStopped(server, stopping, {
    SIGTERM: () => stop(),
    SIGINT: () => stop(fastDeadline),
    SIGQUIT: () => stop(fastDeadline),
    SIGHUP: () => act(actions.reload()),
    SIGUSR2: () => act(actions.handOver()),
    SIGTTIN: () => scale(1),
    SIGTTOU: () => scale(-1),
  });
}

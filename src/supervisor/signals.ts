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

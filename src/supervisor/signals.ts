/** The signals that a supervisor's process answers to. */
import type { Supervisor } from "./supervisor.ts";

/** SIGINT is Ctrl-C, SIGTERM what service managers send. */
const stopSignals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM"];

/**
 * Milliseconds in which a signal counts for the one before. A single Ctrl-C comes twice where the terminal sends
 * it to the whole process group and npx passes it on as well.
 */
const echoWindow = 300;

/**
 * The first SIGINT or SIGTERM stops the supervisor gracefully, a second one at once.
 * Lasts until it has stopped.
 * @returns Whether it was forced.
 */
export async function stopOnSignals(supervisor: Supervisor): Promise<{ forced: boolean }> {
  let firstAt: number | undefined;
  let forced = false;
  const onSignal = (): void => {
    firstAt ??= performance.now();
    forced ||= performance.now() - firstAt > echoWindow;
    void supervisor.stop({ force: forced });
  };
  for (const signal of stopSignals) process.on(signal, onSignal);
  await supervisor.stopped;
  for (const signal of stopSignals) process.off(signal, onSignal);
  return { forced };
}

/** What every process does that runs an application: it loads it and starts it, or says in one line why it can't. */
import { ImportStringError, type LoadedApplication, loadApplication } from "../gateway/import-string.ts";
import { describeUserError } from "../net/loader/user-error.ts";
import type { ApplicationChoice } from "./messages.ts";

/** What can't be started. The message is one line for the user. */
export class StartError extends Error {}

/**
 * Loads an application and calls its `onStart`.
 * @throws whatever `describeStartFailure` takes
 */
export async function startApplication(choice: ApplicationChoice): Promise<LoadedApplication> {
  const { app, cwd, validate } = choice;
  if (choice.fastFetch) (await import("../gateway/fetch/fast-fetch.ts")).installFastFetch();
  const loaded = await loadApplication(app, { cwd, validate, interface: choice.interface ?? undefined });
  // This process runs one application, which may pass its requests on to the platform's own names.
  if (loaded.kind === "fetch") (await import("../gateway/fetch/fetch-bridge.ts")).installFetchBridge();
  try {
    await loaded.application.onStart?.();
  } catch (error) {
    throw new StartError(`${loaded.description} could not start: ${describeUserError(error, cwd)}`);
  }
  return loaded;
}

/** One line about an error that a start has failed with, be it ours or the application's. */
export function describeStartFailure(error: unknown, cwd: string): string {
  if (error instanceof ImportStringError || error instanceof StartError) return error.message;
  const { code, syscall } = error as Partial<NodeJS.ErrnoException>;
  const hint =
    code === "EADDRINUSE" && syscall === "listen"
      ? ". The application listens on a port itself: export it, and leave that to socle serve"
      : "";
  return `${describeUserError(error, cwd)}${hint}`;
}

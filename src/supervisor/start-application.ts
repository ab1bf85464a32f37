/** What every process does that runs an application: it loads it and starts it, or says in one line why it can't. */
import { ImportStringError, type LoadedApplication, loadApplication } from "../gateway/import-string.ts";
import { type CapturedServers, captureServers } from "../gateway/node/captured-servers.ts";
import type { Address } from "../net/address.ts";
import { describeUserError } from "../net/loader/user-error.ts";
import type { ApplicationChoice } from "./messages.ts";

/** What can't be started. The message is one line for the user. */
export class StartError extends Error {}

/** An application that was started. */
export interface StartedApplication extends LoadedApplication {
  /** The servers that its module listens with, and which bind nothing. */
  readonly servers: CapturedServers;
}

/**
 * Loads an application and calls its `start`.
 * @param address where it is served first, or null where it is not
 * @throws whatever `describeStartFailure` takes
 */
export async function startApplication(
  choice: ApplicationChoice,
  address: Address | null,
): Promise<StartedApplication> {
  const { app, cwd, validate } = choice;
  if (choice.fastFetch) (await import("../gateway/fetch/fast-fetch.ts")).installFastFetch();
  const servers = captureServers(address);
  const loaded = await loadApplication(app, {
    cwd,
    validate,
    interface: choice.interface ?? undefined,
    servers,
    multiprocess: choice.multiprocess ?? false,
  });
  // This process runs one application, which may pass its requests on to the platform's own names.
  if (loaded.kind === "fetch") (await import("../gateway/fetch/fetch-bridge.ts")).installFetchBridge();
  try {
    await loaded.application.start?.();
  } catch (error) {
    throw new StartError(`${loaded.description} could not start: ${describeUserError(error, cwd)}`, {
      cause: error,
    });
  }
  return { ...loaded, servers };
}

/** Ends what was started, after the last request. Rejects with what the application's `stop` throws. */
export async function stopApplication({ application, servers }: StartedApplication): Promise<void> {
  servers.drained();
  await application.stop?.();
  servers.closeRest();
}

/** One line about an error that a start has failed with, be it ours or the application's. */
export function describeStartFailure(error: unknown, cwd: string): string {
  if (error instanceof ImportStringError || error instanceof StartError) return error.message;
  const { code, syscall } = error as Partial<NodeJS.ErrnoException>;
  const hint =
    code === "EADDRINUSE" && syscall === "listen"
      ? ". The module listens on a port itself: what it exports needs no server of its own under socle serve, and several workers can't share a port"
      : "";
  return `${describeUserError(error, cwd)}${hint}`;
}

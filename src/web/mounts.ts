/** The mounts of an app: the applications that start and stop with it. */
import type { Application } from "../gateway/application.ts";
import type { Mount } from "./mount.ts";

export class Mounts {
  readonly #mounts: Mount[] = [];
  #started: Application[] | undefined;

  get all(): readonly Mount[] {
    return this.#mounts;
  }

  /** @throws TypeError once the app has started: nobody would start what is mounted later. */
  checkOpen(path: string): void {
    if (this.#started === undefined) return;
    throw new TypeError(`nothing can be mounted at ${path} any more: the app has started`);
  }

  add(mount: Mount): void {
    this.#mounts.push(mount);
  }

  /** Starts each application once, in the order of mounting. When one fails, those before it are stopped. */
  start(): Promise<void> | undefined {
    const started: Application[] = (this.#started = []);
    return this.#mounts.length === 0 ? undefined : this.#startAll(started);
  }

  /** Tells what has started that a stop is to come. */
  async drain(): Promise<void> {
    await Promise.all((this.#started ?? []).map(async (application) => application.drain?.()));
  }

  /** Stops what has started, the last first. One that fails keeps no other from stopping; its error is thrown afterwards. */
  stop(): Promise<void> | undefined {
    const started = this.#started ?? [];
    this.#started = undefined;
    return started.length === 0 ? undefined : stopAll(started);
  }

  async #startAll(started: Application[]): Promise<void> {
    try {
      for (const application of new Set(this.#mounts.map((mount) => mount.application))) {
        await application.start?.();
        started.push(application);
      }
    } catch (error) {
      this.#started = undefined;
      await stopAll(started).catch(ignore);
      throw error;
    }
  }
}

async function stopAll(started: readonly Application[]): Promise<void> {
  const errors: unknown[] = [];
  for (const application of started.toReversed()) {
    try {
      await application.stop?.();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 1) throw new AggregateError(errors, "several mounted applications failed to stop");
  if (errors.length === 1) throw errors[0];
}

/** What has failed first is told. */
function ignore(): void {}

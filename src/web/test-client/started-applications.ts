/** An application that several clients use is started with the first of them, and stopped with the last. */
import type { Application } from "../../gateway/application.ts";

interface Started {
  readonly starting: Promise<void>;
  clients: number;
}

const started = new WeakMap<Application, Started>();

/** Starts an application for one more client. Rejected, for all of them, when it can't start. */
export function startFor(application: Application): Promise<void> {
  let entry = started.get(application);
  if (entry === undefined) {
    entry = { starting: start(application), clients: 0 };
    started.set(application, entry);
  }
  entry.clients++;
  return entry.starting;
}

/** One client less. */
export async function stopFor(application: Application): Promise<void> {
  const entry = started.get(application);
  if (entry === undefined || --entry.clients > 0) return;
  started.delete(application);
  await application.stop?.();
}

async function start(application: Application): Promise<void> {
  await application.start?.();
}

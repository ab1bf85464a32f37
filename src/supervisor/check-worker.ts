/** The entry of the process that check.ts starts. */
import { listensItself } from "../gateway/listens-itself.ts";
import { routesOf } from "../gateway/routes.ts";
import { holdWarnings } from "../net/loader/hold-warnings.ts";
import { describeUserError } from "../net/loader/user-error.ts";
import { openWorkerLink } from "../net/workers/workers.ts";
import type { FromCheckWorker } from "./check.ts";
import type { ApplicationChoice } from "./messages.ts";
import { describeStartFailure, StartError, startApplication, stopApplication } from "./start-application.ts";

const link = await openWorkerLink<never, FromCheckWorker, ApplicationChoice>();
link.onOrphaned(() => process.exit(1));
holdWarnings();

async function fail(error: unknown): Promise<void> {
  await link.send({ type: "failed", message: describeStartFailure(error, link.data.cwd) });
  process.exit(1);
}

process.on("uncaughtException", fail);
try {
  const started = await startApplication(link.data, null);
  const { description, kind, what, target, leftOut } = started;
  const routes = routesOf(target);
  const listens = await listensItself();
  try {
    await stopApplication(started);
  } catch (error) {
    throw new StartError(`${description} could not stop: ${describeUserError(error, link.data.cwd)}`);
  }
  await link.send({ type: "checked", report: { description, kind, what, routes, listens, leftOut } });
} catch (error) {
  await fail(error);
}
process.exit(0);

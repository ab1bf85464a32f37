/**
 * The entry of a worker process: it loads the application, serves it on the sockets
 * that it inherited, and stops when the parent says so or is gone. The parent's view of it is
 * worker-handle.ts.
 */
import { HttpServer } from "../http/server.ts";
import { bindError } from "../net/listener/bind.ts";
import { holdWarnings } from "../net/loader/hold-warnings.ts";
import { openWorkerLink } from "../net/workers/workers.ts";
import { Beat } from "./beat.ts";
import type { FromWorker, ServingData, ToWorker } from "./messages.ts";
import {
  describeStartFailure,
  StartError,
  type StartedApplication,
  startApplication,
  stopApplication,
} from "./start-application.ts";

const link = await openWorkerLink<ToWorker, FromWorker, ServingData>();
const { cwd, addresses, gracefulTimeout, tellBlockedAfter } = link.data;

let stopping = false;
let stop = async (_deadline: number): Promise<void> => {};
let drain = (): void => {};

function beginStop(deadline: number): void {
  if (stopping) return;
  stopping = true;
  // Whatever the application hangs in: nobody waits for longer.
  setTimeout(() => process.exit(1), deadline + 1000).unref();
  stop(deadline).then(
    () => process.exit(0),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
}

// The terminal sends Ctrl-C to the whole group; the parent decides what it means.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => beginStop(gracefulTimeout));
link.onMessage((message) => {
  if (message.type === "drain") drain();
  else beginStop(message.deadline);
});
link.onOrphaned(() => beginStop(gracefulTimeout));

async function start(): Promise<void> {
  const started = await startApplication(link.data, addresses[0] ?? null);
  const { application, description, kind, what } = started;
  const beat = new Beat(link);
  const server = new HttpServer((exchange) => {
    beat.requests++;
    return application.handleExchange(exchange);
  });
  stop = (deadline) => {
    beat.stop();
    return stopServing(server, started, deadline);
  };
  drain = () => void tellApplication(started);
  // An application that closes its server wants to end: in its own handler of a signal, as a rule.
  started.servers.onClose(() => beginStop(gracefulTimeout));
  await Promise.all(link.listeners.map((fd, index) => listen(server, fd, index)));
  await link.send({ type: "ready", application: { description, kind, what } });
  beat.start(server);
  if (tellBlockedAfter > 0) (await import("./watchdog.ts")).watchEventLoop(tellBlockedAfter);
}

async function tellApplication({ application }: StartedApplication): Promise<void> {
  try {
    await application.drain?.();
  } catch (error) {
    console.error(error);
  }
}

async function listen(server: HttpServer, fd: number, index: number): Promise<void> {
  try {
    await server.listen({ fd });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const address = addresses[index];
    if (code === undefined || address === undefined) throw error;
    throw new StartError(bindError(address, code).message);
  }
}

async function stopServing(server: HttpServer, started: StartedApplication, deadline: number): Promise<void> {
  const { finished, aborted } = await server.close({ deadline });
  await stopApplication(started);
  await link.send({ type: "stopped", finished, aborted });
}

/** What can't be served is told to the parent in one line, and ends the process. */
async function fail(error: unknown): Promise<void> {
  await link.send({ type: "failed", message: describeStartFailure(error, cwd) });
  process.exit(1);
}

// Until it serves, an error that the application has thrown past everybody is told as well.
process.once("uncaughtException", fail);
const releaseWarnings = holdWarnings();
try {
  await start();
  releaseWarnings();
  process.off("uncaughtException", fail);
} catch (error) {
  await fail(error);
}

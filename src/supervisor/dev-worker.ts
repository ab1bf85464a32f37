/**
 * The entry of a process of `socle dev`. It is started ahead and waits; told to, it loads the application and serves it, or the page
 * that says why it can't. The parent's view of it is dev-worker-handle.ts.
 */
import { resolve } from "node:path";
import type { Application } from "../gateway/application.ts";
import { setFaultLog, setFaultPage } from "../gateway/fault-page.ts";
import { ImportStringError } from "../gateway/import-string.ts";
import type { Exchange } from "../http/exchange.ts";
import { HttpServer } from "../http/server.ts";
import { bindError } from "../net/listener/bind.ts";
import { holdWarnings } from "../net/loader/hold-warnings.ts";
import { enableTypeScript } from "../net/loader/typescript.ts";
import { openWorkerLink } from "../net/workers/workers.ts";
import { answerTrouble, type Facts } from "./dev-answer.ts";
import { DevExchange } from "./dev-exchange.ts";
import { describeFault, type KnownPlace } from "./dev-fault.ts";
import { AllowedHosts, hostOf } from "./dev-hosts.ts";
import { Intake } from "./dev-intake.ts";
import type { DevWorkerData, FromDevWorker, ToDevWorker } from "./dev-messages.ts";
import { watchModules } from "./dev-modules.ts";
import type { Trouble } from "./dev-page.ts";
import { ChangeStreams, changesPath } from "./dev-reload-script.ts";
import {
  describeStartFailure,
  StartError,
  type StartedApplication,
  startApplication,
  stopApplication,
} from "./start-application.ts";

// The parent can be gone before it has said anything: a spare process is started while nobody looks.
const endEarly = (): never => process.exit(0);
if (!process.connected) endEarly();
process.once("disconnect", endEarly);
const link = await openWorkerLink<ToDevWorker, FromDevWorker, DevWorkerData>();
process.off("disconnect", endEarly);
const { app, cwd, addresses, gracefulTimeout, liveReload, version } = link.data;
const facts: Facts = [
  ["Application", app],
  ["Socle", version],
  ["Node.js", process.versions.node],
];

const hosts = new AllowedHosts(link.data.allowedHosts, addresses);
const streams = new ChangeStreams();
const server = new HttpServer(handle, { limits: { maxRequestsPerConnection: 1 } });
const intake = new Intake((transport) => server.serve(transport));

/** What is served: the application, or else the trouble. */
let started: StartedApplication | undefined;
let trouble: Trouble | undefined;
let stopping = false;

// The terminal sends Ctrl-C to the whole group; the parent decides what it means.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => beginStop(gracefulTimeout));
link.onOrphaned(() => beginStop(gracefulTimeout));

// What the application stands on is read ahead, while nobody waits for it.
process.env["NODE_ENV"] ??= "development";
process.setSourceMapsEnabled(true);
Error.stackTraceLimit = Math.max(Error.stackTraceLimit, 50);
enableTypeScript();
const tellRest = watchModules((file) => tell({ type: "file", file }));
setFaultPage(showFault);
setFaultLog((error, exchange) => tellFault(error, exchange));
await import("../web/index.ts");

link.onMessage((message) => {
  switch (message.type) {
    case "load":
      void load();
      return;
    case "show":
      trouble = message.trouble;
      void listen().then((listens) => listens && tell({ type: "shown" }));
      return;
    case "stop":
      beginStop(message.deadline);
      return;
  }
});

function tell(message: FromDevWorker): void {
  void link.send(message);
}

async function load(): Promise<void> {
  const fail = (error: unknown): Promise<void> => serveTrouble(startTrouble(error));
  const releaseWarnings = holdWarnings();
  // Until it serves, an error that the application has thrown past everybody keeps it from being served.
  process.once("uncaughtException", fail);
  try {
    const { application, description, kind, what, servers } = (started = await startApplication(
      link.data,
      addresses[0] ?? null,
    ));
    tellRest();
    if (trouble !== undefined) return;
    releaseWarnings();
    // An application that closes its server wants to end: in its own handler of a signal, as a rule.
    servers.onClose(() => beginStop(gracefulTimeout));
    process.off("uncaughtException", fail);
    process.on("uncaughtExceptionMonitor", tellCrash);
    application satisfies Application;
    if (await listen()) tell({ type: "ready", application: { description, kind, what } });
  } catch (error) {
    tellRest();
    process.off("uncaughtException", fail);
    await fail(error);
  }
}

async function serveTrouble(met: Trouble): Promise<void> {
  if (trouble !== undefined || stopping) return;
  trouble = met;
  // What is left of the application is nobody's concern any more.
  process.on("uncaughtException", () => {});
  if (await listen()) tell({ type: "troubled", trouble });
}

/** Accepts connections from here on. @returns false where that can't be, and the process ends */
async function listen(): Promise<boolean> {
  for (const [index, fd] of link.listeners.entries()) {
    const address = addresses[index]!;
    try {
      await intake.listen(fd, address);
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      await link.send({ type: "failed", message: bindError(address, code).message });
      process.exit(1);
    }
  }
  return !stopping;
}

function handle(outer: Exchange): void {
  const exchange = new DevExchange(outer, tellAnswer, liveReload && trouble === undefined);
  if (!hosts.permits(exchange.authority)) {
    refuseHost(exchange);
  } else if (exchange.target === changesPath) {
    streams.answer(outer);
  } else if (trouble !== undefined || started === undefined) {
    answerTrouble(exchange, trouble ?? { heading: "", summary: "", faults: [] }, facts);
  } else {
    answer(exchange, started.application);
  }
}

function answer(exchange: Exchange, application: Application): void {
  const fail = (error: unknown): void => {
    tellFault(error, exchange);
    if (exchange.started) exchange.abort();
    else showFault(exchange, error);
  };
  try {
    application.handleExchange(exchange)?.then(undefined, fail);
  } catch (error) {
    fail(error);
  }
}

function refuseHost(exchange: Exchange): void {
  const host = hostOf(exchange.authority);
  const text = `socle dev does not answer for the host ${JSON.stringify(host)}, because any site could have its name lead here.\nIf it is yours: socle dev ${app} --allow-host ${host}\n`;
  exchange.respond(403, ["content-type", "text/plain; charset=utf-8"], text);
}

function showFault(exchange: Exchange, error: unknown): boolean {
  answerTrouble(exchange, handlerTrouble(error), facts);
  return true;
}

function handlerTrouble(error: unknown): Trouble {
  return { heading: "", summary: "", faults: describeFault(error, cwd) };
}

/** Why the application can't be served: the error of the user's code, and the line that Socle has made of it. */
function startTrouble(error: unknown): Trouble {
  const summary = describeStartFailure(error, cwd);
  const wrapped = error instanceof ImportStringError || error instanceof StartError;
  const heading = `${app} can't be served`;
  if (wrapped && error.cause === undefined) return { heading, summary, faults: [] };
  const faults = describeFault(wrapped ? error.cause : error, cwd, placeIn(summary));
  return { heading, summary, faults };
}

/** The place that the line names. Of some syntax errors Node.js tells it only to a process that dies of them. */
function placeIn(summary: string): KnownPlace | undefined {
  const [, file, line, column] = / \(([^():]+):(\d+)(?::(\d+))?\)(?:\. |$)/.exec(summary) ?? [];
  if (file === undefined) return undefined;
  return {
    path: resolve(cwd, file),
    line: Number(line),
    column: column === undefined ? null : Number(column),
  };
}

function tellAnswer({ method, target }: Exchange, status: number, milliseconds: number): void {
  tell({ type: "answered", method, target, status, milliseconds });
}

function tellFault(error: unknown, exchange: Exchange | undefined): void {
  const request = exchange === undefined ? "" : `${exchange.method} ${exchange.target}`;
  tell({ type: "fault", request, trouble: handlerTrouble(error) });
}

function tellCrash(error: unknown): void {
  tell({
    type: "crashed",
    trouble: {
      heading: `${app} has died of an error that nobody caught`,
      summary: "",
      faults: describeFault(error, cwd),
    },
  });
}

function beginStop(deadline: number): void {
  if (stopping) return;
  stopping = true;
  intake.close();
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

async function stop(deadline: number): Promise<void> {
  streams.end();
  await server.close({ deadline, idleGrace: 0 });
  await intake.finish(deadline);
  if (started !== undefined) await stopApplication(started);
}

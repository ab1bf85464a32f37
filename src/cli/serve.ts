/** `socle serve`: serves an application until it is told to stop. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Address, formatAddress } from "../net/address.ts";
import type { ControlSocket } from "../supervisor/control.ts";
import type { SignalActions, Supervisor } from "../supervisor/index.ts";
import type { ServedApplication } from "../supervisor/messages.ts";
import { applicationSettings, importStringArgument } from "./application-settings.ts";
import { type Command, defineCommand } from "./command.ts";
import {
  address,
  duration,
  many,
  one,
  onOff,
  optional,
  path,
  type SettingsTable,
  size,
  wholeNumber,
} from "./settings.ts";
import { packageVersion } from "./version.ts";

const settings = {
  bind: many(address, [{ kind: "tcp", host: "127.0.0.1", port: 8000 }], {
    short: "b",
    help: "Listen there. Can be given several times; unix:/path is a Unix socket, port 0 any port that is free, host 0.0.0.0 every network interface.",
  }),
  workers: one(wholeNumber(1), 1, {
    short: "w",
    help: "Worker processes. They share the sockets, and one that dies is replaced.",
  }),
  gracefulTimeout: one(duration, 10_000, {
    help: "How long requests in flight may take to finish when a worker stops.",
  }),
  drainDelay: one(duration, 0, {
    help: "How long to go on as before when it is told to stop, so that load balancers look elsewhere; the application is told at once.",
  }),
  bootTimeout: one(duration, 60_000, { help: "How long a worker may take until it serves." }),
  heartbeatTimeout: one(duration, 30_000, {
    help: "How long a worker's event loop may be blocked before the worker is killed and replaced. 0s for no limit.",
  }),
  slowLoop: one(duration, 0, {
    help: "Log the stack that blocks an event loop for longer than this. 0s for never.",
  }),
  maxRequests: one(wholeNumber(0), 0, { help: "Requests after which a worker is replaced. 0 for no limit." }),
  maxRequestsJitter: optional(wholeNumber(0), {
    help: "Up to so many are added to --max-requests for each worker by chance. A tenth of it unless given.",
  }),
  maxLifetime: one(duration, 0, {
    help: "How long a worker may serve before it is replaced; up to a tenth is added by chance. 0s for no limit.",
  }),
  maxMemory: one(size, 0, {
    help: "Resident memory above which a worker is replaced, when it has been above for 5 seconds. 0 for no limit.",
  }),
  reloadBatch: optional(wholeNumber(1), {
    help: "Workers that a reload replaces at once, after a first one alone. A quarter of them unless given.",
  }),
  control: optional(path, {
    help: "Make a control socket there, for socle ctl. Only this user can use it.",
  }),
  ...applicationSettings,
  validate: onOff({
    help: "Check every request and answer against the rules of the application's interface, and report each breach, by the application or by Socle.",
  }),
} satisfies SettingsTable;

export const serveCommand: Command = defineCommand({
  name: "serve",
  summary: "Serve a web application.",
  argument: importStringArgument,
  settings,
  examples: [
    ["socle serve web.ts", "on http://127.0.0.1:8000"],
    ["socle serve 'web.ts:main()' -w 4 -b 0.0.0.0:80", "4 workers, every interface"],
    ["socle serve web.ts -b unix:/run/web.sock -b 8080", "2 listeners"],
  ],

  async run(app, values) {
    const { operateBySignals, Supervisor, takeOver } = await import("../supervisor/index.ts");
    const log = (line: string): void => {
      process.stderr.write(`socle: ${line}\n`);
    };
    const takenOver = await takeOver();
    const supervisor = new Supervisor({ app, log, ...values }, takenOver);
    const reload = async (): Promise<string> => {
      const before = supervisor.generation;
      try {
        await supervisor.reload();
      } catch (error) {
        throw new Error(`nothing is reloaded, generation ${before} goes on: ${(error as Error).message}`);
      }
      return `reloaded: ${countOf(supervisor.target)} of generation ${supervisor.generation}`;
    };
    let control: ControlSocket | undefined;
    const handOver = async (): Promise<string> => {
      try {
        const pid = await supervisor.handOver();
        void control?.close();
        return `the server with process id ${pid} has taken over`;
      } catch (error) {
        throw new Error(`this server goes on: ${(error as Error).message}`);
      }
    };
    const actions = { reload, handOver, log };
    const end = operateBySignals(supervisor, actions);
    await supervisor.start();
    if (values.control !== undefined) {
      // A server that this one has taken over from may still have the socket, to say so.
      control = await openControl(values.control, supervisor, actions, takenOver === undefined ? 1 : 50);
    }
    if (supervisor.application !== null && supervisor.state === "serving") {
      const where = supervisor.addresses.map(toUrl).join(", ");
      process.stdout.write(
        `Socle ${packageVersion()} serving ${titleOf(supervisor.application)} on ${where} (${countOf(values.workers)}, Ctrl-C to stop)\n`,
      );
    }
    const { forced } = await end;
    await control?.close();
    if (supervisor.crashed !== null) return exitCodes.crashLoop;
    return forced ? exitCodes.forced : 0;
  },
});

/** What can't be controlled serves all the same. @param tries how often it is tried, with 100 ms between */
async function openControl(
  path: string,
  supervisor: Supervisor,
  actions: SignalActions,
  tries: number,
): Promise<ControlSocket | undefined> {
  const { ControlSocket } = await import("../supervisor/control.ts");
  for (let n = 1; ; n++) {
    try {
      return await ControlSocket.open(path, supervisor, actions);
    } catch (error) {
      if (n < tries) {
        await sleep(100);
        continue;
      }
      actions.log(`there is no control socket: ${(error as Error).message}`);
      return undefined;
    }
  }
}

/** Besides 0, 1 for what can't be served, and 2 for a wrong command line. */
const exitCodes = { forced: 1, crashLoop: 3 } as const;

function countOf(workers: number): string {
  return workers === 1 ? "1 worker" : `${workers} workers`;
}

/** What is served; what speaks another interface than Socle's own is said to. */
export function titleOf({ description, kind, what }: ServedApplication): string {
  return kind === "socle" ? description : `${description} (${what})`;
}

/** The address as one opens it. */
export function toUrl(at: Address): string {
  return at.kind === "tcp" ? `http://${formatAddress(at)}` : formatAddress(at);
}

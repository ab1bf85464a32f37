/** `socle serve`: serves an application until it is told to stop. */
import { type Address, formatAddress } from "../net/address.ts";
import type { ServedApplication } from "../supervisor/messages.ts";
import { applicationSettings, importStringArgument } from "./application-settings.ts";
import { type Command, defineCommand } from "./command.ts";
import { address, duration, many, one, onOff, type SettingsTable, wholeNumber } from "./settings.ts";
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
    help: "How long requests in flight may take to finish when the server stops.",
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
    const { stopOnSignals, Supervisor } = await import("../supervisor/index.ts");
    const log = (line: string): void => {
      process.stderr.write(`socle: ${line}\n`);
    };
    const supervisor = new Supervisor({ app, log, ...values });
    const end = stopOnSignals(supervisor);
    await supervisor.start();
    if (supervisor.application !== null && supervisor.state === "serving") {
      const where = supervisor.addresses.map(toUrl).join(", ");
      const many = values.workers === 1 ? "1 worker" : `${values.workers} workers`;
      process.stdout.write(
        `Socle ${packageVersion()} serving ${titleOf(supervisor.application)} on ${where} (${many}, Ctrl-C to stop)\n`,
      );
    }
    const { forced } = await end;
    return forced ? 1 : 0;
  },
});

/** What is served; what speaks another interface than Socle's own is said to. */
function titleOf({ description, kind, what }: ServedApplication): string {
  return kind === "socle" ? description : `${description} (${what})`;
}

/** The address as one opens it. */
function toUrl(at: Address): string {
  return at.kind === "tcp" ? `http://${formatAddress(at)}` : formatAddress(at);
}

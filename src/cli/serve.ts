/** `socle serve`: serves an application until it is told to stop. */
import { type Address, formatAddress } from "../net/address.ts";
import { type Command, defineCommand } from "./command.ts";
import { address, duration, many, one, type SettingsTable, wholeNumber } from "./settings.ts";
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
} satisfies SettingsTable;

export const serveCommand: Command = defineCommand({
  name: "serve",
  summary: "Serve a web application.",
  argument: {
    name: "IMPORT_STRING",
    help: [
      "web.ts           the module's default export, else its 'app', else main()",
      "web.ts:api       its export 'api'",
      "'web.ts:make()'  what its function 'make' returns, or resolves to",
      "",
      "The module is a file, TypeScript or JavaScript, or a package.",
    ],
  },
  settings,
  examples: [
    ["socle serve web.ts", "on http://127.0.0.1:8000"],
    ["socle serve 'web.ts:main()' -w 4 -b 0.0.0.0:80", "4 workers, every interface"],
    ["socle serve web.ts -b unix:/run/web.sock -b 8080", "2 listeners"],
  ],

  async run(app, { bind, workers, gracefulTimeout }) {
    const { stopOnSignals, Supervisor } = await import("../supervisor/index.ts");
    const log = (line: string): void => {
      process.stderr.write(`socle: ${line}\n`);
    };
    const supervisor = new Supervisor({ app, bind, workers, gracefulTimeout, log });
    const end = stopOnSignals(supervisor);
    await supervisor.start();
    if (supervisor.state === "serving") {
      const where = supervisor.addresses.map(toUrl).join(", ");
      const many = workers === 1 ? "1 worker" : `${workers} workers`;
      process.stdout.write(
        `Socle ${packageVersion()} serving ${supervisor.description} on ${where} (${many}, Ctrl-C to stop)\n`,
      );
    }
    const { forced } = await end;
    return forced ? 1 : 0;
  },
});

/** The address as one opens it. */
function toUrl(at: Address): string {
  return at.kind === "tcp" ? `http://${formatAddress(at)}` : formatAddress(at);
}

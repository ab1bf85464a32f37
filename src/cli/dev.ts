/** `socle dev`: serves an application while it is written. */
import { applicationSettings, importStringArgument } from "./application-settings.ts";
import { type Command, defineCommand } from "./command.ts";
import { DevTerminal } from "./dev-terminal.ts";
import { address, duration, many, one, onOff, path, type SettingsTable, type ValueType } from "./settings.ts";
import { packageVersion } from "./version.ts";

const host: ValueType<string> = {
  placeholder: "HOST",
  accepts: "a host name such as shop.test, or .shop.test for all below it",
  read: (text) => (/^\.?[\w-]+(?:\.[\w-]+)*$/.test(text) ? text.toLowerCase() : undefined),
  show: String,
};

const settings = {
  bind: many(address, [{ kind: "tcp", host: "127.0.0.1", port: 8000 }], {
    short: "b",
    help: "Listen there. Can be given several times; unix:/path is a Unix socket, port 0 any port that is free.",
  }),
  watch: many(path, [], {
    help: "Reload as well when this file changes, or what is in this folder: templates, .env. Can be given several times.",
  }),
  allowHost: many(host, [], {
    help: "Answer for that host, besides localhost and IP addresses. Can be given several times; .shop.test is all below it.",
  }),
  liveReload: onOff({ help: "Have the application's pages reload themselves in the browser." }),
  gracefulTimeout: one(duration, 2_000, {
    help: "How long requests in flight may take to finish when the code has changed.",
  }),
  ...applicationSettings,
  validate: onOff({
    help: "Check every request and answer against the rules of the application's interface, and report each breach.",
  }),
} satisfies SettingsTable;

export const devCommand: Command = defineCommand({
  name: "dev",
  summary: "Serve a web application while it is written: reload on change, show errors.",
  argument: importStringArgument,
  settings,
  examples: [
    ["socle dev web.ts", "on http://127.0.0.1:8000"],
    ["socle dev web.ts --watch views --live-reload", "templates too, and the browser with them"],
  ],

  async run(app, values) {
    const [{ DevServer }, { stopOnSignals }] = await Promise.all([
      import("../supervisor/dev-server.ts"),
      import("../supervisor/signals.ts"),
    ]);
    const version = packageVersion();
    const terminal = new DevTerminal(version, () => server.addresses);
    const server = new DevServer({ app, version, ...values, onEvent: (event) => terminal.show(event) });
    const end = stopOnSignals(server);
    await server.start();
    const { forced } = await end;
    return forced ? 1 : 0;
  },
});

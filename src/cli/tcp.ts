/** `socle tcp`: serves a protocol of one's own over TCP until it is told to stop. */
import { pathToFileURL } from "node:url";
import { type Address, formatAddress, type ListenAddress } from "../net/address.ts";
import { type Command, defineCommand } from "./command.ts";
import { listenerSettings, toListenerOptions } from "./listener-settings.ts";
import { duration, listenAddress, many, model, one, optional, type SettingsTable } from "./settings.ts";
import { packageVersion } from "./version.ts";

const settings = {
  bind: many(listenAddress, [{ kind: "tcp", host: "127.0.0.1", port: 7000 }], {
    short: "b",
    help: "Listen there. Can be given several times; unix:/path is a Unix socket, port 0 any port that is free, host 0.0.0.0 every network interface, fd://N and systemd:NAME a socket that was bound by others.",
  }),
  model: one(model, "events", {
    short: "m",
    help: "once: one client, then the end. serial: one client at a time. events: all at once in one event loop. threads:N, processes:N: with N event loops, in threads or processes.",
  }),
  gracefulTimeout: one(duration, 10_000, {
    help: "How long handlers may take to finish when the server stops.",
  }),
  idleTimeout: optional(duration, { help: "Cut connections on which nothing came or went for so long." }),
  totalTimeout: optional(duration, { help: "Cut connections that have lasted so long, whatever they do." }),
  ...listenerSettings,
} satisfies SettingsTable;

const isSource: boolean = import.meta.url.endsWith(".ts");
const upperEcho: URL = new URL(isSource ? "./upper-echo.ts" : "./upper-echo.js", import.meta.url);

/** The address as one opens it. */
function toUrl(at: Address): string {
  return at.kind === "tcp" ? `tcp://${formatAddress(at)}` : formatAddress(at);
}

/** @throws HandlerModuleError */
async function findHandler(name: string): Promise<string> {
  const { findModuleFile, ModuleFileError } = await import("../net/loader/module-file.ts");
  const { HandlerModuleError } = await import("../net/server/handler-module.ts");
  try {
    return await findModuleFile(name, process.cwd());
  } catch (error) {
    if (!(error instanceof ModuleFileError)) throw error;
    throw new HandlerModuleError(`can't load the handler ${JSON.stringify(name)}: ${error.message}`);
  }
}

export const tcpCommand: Command = defineCommand({
  name: "tcp",
  summary: "Serve a protocol of your own over TCP.",
  argument: {
    name: "HANDLER",
    optional: true,
    help: [
      "A module, TypeScript or JavaScript, whose default export (or export 'handler')",
      "is a function that takes a Connection, or a class that extends Handler.",
      "Without one, whatever comes is sent back in upper case: try it with nc.",
    ],
  },
  settings,
  examples: [
    ["socle tcp", "upper-casing echo on 127.0.0.1:7000"],
    ["socle tcp chat.ts -b 0.0.0.0:7000", "every network interface"],
    ["socle tcp work.ts --model threads:10", "10 threads"],
  ],

  async run(handler, { bind, model, gracefulTimeout, idleTimeout, totalTimeout, ...listener }) {
    const listenerOptions = toListenerOptions(listener);
    const [{ SocketServer }, { formatModel }, { stopOnSignals }] = await Promise.all([
      import("../net/server/socket-server.ts"),
      import("../net/server/model.ts"),
      import("../supervisor/signals.ts"),
    ]);
    const module = handler === "" ? upperEcho : pathToFileURL(await findHandler(handler));
    const server = new SocketServer(
      { module },
      {
        ...listenerOptions,
        model,
        ...(idleTimeout === undefined ? {} : { idleTimeout }),
        ...(totalTimeout === undefined ? {} : { totalTimeout }),
      },
    );
    let stopping = false;
    let aborted = 0;
    const end = stopOnSignals({
      stopped: server.closed,
      async stop({ force }) {
        stopping = true;
        const report = await server.close({ deadline: force ? 0 : gracefulTimeout });
        aborted = report.aborted;
      },
    });
    const listening = server.listen(...(bind as [ListenAddress, ...ListenAddress[]]));
    // A handler's module that waits at its top level would not keep this process alive.
    const alive = setInterval(() => {}, 2 ** 30);
    try {
      await Promise.race([listening.catch((error) => stopping || Promise.reject(error)), end]);
    } finally {
      clearInterval(alive);
    }
    if (!stopping) {
      const where = server.addresses.map(toUrl).join(", ");
      process.stdout.write(
        `Socle ${packageVersion()} serving ${handler === "" ? "an upper-casing echo" : handler} on ${where} ` +
          `(${formatModel(model)}, Ctrl-C to stop)\n`,
      );
    }
    const { forced } = await end;
    if (aborted > 0) {
      process.stderr.write(
        `socle: cut ${aborted === 1 ? "1 connection" : `${aborted} connections`} at the deadline\n`,
      );
    }
    return forced ? 1 : 0;
  },
});

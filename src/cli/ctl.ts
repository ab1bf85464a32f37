/** `socle ctl`: tells a server that serves what to do, and asks it how it is. */
import type { ControlRequest } from "../supervisor/control.ts";
import type { SupervisorStatus } from "../supervisor/status.ts";
import { type Command, defineCommand, UsageError } from "./command.ts";
import { onOff, optional, path, type SettingsTable } from "./settings.ts";

const settings = {
  control: optional(path, { help: "The control socket of the server, as its own --control names it." }),
  wait: onOff({ help: "reload, take-over: wait until it is done, and exit with 1 where it could not be." }),
  force: onOff({ help: "stop: cut what is being answered." }),
  json: onOff({ help: "status: print JSON." }),
} satisfies SettingsTable;

export const ctlCommand: Command = defineCommand({
  name: "ctl",
  summary: "Control a server that was started with --control.",
  argument: {
    name: "COMMAND",
    words: true,
    help: [
      "status     how the server and its workers are",
      "reload     replace the workers by new ones, which load the application anew",
      "take-over  replace the server itself, by a new Node or a new Socle",
      "scale N    have N workers",
      "stop       stop gracefully",
    ],
  },
  settings,
  examples: [
    ["socle ctl --control web.ctl reload --wait", "exits with 1 if the new code does not come to serve"],
    ["SOCLE_CONTROL=web.ctl socle ctl status", "the same socket for both, by the environment"],
  ],

  async run(words, { control, wait, force, json }) {
    if (control === undefined) throw new UsageError("ctl needs --control FILE, the server's control socket");
    const request = readRequest(words, wait, force);
    const { askControl } = await import("../supervisor/control.ts");
    const { ok, message, status } = await askControl(control, request).catch((error: Error) => {
      return { ok: false, message: error.message, status: undefined };
    });
    if (status === undefined)
      (ok ? process.stdout : process.stderr).write(`${ok ? "" : "socle: "}${message}\n`);
    else process.stdout.write(json ? `${JSON.stringify(status, null, 2)}\n` : describeStatus(status));
    return ok ? 0 : 1;
  },
});

function readRequest(words: string, wait: boolean, force: boolean): ControlRequest {
  const [command, argument, extra] = words.split(" ");
  if (command === "scale") {
    const workers = Number(argument);
    if (!/^[1-9]\d{0,3}$/.test(argument ?? "") || extra !== undefined) {
      throw new UsageError("scale needs a number of workers, from 1 up: socle ctl scale 4");
    }
    return { command, workers };
  }
  if (argument !== undefined)
    throw new UsageError(`${command} takes nothing more, and got ${JSON.stringify(argument)}`);
  switch (command) {
    case "status":
      return { command };
    case "reload":
    case "take-over":
      return { command, wait };
    case "stop":
      return { command, force };
    default:
      throw new UsageError(
        `ctl knows status, reload, take-over, scale N and stop, and not ${JSON.stringify(command)}`,
      );
  }
}

function describeStatus(status: SupervisorStatus): string {
  const { pid, state, application, addresses, generation, target, deaths, age, workers } = status;
  const head = [
    `${application ?? "nothing yet"} on ${addresses.join(", ")}`,
    `process ${pid}, ${state} for ${duration(age)}; generation ${generation}; ${workers.length} of ${target} workers; ${deaths} died`,
  ];
  const columns = ["WORKER", "PID", "GEN", "STATE", "AGE", "REQUESTS", "CONNECTIONS", "MEMORY", "BUSY"];
  const rows = workers.map((worker) => [
    String(worker.number),
    String(worker.pid ?? ""),
    String(worker.generation),
    worker.state,
    duration(worker.age),
    String(worker.requests),
    String(worker.connections),
    `${Math.round(worker.memory / 1024 ** 2)} MiB`,
    `${Math.round(worker.utilization * 100)} %`,
  ]);
  const widths = columns.map((name, i) =>
    Math.max(name.length, ...rows.map((row) => (row[i] as string).length)),
  );
  const table = [columns, ...rows].map((row) => {
    // Words stand on the left, figures on the right.
    const cells = row.map((cell, i) =>
      i === 3 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number),
    );
    return cells.join("  ").trimEnd();
  });
  return `${[...head, "", ...table].join("\n")}\n`;
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}

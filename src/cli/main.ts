/** The command `socle`. */
import { nearMatch } from "../net/loader/near-match.ts";
import { readArguments } from "./arguments.ts";
import { checkCommand } from "./check.ts";
import { type Command, UsageError } from "./command.ts";
import { ctlCommand } from "./ctl.ts";
import { devCommand } from "./dev.ts";
import { commandHelp, mainHelp, styleFor } from "./help.ts";
import { routesCommand } from "./routes.ts";
import { serveCommand } from "./serve.ts";
import { tcpCommand } from "./tcp.ts";
import { packageVersion } from "./version.ts";

const commands: readonly Command[] = [
  serveCommand,
  ctlCommand,
  devCommand,
  checkCommand,
  routesCommand,
  tcpCommand,
];

/**
 * Runs a command line, without `node` and `socle`. What goes wrong is one line on standard error.
 * @returns The exit code: 0, 1 when it went wrong, 2 when the command line makes no sense.
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    return await dispatch(args);
  } catch (error) {
    process.stderr.write(`socle: ${messageOf(error)}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function dispatch(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  switch (name) {
    case undefined:
      process.stderr.write(mainHelp(packageVersion(), commands, styleFor(process.stderr)));
      return 2;
    case "-h":
    case "--help":
    case "help":
      return showHelp(rest[0]);
    case "-V":
    case "--version":
      process.stdout.write(`socle ${packageVersion()}\n`);
      return 0;
  }
  const command = findCommand(name);
  const { help, argument, values } = readArguments(command, rest, process.env);
  if (help) return showHelp(command.name);
  return command.run(argument, values as never);
}

function showHelp(name: string | undefined): number {
  const style = styleFor(process.stdout);
  const text =
    name === undefined ? mainHelp(packageVersion(), commands, style) : commandHelp(findCommand(name), style);
  process.stdout.write(text);
  return 0;
}

function findCommand(name: string): Command {
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found;
  const what = name.startsWith("-") ? "option" : "command";
  const known = what === "option" ? ["--help", "--version"] : commands.map((command) => command.name);
  const near = nearMatch(name, known);
  const suggestion = near === undefined ? "Try 'socle --help'." : `Did you mean ${near}?`;
  throw new UsageError(`there is no ${what} ${name}. ${suggestion}`);
}

/** The errors that are meant for users, by name: their classes load only with the command that throws them. */
const userErrors: readonly string[] = [
  "UsageError",
  "BindError",
  "SupervisorError",
  "CheckError",
  "HandlerModuleError",
  "OptionError",
  "WorkerDied",
];

function messageOf(error: unknown): string {
  if (error instanceof Error && userErrors.includes(error.name)) return error.message;
  return `unexpected error, please report it: ${error instanceof Error ? error.stack : String(error)}`;
}

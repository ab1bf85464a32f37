/** What a command of `socle` is. */
import type { SettingsTable, SettingValues } from "./settings.ts";

export interface Command<Table extends SettingsTable = SettingsTable> {
  readonly name: string;
  /** What it does, in a few words. */
  readonly summary: string;
  /** The argument that it takes. */
  readonly argument: {
    readonly name: string;
    readonly help: readonly string[];
    /** Whether it can be left out. */
    readonly optional?: boolean;
    /** Whether it may be of several words, which come with a space between. */
    readonly words?: boolean;
  };
  readonly settings: Table;
  readonly examples: readonly (readonly [command: string, what: string])[];
  /** Runs until it has ended. Returns the exit code. An argument that was left out is the empty text. */
  run(argument: string, values: SettingValues<Table>): Promise<number>;
}

/** Forgets the type of a command's own table: `run` is only ever called with what was read by that table. */
export function defineCommand<Table extends SettingsTable>(command: Command<Table>): Command {
  return command as unknown as Command;
}

/** What was asked for makes no sense: one line, and exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

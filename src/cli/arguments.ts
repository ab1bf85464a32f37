/** Reads a command's arguments and environment variables by its table of settings. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { nearMatch } from "../net/loader/near-match.ts";
import { type Command, UsageError } from "./command.ts";
import { environmentVariableOf, flagOf, type Setting, type SettingsTable } from "./settings.ts";

/** What a command was given. */
export interface Given {
  readonly help: boolean;
  /** "" where it was left out. */
  readonly argument: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * A flag counts before its environment variable, and that before the default.
 * @throws UsageError
 */
export function readArguments(
  command: Command,
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Given {
  const options: NonNullable<ParseArgsConfig["options"]> = { help: { type: "boolean", short: "h" } };
  const keys = new Map<string, string>();
  for (const [key, { short, type }] of Object.entries(command.settings)) {
    keys.set(flagOf(key), key);
    const takesValue = type.placeholder !== "";
    options[flagOf(key)] = {
      type: takesValue ? "string" : "boolean",
      ...(short === undefined ? {} : { short }),
    };
  }
  // Not strict, since the errors of the strict mode are not for users.
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });

  const texts = new Map<string, { source: string; text: string }[]>();
  const positionals: string[] = [];
  let help = false;
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    if (token.name === "help") {
      if (token.value !== undefined) throw new UsageError(`${token.rawName} takes no value`);
      help = true;
      continue;
    }
    const key = keys.get(token.name);
    if (key === undefined) throw unknownOption(token.rawName, [...keys.keys(), "help"], command);
    const setting = command.settings[key]!;
    const { value, inlineValue } = token;
    const { placeholder, accepts } = setting.type;
    if (placeholder === "") {
      if (value !== undefined) throw new UsageError(`${token.rawName} takes no value`);
      texts.set(key, [{ source: token.rawName, text: "1" }]);
      continue;
    }
    if (value === undefined || value === "" || (inlineValue === false && /^-./.test(value))) {
      throw new UsageError(`${token.rawName} needs a value: ${token.rawName} ${placeholder} (${accepts})`);
    }
    const given = texts.get(key) ?? [];
    given.push({ source: token.rawName, text: value });
    texts.set(key, given);
  }
  if (help) return { help, argument: "", values: {} };

  const [argument = "", extra] =
    command.argument.words === true ? [positionals.join(" ")] : (positionals as [string?, string?]);
  if (argument === "" && command.argument.optional !== true) {
    throw new UsageError(
      `${command.name} needs ${command.argument.name}. Try 'socle ${command.name} --help'.`,
    );
  }
  if (extra !== undefined) {
    throw new UsageError(
      `${command.name} takes one ${command.argument.name}, and got ${JSON.stringify(extra)} as well`,
    );
  }
  return { help, argument, values: readValues(command.settings, texts, environment) };
}

function readValues(
  settings: SettingsTable,
  flags: ReadonlyMap<string, readonly { source: string; text: string }[]>,
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(settings)) {
    const given = flags.get(key) ?? fromEnvironment(key, setting, environment);
    if (!setting.repeatable && given.length > 1) {
      throw new UsageError(`${given[0]!.source} can be given once only`);
    }
    const read = given.length === 0 ? setting.default : given.map((value) => readValue(setting, value));
    values[key] = setting.repeatable ? read : read[0];
  }
  return values;
}

function fromEnvironment(
  key: string,
  { repeatable }: Setting<unknown>,
  environment: Readonly<Record<string, string | undefined>>,
): { source: string; text: string }[] {
  const source = environmentVariableOf(key);
  const text = environment[source];
  if (text === undefined || text === "") return [];
  const texts = repeatable ? text.split(",") : [text];
  return texts.map((part) => ({ source, text: part.trim() }));
}

function readValue(setting: Setting<unknown>, { source, text }: { source: string; text: string }): unknown {
  const value = setting.type.read(text);
  if (value === undefined) {
    throw new UsageError(`${source} is ${JSON.stringify(text)}, and must be ${setting.type.accepts}`);
  }
  return value;
}

function unknownOption(rawName: string, flags: readonly string[], command: Command): UsageError {
  const near = rawName.startsWith("--") ? nearMatch(rawName.slice(2), flags) : undefined;
  const suggestion = near === undefined ? `Try 'socle ${command.name} --help'.` : `Did you mean --${near}?`;
  return new UsageError(`${command.name} has no option ${rawName}. ${suggestion}`);
}

/** The configuration of an application: read and checked as a whole when it starts, and not where it is used. */
import { inspect } from "node:util";
import { isThenable } from "../../gateway/application.ts";
import { nearMatch } from "../../net/loader/near-match.ts";
import type { Converter } from "../converters.ts";
import { describeIssues } from "../validation/issues.ts";
import type { Schema } from "../validation/schemas.ts";
import type { BadDefaults, Config, Setting, Settings } from "./settings.ts";
import { readEnvFile, readEnvironment, readJsonFile, type Source } from "./sources.ts";

/** Where values come from; the first that has one counts, in this order. */
export interface ConfigSources<S extends Settings> {
  /** Values that the program itself gives, a test for instance. They are taken as they are. */
  readonly values?: Partial<Config<S>>;
  /** Variables by name. Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A file with lines `NAME=value`, such as `.env`. It need not be there. Default: none. */
  readonly envFile?: string;
  /** A JSON file with the settings under their own names, and nothing else but `$schema`. Default: none. */
  readonly file?: string;
}

/** What is wrong with a configuration, all of it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  /** One sentence each. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    // Numbered, so that they can be told apart where somebody writes a message in one line.
    const list = problems.map((problem, i) =>
      problems.length === 1 ? ` ${problem}` : `\n(${i + 1}) ${problem}`,
    );
    super(`the configuration is wrong:${list.join("")}`);
    this.problems = problems;
  }
}

/** What follows on the settings. Where a default is not of its setting's type, nothing can: that is how the compiler says so. */
export type LoadArguments<S extends Settings> = [BadDefaults<S>] extends [never]
  ? [sources?: ConfigSources<S>]
  : [fault: `the default of ${BadDefaults<S> & string} is not of its type`];

/**
 * Reads the settings of an application:
 *
 *     const config = loadConfig({
 *       port: { type: int, min: 0, max: 65_535, default: 8000, env: "PORT" },
 *       databaseUrl: { type: url, secret: true, env: "DATABASE_URL", help: "where the notes are kept" },
 *     });
 *
 * The result is frozen. Printed, or as JSON, it shows secrets as `***`.
 * @throws ConfigError that names every problem: what is missing, of the wrong type, or not known.
 * @throws TypeError for a schema that checks asynchronously.
 */
export function loadConfig<const S extends Settings>(settings: S, ...rest: LoadArguments<S>): Config<S> {
  const [sources = {}] = rest as [ConfigSources<S>?];
  const { values = {}, env = process.env, envFile, file } = sources;
  const problems: string[] = [];
  const reading: Reading = {
    variables: [readEnvironment(env), ...(envFile === undefined ? [] : [readEnvFile(envFile, problems)])],
    file: file === undefined ? undefined : readJsonFile(file, problems),
    problems,
  };
  const all: Settings = settings;
  findUnknown(all, reading);
  const entries = Object.entries(all).map(([name, setting]): [string, unknown] => {
    const given = (values as Record<string, unknown>)[name];
    if (given !== undefined) return [name, given];
    return [name, readSetting(name, setting, reading)];
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return seal(Object.fromEntries(entries), all) as Config<S>;
}

/** What was read, and what was found to be wrong so far. */
interface Reading {
  /** The first that has a variable counts. */
  readonly variables: readonly Source<string>[];
  readonly file: Source<unknown> | undefined;
  readonly problems: string[];
}

function readSetting(name: string, setting: Setting, { variables, file, problems }: Reading): unknown {
  const { env } = setting;
  const source = variables.find(({ values }) => env !== undefined && Object.hasOwn(values, env));
  if (source !== undefined && env !== undefined) {
    const describe = (shown: string): string => `${env}${shown && `=${shown}`} in ${source.name}`;
    return check(setting, source.values[env], describe, problems);
  }
  if (file !== undefined && Object.hasOwn(file.values, name)) {
    const describe = (shown: string): string =>
      `${JSON.stringify(name)}${shown && `: ${shown}`} in ${file.name}`;
    return check(setting, file.values[name], describe, problems);
  }
  if (setting.default === undefined && setting.optional !== true) {
    problems.push(missing(name, setting, file));
  }
  return setting.default;
}

/** @param describe the place of the value, with what it is, or with "" where that is a secret */
function check(
  setting: Setting,
  raw: unknown,
  describe: (shown: string) => string,
  problems: string[],
): unknown {
  const { type, secret, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = setting;
  const refuse = (why: string): undefined => {
    problems.push(`${describe(secret === true ? "" : show(raw))} ${why}`);
  };
  if (isSchema(type)) {
    const result = type["~standard"].validate(raw);
    if (isThenable(result))
      throw new TypeError("a setting's schema must check at once, and not asynchronously");
    if (result.issues === undefined) return result.value;
    // What a schema says may repeat the value.
    return refuse(
      secret === true
        ? "is not what its schema takes"
        : `is not what its schema takes: ${describeIssues(result.issues)}`,
    );
  }
  const value = convert(type, raw);
  const isInRange = typeof value !== "number" || (value >= min && value <= max);
  return value !== undefined && isInRange ? value : refuse(`must be ${acceptedBy(type)}${rangeOf(setting)}`);
}

/** A value of a JSON file is read by its text, as the same setting from the environment is. */
function convert(type: Converter<unknown> | undefined, raw: unknown): unknown {
  if (type === undefined) return typeof raw === "string" ? raw : undefined;
  const items: readonly unknown[] = Array.isArray(raw) ? raw : [raw];
  if (!items.every(isScalar)) return undefined;
  // In a text the items of a list have commas between.
  if (Array.isArray(raw) && items.some((item) => String(item).includes(","))) return undefined;
  return type(items.join(","));
}

function isScalar(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function isSchema(type: Converter<unknown> | Schema | undefined): type is Schema {
  return type !== undefined && "~standard" in type;
}

function acceptedBy(type: Converter<unknown> | undefined): string {
  if (type === undefined) return "a text";
  return type.accepts ?? `what ${type.name || "its type"} takes`;
}

function rangeOf({ min, max }: Setting): string {
  if (min === undefined) return max === undefined ? "" : ` up to ${max}`;
  return max === undefined ? ` from ${min} up` : ` from ${min} to ${max}`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function missing(name: string, { env, help }: Setting, file: Source<unknown> | undefined): string {
  const ways = [
    env === undefined ? "" : `set ${env} in the environment`,
    file === undefined ? "" : `write ${JSON.stringify(name)} in ${file.name}`,
  ].filter(Boolean);
  const purpose = help === undefined ? "" : ` (${help})`;
  return `${name}${purpose} is missing${ways.length === 0 ? "" : `: ${ways.join(", or ")}`}`;
}

function findUnknown(settings: Settings, { file, problems }: Reading): void {
  if (file === undefined) return;
  const known = Object.keys(settings);
  for (const name of Object.keys(file.values)) {
    if (name === "$schema" || Object.hasOwn(settings, name)) continue;
    const near = nearMatch(name, known);
    const hint = near === undefined ? `the settings are ${known.join(", ")}` : `did you mean ${near}?`;
    problems.push(`${JSON.stringify(name)} in ${file.name} is no setting: ${hint}`);
  }
}

/** Freezes it, and has it shown without secrets. */
function seal(config: Record<string, unknown>, settings: Settings): object {
  const shown = (): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(config).map(([name, value]) => [
        name,
        settings[name]?.secret === true && value !== undefined ? "***" : value,
      ]),
    );
  for (const value of Object.values(config)) if (Array.isArray(value)) Object.freeze(value);
  Object.defineProperty(config, inspect.custom, { value: shown });
  if (!Object.hasOwn(config, "toJSON")) Object.defineProperty(config, "toJSON", { value: shown });
  return Object.freeze(config);
}

/** Where settings come from, besides the program itself. */
import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { findJsonError } from "../json-error.ts";

/** A source that was read. */
export interface Source<Value> {
  /** For messages: `the environment`, `config.json`. */
  readonly name: string;
  readonly values: Readonly<Record<string, Value>>;
}

/** The environment. A variable that is set to nothing counts as none: that is how a variable is taken away in many a deployment. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Source<string> {
  return { name: "the environment", values: filled(env) };
}

/** A file in the form of the shell's variables, as Node's `--env-file` takes it. Where there is none, nothing. */
export function readEnvFile(path: string, problems: string[]): Source<string> {
  const text = readText(path, problems, true);
  return { name: path, values: filled(text === undefined ? {} : parseEnv(text)) };
}

/** A JSON file that is an object. */
export function readJsonFile(path: string, problems: string[]): Source<unknown> {
  const text = readText(path, problems, false)?.replace(/^\uFEFF/, "");
  if (text === undefined) return { name: path, values: {} };
  try {
    const values: unknown = JSON.parse(text);
    if (typeof values === "object" && values !== null && !Array.isArray(values)) {
      return { name: path, values: values as Record<string, unknown> };
    }
    problems.push(`${path} must be a JSON object, with settings by name`);
  } catch {
    problems.push(`${path} is not JSON: ${findJsonError(text)}`);
  }
  return { name: path, values: {} };
}

function filled(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries(env).filter((entry): entry is [string, string] => !!entry[1]);
  return Object.fromEntries(entries);
}

function readText(path: string, problems: string[], mayBeMissing: boolean): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT") problems.push(`${path} can't be read: ${message}`);
    else if (!mayBeMissing) problems.push(`${path} can't be read: there is no such file`);
    return undefined;
  }
}

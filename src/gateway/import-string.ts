/**
 * Import strings: how an application is named on a command line.
 *
 *     web.ts            the default export; else `app`; else what `main()` returns
 *     web.ts:api        the export `api` (or a property of it: `api.v2`)
 *     web.ts:make()     what the function `make` returns, now or as a promise
 *
 * `web.ts` is a file, its extension may be left out (`web`), or else a package.
 */
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { findModuleFile, ModuleFileError } from "../net/loader/module-file.ts";
import { nearMatch } from "../net/loader/near-match.ts";
import { enableTypeScript } from "../net/loader/typescript.ts";
import { describeUserError } from "../net/loader/user-error.ts";
import { type Application, isApplication } from "./application.ts";

/** An import string that gives no application. The message is one line: what is wrong, where, and what would be right. */
export class ImportStringError extends Error {
  override readonly name = "ImportStringError";
}

/** The parts of an import string. */
export interface ImportString {
  /** A file or a package. */
  readonly module: string;
  /** The export, or null where it is left out. */
  readonly attribute: string | null;
  /** Whether the export is called. */
  readonly call: boolean;
}

/** An application, and how it was found. */
export interface LoadedApplication {
  readonly application: Application;
  /** The import string with what it left out, such as `web.ts:main()` for `web.ts`. */
  readonly description: string;
}

/**
 * Takes an import string apart.
 * @throws ImportStringError
 */
export function parseImportString(text: string): ImportString {
  const parts = /^(.+?)(?::([\p{ID_Start}$_][\p{ID_Continue}$.]*)(\(\))?)?$/u.exec(text);
  const [, module = "", attribute, call] = parts ?? [];
  const drive = /^[a-z]:[\\/]/i.test(module) ? 2 : 0;
  if (module === "" || module.slice(drive).includes(":") || module.endsWith(")")) {
    throw new ImportStringError(
      `can't read the import string ${JSON.stringify(text)}. Write module, module:attribute or module:factory(), such as 'web.ts:main()'.`,
    );
  }
  return { module, attribute: attribute ?? null, call: call !== undefined };
}

/**
 * Loads the application that an import string names; TypeScript is taken as it is.
 * @param cwd where files and packages are looked for; default: the process's working directory
 * @throws ImportStringError
 */
export async function loadApplication(text: string, cwd: string = process.cwd()): Promise<LoadedApplication> {
  const parsed = parseImportString(text);
  const { module, attribute, call } = parsed;
  const fail = (why: string): never => {
    throw new ImportStringError(`can't load ${JSON.stringify(text)}: ${why}`);
  };

  let url: string;
  try {
    url = pathToFileURL(await findModuleFile(module, cwd)).href;
  } catch (error) {
    if (error instanceof ModuleFileError) return fail(error.message);
    throw error;
  }
  enableTypeScript();
  let exports: Exports;
  try {
    exports = await import(url);
  } catch (error) {
    return fail(describeUserError(error, cwd, url));
  }

  if (attribute === null) {
    const found = await findUnnamed(module, exports, fail, cwd);
    return { application: found.application, description: `${module}${found.suffix}` };
  }
  const value = lookUp(exports, attribute, module, fail);
  const application = call
    ? await callFactory(value, `${attribute}()`, fail, cwd)
    : takeApplication(value, attribute, module, fail);
  return { application, description: text };
}

type Exports = Readonly<Record<string, unknown>>;
type Fail = (why: string) => never;

/** The exports that are looked at when an import string names none, in order. */
const unnamedExports = ["default", "app"] as const;

async function findUnnamed(
  module: string,
  exports: Exports,
  fail: Fail,
  cwd: string,
): Promise<{ application: Application; suffix: string }> {
  for (const name of unnamedExports) {
    const value = exports[name];
    if (isApplication(value)) return { application: value, suffix: name === "default" ? "" : `:${name}` };
  }
  if (typeof exports["main"] === "function") {
    return { application: await callFactory(exports["main"], "main()", fail, cwd), suffix: ":main()" };
  }
  const factory =
    typeof exports["default"] === "function" && !isClass(exports["default"])
      ? ` If the default export makes an application, write '${module}:default()'.`
      : "";
  return fail(
    `it names no export, and the module's default export and "app" are no applications, nor is there a function "main". ${listExports(exports)}${factory}`,
  );
}

function lookUp(exports: Exports, attribute: string, module: string, fail: Fail): unknown {
  let value: unknown = exports;
  let path = module;
  for (const name of attribute.split(".")) {
    const holder = value;
    if (
      (typeof holder !== "object" && typeof holder !== "function") ||
      holder === null ||
      !(name in holder)
    ) {
      if (holder !== exports) return fail(`${path} (${describe(holder)}) has no ${JSON.stringify(name)}.`);
      const near = nearMatch(name, Object.keys(exports));
      const suggestion = near === undefined ? "" : ` Did you mean ${near}?`;
      return fail(`${module} has no export ${JSON.stringify(name)}. ${listExports(exports)}${suggestion}`);
    }
    value = (holder as Exports)[name];
    path = path === module ? name : `${path}.${name}`;
  }
  return value;
}

function takeApplication(value: unknown, attribute: string, module: string, fail: Fail): Application {
  if (isApplication(value)) return value;
  if (typeof value === "function" && !isClass(value)) {
    return fail(
      `${attribute} is a function and no application. If it makes one, write '${module}:${attribute}()'.`,
    );
  }
  return fail(`${attribute} is ${describe(value)}, and no application. ${whatAnApplicationIs}`);
}

async function callFactory(value: unknown, name: string, fail: Fail, cwd: string): Promise<Application> {
  if (typeof value !== "function") {
    const instead = isApplication(value) ? " but an application: leave the () out." : ".";
    return fail(`${name} can't be called: it is not a function${instead}`);
  }
  let made: unknown;
  try {
    made = await value();
  } catch (error) {
    return fail(`${name} threw ${describeUserError(error, cwd)}`);
  }
  if (isApplication(made)) return made;
  return fail(`${name} returned ${describe(made)}, and no application. ${whatAnApplicationIs}`);
}

const whatAnApplicationIs = "An application is an App of Socle.";

function listExports(exports: Exports): string {
  const names = Object.keys(exports).filter((name) => name !== "module.exports");
  return names.length === 0 ? "It exports nothing." : `It exports ${names.join(", ")}.`;
}

/** What a value is, in a few words: `undefined`, `a string`, `an object of class Foo`. */
function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "function") return isClass(value) ? "a class" : "a function";
  if (typeof value === "object") {
    const { name } = Object.getPrototypeOf(value)?.constructor ?? { name: "" };
    return name === "" || name === "Object" ? "a plain object" : `an object of class ${name}`;
  }
  return `the ${typeof value} ${inspect(value)}`;
}

function isClass(value: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

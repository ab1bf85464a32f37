/** Finds the file that the module part of an import string names. */
import { readdir, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, extname, isAbsolute, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { nearMatch } from "./near-match.ts";

/** The extensions of a module, in the order in which they are tried. */
export const moduleExtensions: readonly string[] = [".ts", ".mts", ".cts", ".js", ".mjs", ".cjs"];

/** No module of that name. The message is one line. */
export class ModuleFileError extends Error {
  override readonly name = "ModuleFileError";
}

/**
 * The path of the module that `name` means: a file, its extension may be left out; or else a package, as code in
 * `cwd` would find it.
 * @throws ModuleFileError
 */
export async function findModuleFile(name: string, cwd: string): Promise<string> {
  const path = resolve(cwd, name);
  const known = moduleExtensions.includes(extname(name));
  const candidates = known ? [path] : [path, ...moduleExtensions.map((extension) => path + extension)];
  const kinds = await Promise.all(candidates.map(kindOf));
  const found = candidates.find((_, index) => kinds[index] === "file");
  if (found !== undefined) {
    if (moduleExtensions.includes(extname(found))) return found;
    throw new ModuleFileError(
      `${found} is not a module: its name ends with none of ${moduleExtensions.join(" ")}`,
    );
  }
  if (kinds[0] === "directory") {
    throw new ModuleFileError(`${path} is a directory. Name a file in it${await inDirectory(path)}`);
  }
  const isPath = known || isAbsolute(name) || /^\.{1,2}(?:[\\/]|$)/.test(name);
  const fromPackage = isPath ? undefined : findPackage(name, cwd);
  if (fromPackage !== undefined) return fromPackage;
  const tried = known ? `there is no file ${path}` : `there is no file ${path} with .ts, .js or the like`;
  const orPackage = isPath ? "" : ` and no package ${JSON.stringify(name)}`;
  const near = await nearFile(path);
  throw new ModuleFileError(`${tried}${orPackage}${near === undefined ? "" : `. Did you mean ${near}?`}`);
}

async function kindOf(path: string): Promise<"file" | "directory" | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  return found.isDirectory() ? "directory" : "file";
}

function findPackage(name: string, cwd: string): string | undefined {
  try {
    return createRequire(pathToFileURL(join(cwd, "package.json"))).resolve(name);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "MODULE_NOT_FOUND") return undefined;
    throw new ModuleFileError(`the package ${JSON.stringify(name)} can't be loaded: ${message}`);
  }
}

async function modulesIn(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => []);
  return names.filter((name) => moduleExtensions.includes(extname(name)) && !name.endsWith(".d.ts"));
}

async function inDirectory(path: string): Promise<string> {
  const names = await modulesIn(path);
  return names.length === 0 ? "" : `, such as ${basename(path)}/${names[0]}`;
}

/** The module beside a missing one whose name is nearest, with or without the extension. */
async function nearFile(path: string): Promise<string | undefined> {
  const names = await modulesIn(dirname(path));
  const stems = new Map(names.map((name) => [stem(name), name]));
  return nearMatch(basename(path), names) ?? stems.get(nearMatch(stem(basename(path)), stems.keys()) ?? "");
}

function stem(name: string): string {
  return moduleExtensions.includes(extname(name)) ? name.slice(0, -extname(name).length) : name;
}

/**
 * Load hook for Nodes that don't strip types themselves. It runs in Node's hook
 * thread, and is the only place where the library that strips is loaded: at the first
 * TypeScript file, since it takes some 70 ms. Formats and errors are those of Node 22.18 and
 * later.
 */
import { readFile } from "node:fs/promises";
import type { LoadHook, ModuleFormat } from "node:module";
import { fileURLToPath } from "node:url";
import { compileFunction } from "node:vm";

/** What amaro throws: a plain object. */
interface StripError {
  readonly code: "InvalidSyntax" | "UnsupportedSyntax";
  readonly message: string;
  readonly snippet: string;
  readonly startLine: number;
}

export const load: LoadHook = async (url, context, nextLoad) => {
  const extension = /^file:[^?#]*\.([mc]?ts)(?:[?#]|$)/.exec(url)?.[1];
  if (extension === undefined || url.includes("/node_modules/")) return nextLoad(url, context);
  const path = fileURLToPath(url);
  const source = await strip(await readFile(path, "utf8"), path);
  return { format: await formatOf(extension, url, source), source, shortCircuit: true };
};

async function strip(source: string, path: string): Promise<string> {
  const { default: amaro } = await import("amaro");
  try {
    return amaro.transformSync(source, { mode: "strip-only", filename: path }).code;
  } catch (thrown) {
    const { code, message, snippet, startLine } = thrown as StripError;
    const kind = code === "UnsupportedSyntax" ? "UNSUPPORTED" : "INVALID";
    const error = new SyntaxError(message);
    error.stack = `${path}:${startLine}\n${snippet}\n${error.stack}`;
    throw Object.assign(error, { code: `ERR_${kind}_TYPESCRIPT_SYNTAX` });
  }
}

async function formatOf(extension: string, url: string, source: string): Promise<ModuleFormat> {
  if (extension === "mts") return "module";
  if (extension === "cts") return "commonjs";
  return (await packageType(new URL(".", url))) ?? (isCommonJs(source) ? "commonjs" : "module");
}

const packageTypes = new Map<string, Promise<ModuleFormat | null>>();

/** `type` of the package.json that holds for a directory, or null where it has none. */
function packageType(directory: URL): Promise<ModuleFormat | null> {
  let type = packageTypes.get(directory.href);
  if (type === undefined) {
    type = readPackageType(directory);
    packageTypes.set(directory.href, type);
  }
  return type;
}

async function readPackageType(directory: URL): Promise<ModuleFormat | null> {
  try {
    const { type } = JSON.parse(await readFile(new URL("package.json", directory), "utf8"));
    return type === "module" || type === "commonjs" ? type : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const parent = new URL("..", directory);
  return parent.href === directory.href ? null : packageType(parent);
}

/** Node's own rule for files of no declared type: a module is what does not compile as CommonJS. */
function isCommonJs(source: string): boolean {
  try {
    compileFunction(source, ["exports", "require", "module", "__filename", "__dirname"]);
    return true;
  } catch {
    return false;
  }
}

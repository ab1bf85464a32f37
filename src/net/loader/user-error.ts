/**
 * Words an error of the user's code in one line: what was thrown, and where in
 * their own files. No stack, neither theirs nor ours.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect, stripVTControlCharacters } from "node:util";
import { moduleExtensions } from "./module-file.ts";

/** A place in a file: the path, and a line where it is known. */
interface Place {
  readonly path: string;
  readonly position: string;
}

/** The directory that Socle's own code runs from. */
const ownDirectory: string = fileURLToPath(new URL("../..", import.meta.url));

/**
 * One line about an error that loading or starting `file` ended with, such as
 * `TypeError: boom (app/web.ts:3:9)`. Paths inside `cwd` are written relative to it.
 */
export function describeUserError(error: unknown, cwd: string, file?: string): string {
  const place = placeOf(error) ?? (file === undefined ? undefined : placeOfSyntaxError(error, file));
  const where = place === undefined ? "" : ` (${shorten(place.path, cwd)}${place.position})`;
  return `${messageOf(error)}${where}${hintFor(error, place, cwd)}`;
}

/** A path as the user would write it. */
export function shorten(path: string, cwd: string): string {
  const inside = relative(cwd, path);
  return inside === "" || inside.startsWith("..") ? path : inside;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return oneLine(inspect(error, { depth: 1, breakLength: Infinity }));
  const message = oneLine(error.message);
  if (codeOf(error) === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") return message;
  return message === "" ? error.name : `${error.name}: ${message}`;
}

function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .trim()
    .replaceAll(/\s*\n\s*/g, " ");
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** Where an error says it comes from: the line above a syntax error's stack, or the first frame in the user's files. */
function placeOf(error: unknown): Place | undefined {
  if (!(error instanceof Error) || typeof error.stack !== "string") return undefined;
  // The message may look like frames; what follows it is the stack.
  const stack = error.stack.replace(error.message, "");
  const above = error instanceof SyntaxError ? toPlace(/^(.+):(\d+)\n/.exec(stack)) : undefined;
  if (above !== undefined) return above;
  const frames = [...stack.matchAll(/^\s+at (?:.*? \()?((?:file:\/\/)?[^\s():][^():]*):(\d+):(\d+)\)?$/gm)]
    .map(toPlace)
    .filter((place) => place !== undefined)
    .filter(({ path }) => !path.startsWith(ownDirectory));
  return frames.find(({ path }) => !path.includes(`${sep}node_modules${sep}`)) ?? frames[0];
}

function toPlace(match: RegExpExecArray | null): Place | undefined {
  const [, file = "", line, column] = match ?? [];
  if (file === "" || file.startsWith("node:")) return undefined;
  const path = file.startsWith("file:") ? fileURLToPath(file) : file;
  return { path, position: column === undefined ? `:${line}` : `:${line}:${column}` };
}

/**
 * The place of a syntax error that V8 has found in an ES module. Node tells it only when it dies of the
 * error, so a process is let die of it. Linking fails before anything is evaluated: the user's code does not
 * run a second time, unless it got as far as a dynamic import.
 */
function placeOfSyntaxError(error: unknown, file: string): Place | undefined {
  if (!(error instanceof SyntaxError)) return undefined;
  const program = `
    const { enableTypeScript } = await import(${JSON.stringify(import.meta.resolve(`./typescript${ownExtension}`))});
    enableTypeScript();
    await import(${JSON.stringify(file)});`;
  const args = [...process.execArgv, "--input-type=module", "--eval", program];
  const { stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
    timeout: 5000,
    killSignal: "SIGKILL",
  });
  return toPlace(/^(file:.+|[/\\].+|[A-Z]:.+):(\d+)$/m.exec(stderr));
}

const ownExtension: string = import.meta.url.endsWith(".ts") ? ".ts" : ".js";

function hintFor(error: unknown, place: Place | undefined, cwd: string): string {
  const message = error instanceof Error ? error.message : "";
  switch (codeOf(error)) {
    case "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX":
      return ". Node.js runs TypeScript by removing the types, so what needs code made for it can't be used (the compiler option erasableSyntaxOnly finds such places)";
    case "ERR_MODULE_NOT_FOUND": {
      const missing = /^Cannot find module '(.+?)' imported from/.exec(message)?.[1];
      const there = missing === undefined ? undefined : siblingModule(missing);
      return there === undefined
        ? ""
        : `. There is ${shorten(there, cwd)}: an import names the file as it is`;
    }
    default:
      return error instanceof SyntaxError &&
        /import statement outside|Unexpected token 'export'/.test(message)
        ? `. The package.json above ${place === undefined ? "it" : shorten(place.path, cwd)} says that its files are CommonJS: write "type": "module" there, or call the file .mts or .mjs`
        : "";
  }
}

/** A module that differs from the missing one by its extension only. */
function siblingModule(missing: string): string | undefined {
  const stem = missing.replace(/\.[mc]?[jt]s$/, "");
  if (!existsSync(dirname(missing))) return undefined;
  return moduleExtensions.map((extension) => stem + extension).find((path) => existsSync(path));
}

/**
 * An error as it is shown to who develops the application: what was thrown, where in their source, the calls that led there, and what
 * caused it. The stacks are those of Node.js, which has the types' places left blank, or maps them by the files' source maps.
 */
import { sep } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect, stripVTControlCharacters } from "node:util";
import { shorten } from "../net/loader/user-error.ts";
import { type Excerpt, readExcerpt } from "./dev-source.ts";

/** One call of a stack. */
export interface Frame {
  /** What was called; "" at the top of a module. */
  readonly call: string;
  /** The file, as the user would write it. */
  readonly file: string;
  readonly line: number;
  readonly column: number | null;
  /** Whose code it is: the user's, a package's, or that of Node.js and Socle. */
  readonly owner: "user" | "package" | "platform";
  /** The source, of the user's own calls. */
  readonly excerpt: Excerpt | null;
}

/** An error, ready to be shown, and to be sent to another process. */
export interface Fault {
  /** How it came to the error before it in the list; null for the first. */
  readonly relation: "caused by" | "one of its errors" | null;
  /** The class of the error, or `thrown value` for what is none. */
  readonly name: string;
  readonly message: string;
  /** Its further properties, such as `{ code: "ENOENT" }`; "" where it has none. */
  readonly details: string;
  readonly frames: readonly Frame[];
}

/** Where an error is known to be, where its own stack does not tell: of a syntax error, mostly. */
export interface KnownPlace {
  readonly path: string;
  readonly line: number;
  readonly column: number | null;
}

const MAX_FAULTS = 10;
const MAX_FRAMES = 50;
const MAX_EXCERPTS = 8;
const MAX_TEXT = 10_000;

/** The directory that Socle's own code runs from. */
const ownDirectory: string = fileURLToPath(new URL("..", import.meta.url));

/**
 * The error, then all that caused it. Paths inside `cwd` are written relative to it.
 * @param known the place of the error, where its stack does not tell it
 */
export function describeFault(error: unknown, cwd: string, known?: KnownPlace): readonly Fault[] {
  const faults: Fault[] = [];
  const seen = new Set<unknown>();
  const add = (thrown: unknown, relation: Fault["relation"]): void => {
    if (faults.length === MAX_FAULTS || seen.has(thrown)) return;
    if (typeof thrown === "object" && thrown !== null) seen.add(thrown);
    faults.push(describeOne(thrown, relation, cwd, relation === null ? known : undefined));
    if (!(thrown instanceof Error)) return;
    if (thrown instanceof AggregateError) for (const each of thrown.errors) add(each, "one of its errors");
    if (thrown.cause !== undefined) add(thrown.cause, "caused by");
  };
  add(error, null);
  return faults;
}

/** The first of the user's own calls whose source is there. */
export function placeOf(fault: Fault): Frame | undefined {
  return fault.frames.find(({ excerpt }) => excerpt !== null);
}

function describeOne(
  thrown: unknown,
  relation: Fault["relation"],
  cwd: string,
  known: KnownPlace | undefined,
): Fault {
  if (!(thrown instanceof Error)) {
    const message = inspect(thrown, { depth: 3, maxStringLength: MAX_TEXT });
    return { relation, name: "thrown value", message, details: "", frames: [] };
  }
  const name = textOf(thrown.name) || "Error";
  const message = stripVTControlCharacters(textOf(thrown.message)).slice(0, MAX_TEXT);
  const stack = textOf(thrown.stack);
  const place = known ?? placeAbove(thrown, stack);
  const frames = framesOf(stack.replace(textOf(thrown.message), ""), cwd);
  if (place !== undefined && !frames.some(({ owner }) => owner === "user")) {
    frames.unshift(frameAt("", place, cwd, true));
  }
  return { relation, name, message, details: detailsOf(thrown), frames };
}

/** Anybody can have set the properties of an error to anything. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The line above a syntax error's stack: `/app/web.ts:3`. */
function placeAbove(error: Error, stack: string): KnownPlace | undefined {
  const [, file, line] = (error instanceof SyntaxError && /^(.+):(\d+)\n/.exec(stack)) || [];
  return file === undefined ? undefined : { path: toPath(file), line: Number(line), column: null };
}

function framesOf(stack: string, cwd: string): Frame[] {
  const frames: Frame[] = [];
  let excerpts = 0;
  for (const text of stack.split("\n")) {
    const match = /^\s+at (?:(.+?) \()?((?:file:\/\/|node:|\/|[A-Za-z]:[\\/])[^()]*?):(\d+):(\d+)\)?$/.exec(
      text,
    );
    if (match === null) continue;
    const [, call = "", file = "", line, column] = match;
    const place = { path: toPath(file), line: Number(line), column: Number(column) };
    const frame = frameAt(call, place, cwd, excerpts < MAX_EXCERPTS);
    if (frame.excerpt !== null) excerpts++;
    if (frames.push(frame) === MAX_FRAMES) break;
  }
  return frames;
}

function frameAt(call: string, { path, line, column }: KnownPlace, cwd: string, withSource: boolean): Frame {
  const owner = ownerOf(path);
  const excerpt = owner === "user" && withSource ? readExcerpt(path, line, column) : null;
  return { call, file: shorten(path, cwd), line, column, owner, excerpt };
}

function ownerOf(path: string): Frame["owner"] {
  if (path.startsWith("node:") || path.startsWith(ownDirectory)) return "platform";
  return path.split(sep).includes("node_modules") ? "package" : "user";
}

function toPath(file: string): string {
  if (!file.startsWith("file:")) return file;
  try {
    return fileURLToPath(file);
  } catch {
    return file;
  }
}

function detailsOf(error: Error): string {
  // What Node.js adds to one repeats what is shown.
  if (error instanceof SyntaxError) return "";
  const entries = Object.entries(error).filter(([key]) => !told.has(key));
  if (entries.length === 0) return "";
  const text = inspect(Object.fromEntries(entries), { depth: 2, breakLength: 100, maxStringLength: 500 });
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

/** What is shown by itself. */
const told: ReadonlySet<string> = new Set(["name", "message", "stack", "cause", "errors"]);

/**
 * The import rule of the source, as a function from files to complaints: which floor may import which,
 * no cycles, no `node:http` on the request path, no undeclared dependency. `test/floors.test.ts` holds
 * the source to it.
 */
import { posix } from "node:path";
import { parseAst } from "vitest/node";

/** The floors from the ground up; those of one row don't know each other. */
const floors: readonly (readonly string[])[] = [
  ["context"],
  ["net"],
  ["http"],
  ["gateway"],
  ["web"],
  ["files", "realtime", "observe"],
  ["supervisor"],
  ["cli"],
];

/** Stands beside the house: every floor may use it, and it uses none. */
const ground = "context";

/** The folder that may use Node's own HTTP: its applications are given Node's own requests and responses. */
const nodeHttpUser = "gateway/node/";

/** One file's use of another module. */
export interface Import {
  specifier: string;
  /** `entry` is a file that is named to be run elsewhere, `new URL("./worker.ts", import.meta.url)`. */
  kind: "import" | "entry";
}

/** Path below src/ (with "/") to the file's text. */
export type Sources = ReadonlyMap<string, string>;

/**
 * Every module that a TypeScript file names: imports, re-exports, `import()`, types, and entries.
 * An `import()` of a computed name loads the user's application, and has no place in the rule.
 */
export function importsOf(path: string, text: string): Import[] {
  const found: Import[] = [];
  visit(parseAst(text, { lang: "ts" }, path), (node) => {
    const source = literal(node["source"]);
    if (source !== undefined) found.push({ specifier: source, kind: "import" });
    const entry = entryOf(node);
    if (entry !== undefined) found.push({ specifier: entry, kind: "entry" });
  });
  return found;
}

type Node = Record<string, unknown>;

function visit(value: unknown, enter: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, enter);
  } else if (typeof value === "object" && value !== null) {
    enter(value as Node);
    for (const child of Object.values(value)) visit(child, enter);
  }
}

/** The text of a string literal. */
function literal(node: unknown): string | undefined {
  const value = (node as Node | null | undefined)?.["value"];
  return typeof value === "string" ? value : undefined;
}

function entryOf(node: Node): string | undefined {
  if (node["type"] !== "NewExpression" || (node["callee"] as Node)["name"] !== "URL") return undefined;
  const [path, base] = node["arguments"] as Node[];
  const relative = literal(path);
  const isMeta = base?.["type"] === "MemberExpression" && (base["object"] as Node)["type"] === "MetaProperty";
  return isMeta && relative !== undefined && /^\.{1,2}\/.*\.[jt]s$/.test(relative) ? relative : undefined;
}

/** Everything in the sources that breaks the rule, one line each. */
export function checkImports(sources: Sources, dependencies: ReadonlySet<string>): string[] {
  const complaints: string[] = [];
  const graph = new Map<string, string[]>();
  for (const [path, text] of sources) {
    const targets: string[] = [];
    graph.set(path, targets);
    if (rank(floorOf(path)) === -1) complaints.push(`${path}: "${floorOf(path)}" is no floor`);
    for (const { specifier, kind } of importsOf(path, text)) {
      if (specifier.startsWith(".")) {
        const target = posix.join(posix.dirname(path), specifier);
        if (kind === "import") targets.push(target);
        const complaint = checkFloors(path, target, sources);
        if (complaint !== undefined) complaints.push(complaint);
      } else {
        const complaint = checkOutside(path, specifier, dependencies);
        if (complaint !== undefined) complaints.push(complaint);
      }
    }
  }
  for (const cycle of findCycles(graph)) complaints.push(`import cycle: ${cycle.join(" -> ")}`);
  return complaints;
}

function floorOf(path: string): string {
  return path.split("/", 1)[0]!;
}

function rank(floor: string): number {
  return floors.findIndex((row) => row.includes(floor));
}

function checkFloors(path: string, target: string, sources: Sources): string | undefined {
  // An entry may be named as the built file, which stands where its source does.
  if (!sources.has(target) && !sources.has(target.replace(/\.js$/, ".ts"))) {
    return `${path}: imports ${target}, which is not there`;
  }
  const from = floorOf(path);
  const to = floorOf(target);
  if (from === to || rank(to) < rank(from)) return undefined;
  const why = from === ground ? `${ground} imports no floor` : `${to} is not below ${from}`;
  return `${path}: imports ${target}, but ${why}`;
}

function checkOutside(
  path: string,
  specifier: string,
  dependencies: ReadonlySet<string>,
): string | undefined {
  if (specifier === "node:http" || specifier === "node:https") {
    return path.startsWith(nodeHttpUser) ? undefined : `${path}: imports ${specifier}; the engine is ours`;
  }
  if (specifier.startsWith("node:")) return undefined;
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  return dependencies.has(name) ? undefined : `${path}: imports ${name}, which package.json does not declare`;
}

/** The cycles, each as the path from a file back to itself; of cycles that share files, one at least. */
function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const finished = new Set<string>();
  const trail: string[] = [];
  function walk(path: string): void {
    if (finished.has(path)) return;
    const start = trail.indexOf(path);
    if (start !== -1) {
      cycles.push([...trail.slice(start), path]);
      return;
    }
    trail.push(path);
    for (const target of graph.get(path) ?? []) walk(target);
    trail.pop();
    finished.add(path);
  }
  for (const path of graph.keys()) walk(path);
  return cycles;
}

/** Loads packages of examples/frameworks from here, where Node's own resolution does not find them. */
import { readFileSync } from "node:fs";

const modules = new URL("../../../../examples/frameworks/node_modules/", import.meta.url);
const conditions = ["node", "import", "module-sync", "default"];

/** What a package is imported by: its name, and each path below it that its `exports` names. */
export function importPaths(name) {
  const { exports } = manifest(name);
  if (typeof exports !== "object") return [name];
  return Object.keys(exports).map((path) => name + path.slice(1));
}

/** The module behind `hono/cors` and the like. */
export async function load(path) {
  const name = path.split("/", path.startsWith("@") ? 2 : 1).join("/");
  const { exports, module, main = "index.js" } = manifest(name);
  const target = exports === undefined ? (module ?? main) : choose(exports[`.${path.slice(name.length)}`]);
  if (target === undefined) throw new Error(`${name} exports no ${path}`);
  const namespace = await import(new URL(`${name}/${target}`, modules).href);
  // A CommonJS module: its members are those of what it exports.
  return "module.exports" in namespace ? { ...namespace, ...namespace["module.exports"] } : namespace;
}

function choose(target) {
  if (typeof target !== "object") return target;
  const found = Object.keys(target).find((condition) => conditions.includes(condition));
  return found === undefined ? undefined : choose(target[found]);
}

function manifest(name) {
  return JSON.parse(readFileSync(new URL(`${name}/package.json`, modules), "utf8"));
}

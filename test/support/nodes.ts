/**
 * The Nodes that the end-to-end tests run on: the one that runs the tests (the newest), the machine's
 * own, and those of `test/nodes/package.json`, which are installed when a test first asks for them.
 *
 *     for (const node of await findNodes()) {
 *       describe.skipIf(node.missing !== undefined)(node.label, () => { … });
 *     }
 */
import { execFile } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { delimiter, join, sep } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export interface TestNode {
  /** Names the Node in test titles: version, what it stands for, and why it is missing. */
  label: string;
  /** e.g. "22.12.0"; what it stands for when missing. */
  version: string;
  /** The executable; "" when missing. */
  path: string;
  /** Why there is no such Node here. */
  missing?: string;
}

/** The pinned Nodes: the part of a name in test/nodes/package.json, and what that Node stands for. */
const pinned: readonly (readonly [line: string, meaning: string])[] = [
  ["20.19", "the oldest supported"],
  ["22.12", "type stripping only behind a flag"],
  ["22", "newest 22"],
  ["24", "newest 24"],
];

const folder = fileURLToPath(new URL("../nodes", import.meta.url));
const modules = join(folder, "node_modules");
const exec = promisify(execFile);

let found: Promise<TestNode[]> | undefined;

/** Finds them all, the newest first. Each version comes once; what can't be had is in the list with a reason. */
export function findNodes(): Promise<TestNode[]> {
  found ??= find();
  return found;
}

async function find(): Promise<TestNode[]> {
  const nodes = [await inspect(process.execPath, "runs the tests"), await machinesOwn()];
  const wanted = await wantedVersions();
  const trouble = await installOnce(wanted);
  for (const [line, meaning] of pinned) {
    const name = packageName(line);
    if (wanted.has(name)) {
      nodes.push(await inspect(join(modules, name, "bin", "node"), meaning, trouble));
    } else {
      nodes.push(missing(meaning, `npm has no Node ${line} for ${process.platform}-${process.arch}`));
    }
  }
  return nodes.filter((node, i) => nodes.findIndex((other) => other.version === node.version) === i);
}

/** The first `node` on PATH that isn't a dependency of some project. */
async function machinesOwn(): Promise<TestNode> {
  for (const directory of (process.env["PATH"] ?? "").split(delimiter)) {
    if (directory === "" || directory.split(sep).includes("node_modules")) continue;
    const path = await realpath(join(directory, "node")).catch(() => undefined);
    if (path !== undefined) return inspect(path, "the machine's own");
  }
  return missing("the machine's own Node", "there is no node on PATH");
}

/** Asks an executable for its version, which shows as well that it runs here. */
async function inspect(path: string, meaning: string, trouble = ""): Promise<TestNode> {
  try {
    const version = (await exec(path, ["--version"])).stdout.trim().slice(1);
    return { label: `Node ${version} (${meaning})`, version, path };
  } catch (error) {
    return missing(meaning, trouble === "" ? firstLine(error) : trouble);
  }
}

function missing(meaning: string, reason: string): TestNode {
  return { label: `Node (${meaning}): missing, ${reason}`, version: meaning, path: "", missing: reason };
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split("\n", 1)[0]!;
}

function packageName(line: string): string {
  return `node-${line}-${process.platform}-${process.arch}`;
}

async function manifest(
  path: string,
): Promise<{ version?: string; optionalDependencies?: Record<string, string> }> {
  return JSON.parse(await readFile(path, "utf8"));
}

/** Package name to version, of the pinned Nodes that there are for this platform. */
async function wantedVersions(): Promise<Map<string, string>> {
  const { optionalDependencies = {} } = await manifest(join(folder, "package.json"));
  const wanted = new Map<string, string>();
  for (const name of pinned.map(([line]) => packageName(line))) {
    const version = optionalDependencies[name]?.split("@").at(-1);
    if (version !== undefined) wanted.set(name, version);
  }
  return wanted;
}

async function notInstalled(wanted: Map<string, string>): Promise<string[]> {
  const names: string[] = [];
  for (const [name, version] of wanted) {
    const installed = await manifest(join(modules, name, "package.json")).catch(() => undefined);
    // Some of these packages write their version with a "v".
    if (installed?.version?.replace(/^v/, "") !== version) names.push(name);
  }
  return names;
}

/**
 * Installs what isn't there. Test files run in processes of their own: the one that makes the lock file
 * installs, the others wait for it.
 * @returns What went wrong, or "".
 */
async function installOnce(wanted: Map<string, string>): Promise<string> {
  if ((await notInstalled(wanted)).length === 0) return "";
  await mkdir(modules, { recursive: true });
  const lock = join(modules, ".installing");
  while (!(await takeLock(lock))) await sleep(100);
  try {
    return await install(await notInstalled(wanted));
  } finally {
    await rm(lock, { force: true });
  }
}

/** The lock file holds its owner's process id; a dead owner's lock counts for nothing. */
async function takeLock(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    const owner = Number(await readFile(lock, "utf8").catch(() => ""));
    if (owner !== 0 && !isAlive(owner)) await rm(lock, { force: true });
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Runs `npm ci` on the side, and moves what it brings into place whole. */
async function install(names: string[]): Promise<string> {
  if (names.length === 0) return "";
  const scratch = join(modules, ".scratch");
  try {
    await rm(scratch, { recursive: true, force: true });
    await mkdir(scratch);
    for (const file of ["package.json", "package-lock.json"]) {
      await copyFile(join(folder, file), join(scratch, file));
    }
    const retry = ["--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=2000"];
    const options = ["--ignore-scripts", "--no-audit", "--no-fund", ...retry];
    await exec("npm", ["ci", "--prefix", scratch, ...options], { cwd: scratch, timeout: 600_000 });
    const brought = await readdir(join(scratch, "node_modules")).catch((): string[] => []);
    for (const name of names.filter((name) => brought.includes(name))) {
      await rm(join(modules, name), { recursive: true, force: true });
      await rename(join(scratch, "node_modules", name), join(modules, name));
    }
    // npm counts an optional dependency that it can't download for no error.
    return names.every((name) => brought.includes(name)) ? "" : "npm could not download it";
  } catch (error) {
    return `npm ci in test/nodes failed: ${firstLine(error)}`;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

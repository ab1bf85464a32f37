/**
 * The Nodes that the end-to-end tests run on: the one that runs the tests (the newest), the machine's
 * own, and those of `test/nodes/package.json`, which are installed when a test first asks for them.
 *
 *     for (const node of await findNodes()) {
 *       describe.skipIf(node.missing !== undefined)(node.label, () => { … });
 *     }
 */
import { execFile } from "node:child_process";
import { realpath } from "node:fs/promises";
import { delimiter, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { firstLine, installPinned } from "./pinned-packages.ts";

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
const exec = promisify(execFile);

let found: Promise<TestNode[]> | undefined;

/** Finds them all, the newest first. Each version comes once; what can't be had is in the list with a reason. */
export function findNodes(): Promise<TestNode[]> {
  found ??= find();
  return found;
}

async function find(): Promise<TestNode[]> {
  const nodes = [await inspect(process.execPath, "runs the tests"), await machinesOwn()];
  const { folders, trouble } = await installPinned(
    folder,
    pinned.map(([line]) => packageName(line)),
  );
  for (const [line, meaning] of pinned) {
    const place = folders.get(packageName(line));
    if (place !== undefined) {
      nodes.push(await inspect(join(place, "bin", "node"), meaning, trouble));
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

function packageName(line: string): string {
  return `node-${line}-${process.platform}-${process.arch}`;
}

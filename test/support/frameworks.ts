/** Installs the frameworks of examples/frameworks, when a test first asks for them. */
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { whileLocked } from "./lock-file.ts";
import { npmCi } from "./npm-ci.ts";
import { firstLine } from "./pinned-packages.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(root, "examples/frameworks");
const modules = join(folder, "node_modules");

/**
 * Installs them, unless just what is pinned is installed already.
 * @returns Why they can't be had, or "".
 */
export async function installFrameworks(): Promise<string> {
  if (await areInstalled()) return "";
  await mkdir(join(root, ".tmp"), { recursive: true });
  return whileLocked(join(root, ".tmp/frameworks.lock"), async () => {
    if (await areInstalled()) return "";
    const scratch = join(root, ".tmp/frameworks");
    try {
      await npmCi(folder, scratch);
      await rm(modules, { recursive: true, force: true });
      await rename(join(scratch, "node_modules"), modules);
      return "";
    } catch (error) {
      return `npm ci in examples/frameworks failed: ${firstLine(error)}`;
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });
}

async function areInstalled(): Promise<boolean> {
  const { dependencies } = await manifest(folder);
  const installed = Object.entries(dependencies ?? {}).map(async ([name, version]) => {
    const found = await manifest(join(modules, name)).catch(() => undefined);
    return found?.version === version;
  });
  return (await Promise.all(installed)).every(Boolean);
}

async function manifest(
  folder: string,
): Promise<{ version?: string; dependencies?: Record<string, string> }> {
  return JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
}

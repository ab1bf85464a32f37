/**
 * Executables that tests need and that npm has, such as other Nodes: a folder's package.json pins them, one package for each
 * platform, and they are installed below that folder when a test first asks for them.
 */
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { whileLocked } from "./lock-file.ts";
import { npmCi } from "./npm-ci.ts";

export interface PinnedPackages {
  /** Name to folder, of those that are pinned. Whether one is there and runs, shows when it is run. */
  readonly folders: ReadonlyMap<string, string>;
  /** What went wrong, or "". */
  readonly trouble: string;
}

/** Installs what isn't there of the packages that the folder's package.json pins under these names. */
export async function installPinned(folder: string, names: readonly string[]): Promise<PinnedPackages> {
  const wanted = await wantedVersions(folder, names);
  const trouble = await installOnce(folder, wanted);
  const modules = join(folder, "node_modules");
  return { folders: new Map([...wanted.keys()].map((name) => [name, join(modules, name)])), trouble };
}

async function manifest(
  path: string,
): Promise<{ version?: string; optionalDependencies?: Record<string, string> }> {
  return JSON.parse(await readFile(path, "utf8"));
}

/** Name to version, of those that are pinned. */
async function wantedVersions(folder: string, names: readonly string[]): Promise<Map<string, string>> {
  const { optionalDependencies = {} } = await manifest(join(folder, "package.json"));
  const wanted = new Map<string, string>();
  for (const name of names) {
    const version = optionalDependencies[name]?.split("@").at(-1);
    if (version !== undefined) wanted.set(name, version);
  }
  return wanted;
}

async function notInstalled(modules: string, wanted: Map<string, string>): Promise<string[]> {
  const names: string[] = [];
  for (const [name, version] of wanted) {
    const installed = await manifest(join(modules, name, "package.json")).catch(() => undefined);
    // Some of these packages write their version with a "v".
    if (installed?.version?.replace(/^v/, "") !== version) names.push(name);
  }
  return names;
}

/** Installs what isn't there. Returns what went wrong, or "". */
async function installOnce(folder: string, wanted: Map<string, string>): Promise<string> {
  const modules = join(folder, "node_modules");
  if ((await notInstalled(modules, wanted)).length === 0) return "";
  await mkdir(modules, { recursive: true });
  return whileLocked(join(modules, ".installing"), async () =>
    install(folder, await notInstalled(modules, wanted)),
  );
}

/** Runs `npm ci` on the side, and moves what it brings into place whole. */
async function install(folder: string, names: string[]): Promise<string> {
  if (names.length === 0) return "";
  const modules = join(folder, "node_modules");
  const scratch = join(modules, ".scratch");
  try {
    await npmCi(folder, scratch);
    const brought = await readdir(join(scratch, "node_modules")).catch((): string[] => []);
    for (const name of names.filter((name) => brought.includes(name))) {
      await rm(join(modules, name), { recursive: true, force: true });
      await rename(join(scratch, "node_modules", name), join(modules, name));
    }
    // npm counts an optional dependency that it can't download for no error.
    return names.every((name) => brought.includes(name)) ? "" : "npm could not download it";
  } catch (error) {
    return `npm ci in test/${basename(folder)} failed: ${firstLine(error)}`;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** What an error says, in a line. */
export function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split("\n", 1)[0]!;
}

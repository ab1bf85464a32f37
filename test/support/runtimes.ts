/** Bun and Deno, as `test/runtimes/package.json` pins them; they are installed when a test first asks for them. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { firstLine, installPinned } from "./pinned-packages.ts";

export interface TestRuntime {
  /** Names the runtime in test titles, with its version, or with why it is missing. */
  readonly label: string;
  /** The executable; "" when missing. */
  readonly path: string;
  /** Why it can't be had here. */
  readonly missing?: string;
}

const folder = fileURLToPath(new URL("../runtimes", import.meta.url));
const exec = promisify(execFile);

export async function findRuntimes(): Promise<{ bun: TestRuntime; deno: TestRuntime }> {
  const here = `${process.platform}-${process.arch}`;
  const names = { bun: `bun-${here}`, deno: `deno-${here}` };
  const { folders, trouble } = await installPinned(folder, Object.values(names));
  const find = async (title: string, name: string, ...path: string[]): Promise<TestRuntime> => {
    const place = folders.get(name);
    if (place === undefined) return missing(title, `there is none for ${here}`);
    const executable = join(place, ...path);
    try {
      const { stdout } = await exec(executable, ["--version"]);
      return { label: `${title} ${/\d[\w.]*/.exec(stdout)?.[0]}`, path: executable };
    } catch (error) {
      return missing(title, trouble === "" ? firstLine(error) : trouble);
    }
  };
  return {
    bun: await find("Bun", names.bun, "bin", "bun"),
    deno: await find("Deno", names.deno, "deno"),
  };
}

function missing(title: string, reason: string): TestRuntime {
  return { label: `${title}: missing, ${reason}`, path: "", missing: reason };
}

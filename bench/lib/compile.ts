/** C programs of the benchmarks, compiled when they are first needed and again when their source has changed. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { BenchError } from "./benchmark.ts";

const rootFolder = fileURLToPath(new URL("../..", import.meta.url));
const programFolder = join(rootFolder, "bench/.tmp");

/** The program made of a C file, which is named from the repository's root. */
export function compiled(source: string): string {
  const path = join(rootFolder, source);
  const program = join(programFolder, basename(source, ".c"));
  if (existsSync(program) && modified(program) > newest(dirname(path))) return program;
  mkdirSync(programFolder, { recursive: true });
  const { status, stderr, error } = spawnSync("cc", ["-O2", "-Wall", "-Wextra", "-o", program, path], {
    encoding: "utf8",
  });
  if (error !== undefined)
    throw new BenchError("cc is missing: install it with `apt-get install gcc libc6-dev`");
  if (status !== 0) throw new BenchError(`${source} doesn't compile:\n${stderr.trim()}`);
  return program;
}

/** What the C files of a folder share is a header in it. */
function newest(folder: string): number {
  const sources = readdirSync(folder).filter((name) => /\.[ch]$/.test(name));
  return Math.max(...sources.map((name) => modified(join(folder, name))));
}

function modified(path: string): number {
  return statSync(path).mtimeMs;
}

/** `npm ci` for what tests need beside the package's own dependencies. */
import { execFile } from "node:child_process";
import { copyFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const exec = promisify(execFile);

/**
 * Installs what a folder's package.json and package-lock.json say, without running scripts, into `scratch`: what stands in the
 * folder's own node_modules is there whole or not at all, so it is moved there by the caller.
 */
export async function npmCi(folder: string, scratch: string): Promise<void> {
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true });
  for (const file of ["package.json", "package-lock.json"]) {
    await copyFile(join(folder, file), join(scratch, file));
  }
  const retry = ["--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=2000"];
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", ...retry];
  await exec("npm", ["ci", "--prefix", scratch, ...options], { cwd: scratch, timeout: 600_000 });
}

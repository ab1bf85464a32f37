/**
 * Builds the package once, before any test: the end-to-end tests start what is in dist/, as users do.
 *
 * A build with errors does not stop the run (unit tests need no build); its messages are handed to the
 * tests, of which `test/package.test.ts` fails on any.
 */
import { execFile } from "node:child_process";
import { mkdir, rename, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** What the compiler said while dist/ was built; "" when it had no complaint. */
    buildErrors: string;
  }
}

const root: string = fileURLToPath(new URL("../..", import.meta.url));

export default async function setup(project: TestProject): Promise<void> {
  project.provide("buildErrors", await build());
}

/**
 * Builds beside dist/ and then takes its place, so that nothing of an earlier build is left, and a
 * server that runs from dist/ at this moment finds its files.
 */
async function build(): Promise<string> {
  const fresh = `${root}.tmp/dist-${process.pid}`;
  const stale = `${root}.tmp/stale-${process.pid}`;
  await mkdir(`${root}.tmp`, { recursive: true });
  const errors = await compile(fresh);
  await rename(`${root}dist`, stale).catch(ignore("ENOENT"));
  // Another run may have put its own there in between; it is as fresh.
  await rename(fresh, `${root}dist`).catch(ignore("ENOTEMPTY", "EEXIST"));
  await rm(stale, { recursive: true, force: true });
  await rm(fresh, { recursive: true, force: true });
  return errors;
}

function compile(outDir: string): Promise<string> {
  const tsc = `${root}node_modules/typescript/bin/tsc`;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  execFile(
    process.execPath,
    [tsc, "-p", "tsconfig.build.json", "--outDir", outDir],
    { cwd: root },
    (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`.trim();
      if (error !== null && output === "") reject(error);
      else resolve(output);
    },
  );
  return promise;
}

function ignore(...codes: string[]): (error: NodeJS.ErrnoException) => void {
  return (error) => {
    if (!codes.includes(error.code ?? "")) throw error;
  };
}

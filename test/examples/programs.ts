/** Runs the programs in examples/, as their users do. */
import { fileURLToPath } from "node:url";
import { findNodes } from "../support/nodes.ts";
import { type ProcessOptions, startProcess, type TestProcess } from "../support/process.ts";

export const root: string = fileURLToPath(new URL("../..", import.meta.url));

/** A program that listens. */
export interface Server extends AsyncDisposable {
  readonly process: TestProcess;
  readonly port: number;
}

/** Starts `node FILE ARGUMENTS…`, and waits until it says at which port it listens. */
export function startExample(
  file: string,
  args: readonly string[],
  options?: ProcessOptions,
): Promise<Server> {
  return listening(startProcess(process.execPath, [`examples/${file}`, ...args], { cwd: root, ...options }));
}

/** Starts the built `socle` command on some Node. */
export function startSocle(node: string, args: readonly string[], options?: ProcessOptions): Promise<Server> {
  return listening(startProcess(node, ["bin/socle.js", ...args], { cwd: root, ...options }));
}

async function listening(process: TestProcess): Promise<Server> {
  try {
    const [, port] = await process.waitFor(/127\.0\.0\.1:(\d+)/);
    return { process, port: Number(port), [Symbol.asyncDispose]: () => process[Symbol.asyncDispose]() };
  } catch (error) {
    await process[Symbol.asyncDispose]();
    throw error;
  }
}

/** The newest Node, and the machine's own. */
export const nodes = (await findNodes()).slice(0, 2);

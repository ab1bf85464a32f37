/** The programs that make the load: each runs on its own core, for a bounded time, and ends with one line of results. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { BenchError } from "./benchmark.ts";
import { compiled } from "./compile.ts";
import { openFilesPrefix } from "./open-files.ts";

const running = new Set<ChildProcess>();
let folder: string | undefined;

/** Ends every load that still runs, and removes what was written for them to read. */
export function endLoads(): void {
  for (const child of running) child.kill("SIGKILL");
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}

/** A folder for files that a load reads; it is removed at the end. */
export function loadFolder(): string {
  return (folder ??= mkdtempSync(join(tmpdir(), "socle-bench-")));
}

/** The program made of a C file in `bench/loaders/`. */
export function loaderProgram(name: string): string {
  return compiled(`bench/loaders/${name}.c`);
}

/**
 * Runs a program on a core until it ends by itself, at the latest after some seconds.
 * Returns what it said in its last line, `RESULT` and JSON.
 */
export async function runLoader<Result>(
  command: readonly [string, ...string[]],
  core: number,
  mostSeconds: number,
): Promise<Result> {
  await using load = startLoader(command, core, mostSeconds);
  return await load.result<Result>();
}

/** Starts a program as `runLoader` does, for a load that goes on until `result` is asked for. */
export function startLoader(
  command: readonly [string, ...string[]],
  core: number,
  mostSeconds: number,
): RunningLoader {
  return new RunningLoader(command, core, mostSeconds);
}

export class RunningLoader implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #ended: Promise<number | string>;
  #said = "";
  #complained = "";

  constructor(command: readonly [string, ...string[]], core: number, mostSeconds: number) {
    this.#name = basename(command[0]);
    const [program, ...args] = [...openFilesPrefix(), "taskset", "-c", String(core), ...command] as [string];
    this.#child = spawn(program, args, {
      stdio: ["pipe", "pipe", "pipe"],
      timeout: mostSeconds * 1000,
      killSignal: "SIGKILL",
    });
    running.add(this.#child);
    this.#child.stdin?.on("error", () => {}); // it may have ended without reading
    this.#child.stdout?.setEncoding("utf8").on("data", (text) => {
      this.#said += text;
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text) => {
      this.#complained += text;
    });
    this.#ended = once(this.#child, "close").then(([code, signal]) => {
      running.delete(this.#child);
      return signal ?? code;
    });
  }

  /** Resolves when it has said a line; fails if it ends before. */
  async said(line: string): Promise<void> {
    while (!this.#said.includes(`${line}\n`)) {
      const next = await Promise.race([once(this.#child.stdout!, "data"), this.#ended]);
      if (!Array.isArray(next)) await this.result();
    }
  }

  /** Ends its input, which some loads go on until, and resolves to what it said last. */
  async result<Result>(): Promise<Result> {
    this.#child.stdin?.end();
    const code = await this.#ended;
    const result = /^RESULT (.*)$/m.exec(this.#said)?.[1];
    if (code !== 0 || result === undefined) {
      throw new BenchError(`${this.#name} ended with ${code}: ${(this.#complained || this.#said).trim()}`);
    }
    return JSON.parse(result);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (running.has(this.#child)) this.#child.kill("SIGKILL");
    await this.#ended;
  }
}

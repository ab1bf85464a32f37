/**
 * A command run by a test: what it prints, how it ends, and that nothing of it outlives the test.
 *
 *     await using server = startProcess(node.path, [bin, "serve", "web.ts"], { cwd });
 *     const [, url] = await server.waitFor(/on (http:\S+)/);
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { promisify } from "node:util";

const exec = promisify(execFile);

export interface ProcessOptions {
  readonly cwd?: string;
  /** Added to this process's environment; undefined takes a variable out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Starts a command as the leader of a process group of its own, as a shell does. */
export function startProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
): TestProcess {
  return new TestProcess(command, args, options);
}

/** Runs a command to its end. */
export async function runProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<ProcessExit & { stdout: string; stderr: string }> {
  await using process = startProcess(command, args, options);
  const exit = await process.exited;
  return { ...exit, stdout: process.stdout, stderr: process.stderr };
}

export class TestProcess implements AsyncDisposable {
  readonly pid: number;
  /** Resolves when the command has ended and all of its output is read, that of its children as well. */
  readonly exited: Promise<ProcessExit>;
  stdout = "";
  stderr = "";
  readonly #command: string;
  readonly #child: ChildProcess;
  #hasExited = false;

  constructor(command: string, args: readonly string[], { cwd, env }: ProcessOptions) {
    this.#command = [command, ...args].join(" ");
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    if (child.pid === undefined) throw new Error(`can't start ${this.#command}`);
    this.pid = child.pid;
    this.#child = child;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.exited = new Promise((resolve) => {
      child.once("close", (code, signal) => {
        this.#hasExited = true;
        resolve({ code, signal });
      });
    });
  }

  /** Resolves when the output matches. Rejects when the command ends before. */
  waitFor(pattern: RegExp, output: "stdout" | "stderr" = "stdout"): Promise<RegExpExecArray> {
    const stream = this.#child[output]!;
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(this[output]);
        if (match === null && !this.#hasExited) return;
        stream.off("data", look);
        if (match !== null) resolve(match);
        else {
          const said = `stdout: ${this.stdout}\nstderr: ${this.stderr}`;
          reject(new Error(`${this.#command} ended without saying ${pattern}\n${said}`));
        }
      };
      stream.on("data", look);
      this.#child.once("close", look);
      look();
    });
  }

  /** Signals the command alone. */
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Signals the command and its children, as Ctrl-C in a terminal does. */
  killGroup(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }

  /** The processes of its group that live: itself, and the children that have not left it. */
  async groupMembers(): Promise<number[]> {
    const { stdout } = await exec("ps", ["-A", "-o", "pid=,pgid=,stat="]);
    return stdout
      .trim()
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([, group, state]) => Number(group) === this.pid && !state?.startsWith("Z"))
      .map(([pid]) => Number(pid));
  }

  /** Kills what is left of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.killGroup("SIGKILL");
    await this.exited;
  }
}

/** One server of a benchmark, running on its own core from its start until it is stopped. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { BenchError, type Server } from "./benchmark.ts";
import { processTree } from "./cpu.ts";
import { openFilesPrefix } from "./open-files.ts";
import { commandLine, rootFolder } from "./peers.ts";

const startTimeout = 15_000;
const stopTimeout = 3_000;

const running = new Set<ServerProcess>();

/** Kills every server that still runs, whatever it is doing: for when the benchmark itself ends early. */
export function killServers(): void {
  for (const server of running) server.kill();
}

export class ServerProcess implements AsyncDisposable {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #name: string;
  #said = "";

  /** Resolves when the server accepts connections. */
  static async start(
    server: Server,
    core: number,
    env: Readonly<Record<string, string>> = {},
  ): Promise<ServerProcess> {
    const started = new ServerProcess(server, await freePort(), core, env);
    try {
      await started.#untilItAccepts();
    } catch (error) {
      await started.stop();
      throw error;
    }
    return started;
  }

  private constructor(server: Server, port: number, core: number, env: Readonly<Record<string, string>>) {
    const command = commandLine(server.command).map((word) => word.replace("{port}", String(port)));
    const [program, ...args] = [...openFilesPrefix(), "taskset", "-c", String(core), ...command] as [string];
    this.port = port;
    this.#name = server.name;
    // A session of its own, so that the whole tree can be found again, and Ctrl-C reaches only the benchmark.
    this.#child = spawn(program, args, {
      cwd: rootFolder,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      // Not the whole environment: NODE_OPTIONS and npm's variables would change what is measured.
      env: {
        PATH: process.env["PATH"],
        HOME: process.env["HOME"],
        NODE_ENV: "production",
        PORT: String(port),
        ...env,
        ...server.env,
      },
    });
    for (const output of [this.#child.stdout!, this.#child.stderr!]) {
      output.setEncoding("utf8").on("data", (text: string) => {
        this.#said = (this.#said + text).slice(-2000);
      });
    }
    running.add(this);
  }

  /** The root of the server's process tree. */
  get pid(): number {
    return this.#child.pid!;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Asks the server to end, and kills what is left of its tree when it doesn't in 3 seconds. */
  async stop(): Promise<void> {
    if (!this.hasEnded) {
      const ended = once(this.#child, "exit");
      const tree = processTree(this.pid);
      this.#child.kill("SIGTERM");
      await Promise.race([ended, sleep(stopTimeout, undefined, { ref: false })]);
      for (const pid of tree) killProcess(pid);
      await ended;
    }
    this.kill();
    running.delete(this);
  }

  /** Kills the server's whole tree now. */
  kill(): void {
    for (const pid of processTree(this.pid)) killProcess(pid);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** An error about this server, with the last that it said. */
  error(what: string): BenchError {
    const said = this.#said.trim();
    return new BenchError(`${this.#name} ${what}${said === "" ? "" : `; it said:\n${said}`}`);
  }

  async #untilItAccepts(): Promise<void> {
    const deadline = Date.now() + startTimeout;
    while (!(await accepts(this.port))) {
      if (this.hasEnded) {
        await sleep(50); // for its last words to arrive
        throw this.error(`ended with ${this.#child.signalCode ?? this.#child.exitCode} instead of listening`);
      }
      if (Date.now() > deadline)
        throw this.error(`didn't listen on port ${this.port} within ${startTimeout / 1000} s`);
      await sleep(20);
    }
  }
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has ended by itself
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
  return address.port;
}

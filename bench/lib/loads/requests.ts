/** The load: `wrk` on its own core, one thread, sending the same bytes on each connection for a given time. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { BenchError, type Load } from "./benchmark.ts";
import { requestBytes } from "./request.ts";

/** What wrk saw, times in microseconds. */
export interface LoadResult {
  requests: number;
  seconds: number;
  /** All that came back, heads and bodies. */
  bytes: number;
  latency: { p50: number; p99: number; max: number };
  errors: LoadErrors;
}

export interface LoadErrors {
  /** Answers of status 400 and over. */
  status: number;
  connect: number;
  read: number;
  write: number;
  timeout: number;
}

const running = new Set<ChildProcess>();
let scriptFolder: string | undefined;

/** Ends every load that still runs, and removes what was written for wrk to read. */
export function endLoads(): void {
  for (const child of running) child.kill("SIGKILL");
  if (scriptFolder !== undefined) rmSync(scriptFolder, { recursive: true, force: true });
}

export async function runLoad(load: Load, port: number, seconds: number, core: number): Promise<LoadResult> {
  scriptFolder ??= mkdtempSync(join(tmpdir(), "socle-bench-"));
  const script = join(scriptFolder, "load.lua");
  writeFileSync(script, luaScript(requestBytes(load, port)));
  const { connections = 64 } = load;
  const args = ["-t1", `-c${connections}`, `-d${seconds}s`, "-s", script, `http://127.0.0.1:${port}/`];
  return await runWrk(args, seconds, core);
}

async function runWrk(args: string[], seconds: number, core: number): Promise<LoadResult> {
  const child = spawn("taskset", ["-c", String(core), "wrk", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: seconds * 1000 + 10_000,
    killSignal: "SIGKILL",
  });
  running.add(child);
  const [output, errors, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  running.delete(child);
  const result = /^RESULT (.*)$/m.exec(output)?.[1];
  if (code !== 0 || result === undefined) {
    throw new BenchError(`wrk ended with ${signal ?? code}:\n${(errors || output).trim()}`);
  }
  return JSON.parse(result);
}

/**
 * With `wrk.format` replaced, wrk makes the request once and then sends it without going through Lua again;
 * it counts the requests in it by itself, so pipelining needs no more than several of them.
 */
function luaScript(request: Buffer): string {
  return `local bytes = "${luaString(request)}"
wrk.format = function() return bytes end
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\\nRESULT {"requests":%d,"seconds":%.6f,"bytes":%d,"latency":{"p50":%d,"p99":%d,"max":%d},' ..
    '"errors":{"status":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d}}\\n',
    summary.requests, summary.duration / 1e6, summary.bytes,
    latency:percentile(50), latency:percentile(99), latency.max,
    errors.status, errors.connect, errors.read, errors.write, errors.timeout))
end
`;
}

function luaString(bytes: Buffer): string {
  let literal = "";
  for (const byte of bytes) {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    literal += isPlain ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, "0")}`;
  }
  return literal;
}

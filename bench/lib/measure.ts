/** One measurement: a server on one core, a load on another, and the CPU time that each request took. */
import type { Load } from "./benchmark.ts";
import { coreTime, endedChildrenTime, treeCpuTime } from "./cpu.ts";
import { type LoadErrors, type LoadResult, runLoad } from "./load.ts";
import type { Cores } from "./machine.ts";
import { checkAnswer } from "./request.ts";
import type { ServerProcess } from "./server-process.ts";

// In its first second Node still compiles: 28 to 44 µs a request where it comes to 16.
export const warmUpSeconds = 2;

/** What was seen of one server under one load in one round. Times in microseconds. */
export interface Sample {
  round: number;
  requests: number;
  requestsPerSecond: number;
  p50: number;
  p99: number;
  /** Of the server's whole process tree, each divided by the requests that were answered. */
  cpuPerRequest: number;
  userPerRequest: number;
  systemPerRequest: number;
  /** User and system time by the scheduler's clock: should be the same as `cpuPerRequest`. */
  scheduledPerRequest: number;
  /** Share of the time in which the server used its core. Where it is far under 1, the load was the bottleneck. */
  serverShare: number;
  /** Shares of the time in which each core ran something else, or was taken away by the hypervisor. */
  disturbed: { serverCore: number; loadCore: number };
  errors: LoadErrors;
}

export async function measure(
  server: ServerProcess,
  load: Load,
  round: number,
  seconds: number,
  cores: Cores,
): Promise<Sample> {
  const answerBytes = await about(server, checkAnswer(load, server.port));
  await about(server, runLoad(load, server.port, warmUpSeconds, cores.load));
  const before = readClocks(server.pid, cores);
  const result = await about(server, runLoad(load, server.port, seconds, cores.load));
  const after = readClocks(server.pid, cores);
  checkResult(server, result, answerBytes);

  const { requests } = result;
  const elapsed = after.now - before.now;
  const user = after.server.user - before.server.user;
  const system = after.server.system - before.server.system;
  const loadTime = after.load - before.load;
  return {
    round,
    requests,
    requestsPerSecond: requests / result.seconds,
    p50: result.latency.p50,
    p99: result.latency.p99,
    cpuPerRequest: (user + system) / requests,
    userPerRequest: user / requests,
    systemPerRequest: system / requests,
    scheduledPerRequest: (after.server.scheduled - before.server.scheduled) / requests,
    serverShare: (user + system) / elapsed,
    disturbed: {
      serverCore: Math.max(0, after.serverCore - before.serverCore - user - system) / elapsed,
      loadCore: Math.max(0, after.loadCore - before.loadCore - loadTime) / elapsed,
    },
    errors: result.errors,
  };
}

/** A server that fails under load isn't measured: failing is faster than answering. */
function checkResult(
  server: ServerProcess,
  { requests, bytes, errors }: LoadResult,
  answerBytes: number,
): void {
  if (server.hasEnded) throw server.error("ended under load");
  if (requests === 0) throw server.error("answered no request");
  if (errors.status > 0)
    throw server.error(`answered ${errors.status} of ${requests} requests with an error status`);
  const bytesEach = bytes / requests;
  if (Math.abs(bytesEach / answerBytes - 1) > 0.01) {
    throw server.error(
      `answered with ${bytesEach.toFixed(1)} bytes under load, and with ${answerBytes.toFixed(1)} before it`,
    );
  }
}

/** Says in an error which server it is about, and whether that has ended. */
async function about<T>(server: ServerProcess, step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (error) {
    throw server.error(server.hasEnded ? "ended under load" : (error as Error).message);
  }
}

/** Everything that is read before and after a load, in microseconds. */
function readClocks(pid: number, cores: Cores) {
  return {
    now: performance.now() * 1000,
    server: treeCpuTime(pid),
    load: endedChildrenTime(),
    serverCore: coreTime(cores.server),
    loadCore: coreTime(cores.load),
  };
}

/** What a load cost: the server's CPU time while it ran, and what disturbed the two cores. */
import type { Figures } from "./benchmark.ts";
import { coreTime, endedChildrenTime, treeCpuTime } from "./cpu.ts";
import type { Cores } from "./machine.ts";

/** In microseconds. */
export interface Usage {
  user: number;
  system: number;
  scheduled: number;
  elapsed: number;
  disturbed: Disturbance;
}

/** Shares of the time in which each core ran something else, or was taken away by the hypervisor. */
export interface Disturbance {
  serverCore: number;
  loadCore: number;
}

/** Runs a load that has ended when the promise resolves, and reads the clocks before and after. */
export async function withUsage<Result>(
  pid: number,
  cores: Cores,
  load: () => Promise<Result>,
): Promise<{ result: Result; usage: Usage }> {
  const before = readClocks(pid, cores);
  const result = await load();
  const after = readClocks(pid, cores);
  const elapsed = after.now - before.now;
  const user = after.server.user - before.server.user;
  const system = after.server.system - before.server.system;
  const loadTime = after.load - before.load;
  const usage = {
    user,
    system,
    scheduled: after.server.scheduled - before.server.scheduled,
    elapsed,
    disturbed: {
      serverCore: Math.max(0, after.serverCore - before.serverCore - user - system) / elapsed,
      loadCore: Math.max(0, after.loadCore - before.loadCore - loadTime) / elapsed,
    },
  };
  return { result, usage };
}

/** The figures that follow from the CPU time, where so many units of work were done. */
export function cpuFigures({ user, system, scheduled, elapsed }: Usage, units: number): Figures {
  return {
    cpu: (user + system) / units,
    user: user / units,
    system: system / units,
    scheduled: scheduled / units,
    share: (user + system) / elapsed,
  };
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

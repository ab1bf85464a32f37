/** CPU time of a process and all its descendants, from the operating system's accounting (Linux, `/proc`). */
import { readdirSync, readFileSync } from "node:fs";

/** In microseconds, since each process started. */
export interface CpuTime {
  user: number;
  system: number;
  /** User and system time together by the scheduler's own clock, which counts nanoseconds, to check the others by. */
  scheduled: number;
}

// /proc counts in USER_HZ, which is 100 on every architecture that Node runs on.
const microsecondsPerTick = 10_000;

/** Fields of /proc/PID/stat after the command's name, which may hold spaces and brackets (proc_pid_stat(5)). */
const field = { state: 0, parent: 1, session: 3, user: 11, system: 12, childrenUser: 13, childrenSystem: 14 };

/**
 * The process, its descendants, and what else runs in the session that it leads: a descendant whose parent
 * has died is still found by it.
 */
export function processTree(root: number): number[] {
  const processes = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = readStat(Number(name));
      if (stat === undefined || stat[field.state] === "Z") return [];
      return [
        { pid: Number(name), parent: Number(stat[field.parent]), session: Number(stat[field.session]) },
      ];
    });
  const tree = new Set(
    processes.filter(({ pid, session }) => pid === root || session === root).map(({ pid }) => pid),
  );
  for (let size = -1; size !== tree.size; ) {
    size = tree.size;
    for (const { pid, parent } of processes) if (tree.has(parent)) tree.add(pid);
  }
  return [...tree];
}

/** Time of all processes in the tree, with all their threads and the children that they have waited for. */
export function treeCpuTime(root: number): CpuTime {
  const total: CpuTime = { user: 0, system: 0, scheduled: 0 };
  for (const pid of processTree(root)) {
    const stat = readStat(pid);
    if (stat === undefined) continue;
    total.user += (Number(stat[field.user]) + Number(stat[field.childrenUser])) * microsecondsPerTick;
    total.system += (Number(stat[field.system]) + Number(stat[field.childrenSystem])) * microsecondsPerTick;
    total.scheduled += scheduledTime(pid);
  }
  return total;
}

/** User and system time of all children of this process that have ended and been waited for. */
export function endedChildrenTime(): number {
  const stat = readStat(process.pid)!;
  return (Number(stat[field.childrenUser]) + Number(stat[field.childrenSystem])) * microsecondsPerTick;
}

/**
 * How long a core has been in use since the machine started, in microseconds: by anything at all, interrupts
 * included, or by the hypervisor for another guest.
 */
export function coreTime(core: number): number {
  const line = readFileSync("/proc/stat", "latin1")
    .split("\n")
    .find((each) => each.startsWith(`cpu${core} `));
  if (line === undefined) throw new Error(`/proc/stat has no core ${core}`);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line
    .split(" ")
    .slice(1)
    .map((ticks) => Number(ticks) * microsecondsPerTick);
  return user + nice + system + irq + softirq + steal;
}

function readStat(pid: number): string[] | undefined {
  const text = readProcess(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(")") + 2).split(" ");
}

function scheduledTime(pid: number): number {
  let threads: string[];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return 0; // it has ended since it was listed
  }
  let nanoseconds = 0;
  for (const thread of threads) {
    const text = readProcess(`/proc/${pid}/task/${thread}/schedstat`);
    if (text !== undefined) nanoseconds += Number(text.split(" ", 1)[0]);
  }
  return nanoseconds / 1000;
}

/** A file of a process that may end at any moment. */
function readProcess(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}

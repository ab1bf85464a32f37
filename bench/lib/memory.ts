/** Resident memory of a process and all its descendants (Linux, `/proc`), in bytes. */
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { processTree } from "./cpu.ts";

/** What the processes of the tree have resident now. What they share counts for each of them. */
export function residentBytes(root: number): number {
  return sum(root, "VmRSS");
}

/** The most that each process has had resident since `resetPeak`. */
export function peakResidentBytes(root: number): number {
  return sum(root, "VmHWM");
}

/** Lets the peak begin again at what is resident now (proc_pid_clear_refs(5)). */
export function resetPeak(root: number): void {
  for (const pid of processTree(root)) writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

/**
 * What is resident when it has come to rest: when two looks a quarter of a second apart see nearly the same,
 * at the latest after three seconds.
 */
export async function settledResidentBytes(root: number): Promise<number> {
  let last = residentBytes(root);
  for (let looks = 0; looks < 12; looks++) {
    await sleep(250);
    const now = residentBytes(root);
    if (Math.abs(now - last) < last * 0.002) return now;
    last = now;
  }
  return last;
}

function sum(root: number, field: string): number {
  let kibibytes = 0;
  for (const pid of processTree(root)) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, "latin1");
      kibibytes += Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0);
    } catch {
      // it has ended since it was listed
    }
  }
  return kibibytes * 1024;
}

/** What the system tells of a process. */
import { readFileSync } from "node:fs";

/** Whether a process is stopped, by SIGSTOP or a debugger. False where the system has no /proc to tell it. */
export function isStopped(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The state follows the name, which is in parentheses and may hold any.
    const state = stat[stat.lastIndexOf(")") + 2];
    return state === "T" || state === "t";
  } catch {
    return false;
  }
}

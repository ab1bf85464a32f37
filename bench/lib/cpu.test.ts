import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { processTree, treeCpuTime } from "./cpu.ts";

/** A program that uses so much CPU time, in milliseconds, and then goes on with something else. */
function busy(milliseconds: number, then: string): string {
  return `
    const used = () => process.cpuUsage().user + process.cpuUsage().system;
    while (used() < ${milliseconds * 1000}) for (let i = 0; i < 1e6; i++);
    ${then}`;
}

test.runIf(process.platform === "linux")(
  "a server's CPU time is that of its whole process tree",
  async () => {
    const child = busy(500, `console.log("done"); setInterval(() => {}, 1000);`);
    const parent = busy(
      300,
      `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { stdio: "inherit", detached: true });`,
    );
    const root = spawn(process.execPath, ["-e", parent], {
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    });
    onTestFinished(() => {
      for (const pid of processTree(root.pid!)) process.kill(pid, "SIGKILL");
    });

    await once(root.stdout, "data");

    expect(processTree(root.pid!)).toHaveLength(2);
    const { user, system, scheduled } = treeCpuTime(root.pid!);
    // Of each process's user and system time the kernel leaves out up to a tick, 10 ms.
    expect(user + system).toBeGreaterThanOrEqual(800_000 - 4 * 10_000);
    // One process alone, or one counted twice, would stand well outside of this.
    expect(user + system).toBeLessThan(2_000_000);
    expect(scheduled).toBeGreaterThanOrEqual(800_000 - 4 * 10_000);
    expect(scheduled).toBeLessThan(2_000_000);
  },
);

/** The machine that measures: what it is, and which of its cores the server and the load get. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { BenchError } from "./benchmark.ts";

export interface Machine {
  cpu: string;
  /** Logical cores that the benchmark may use. */
  cores: number;
  /** Whether it runs under a hypervisor, where other guests may disturb it. */
  virtual: boolean;
  memoryGiB: number;
  system: string;
  kernel: string;
  /** Mean number of runnable processes in the minute before the benchmark started. */
  loadBefore: number;
  wrk: string;
}

export interface Cores {
  server: number;
  load: number;
}

export function describeMachine(): Machine {
  const cpuinfo = readFileSync("/proc/cpuinfo", "utf8");
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: allowedCores().length,
    virtual: /^flags\s*:.*\bhypervisor\b/m.test(cpuinfo),
    memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    system: systemName(),
    kernel: `Linux ${release()}`,
    loadBefore: Math.round(loadavg()[0]! * 100) / 100,
    wrk: wrkVersion(),
  };
}

/** The first core for the server, and for the load the first that isn't the same core's other thread. */
export function chooseCores(): Cores {
  const [server, ...others] = allowedCores();
  const load = others.find((core) => !siblings(server!).includes(core)) ?? others[0];
  if (server === undefined || load === undefined) {
    throw new BenchError("this machine has one core: the server and the load need one each");
  }
  return { server, load };
}

/** Fails with what to install if an outside program that the benchmarks need isn't there. */
export function checkTools(): void {
  if (process.platform !== "linux") {
    throw new BenchError(
      "the benchmarks need Linux: they read CPU time from /proc and pin processes with taskset",
    );
  }
  if (!isInstalled("taskset")) {
    throw new BenchError("taskset is missing: install it with `apt-get install util-linux`");
  }
  if (!isInstalled("wrk")) {
    throw new BenchError("wrk, which makes the load, is missing: install it with `apt-get install wrk`");
  }
}

function isInstalled(program: string): boolean {
  return spawnSync(program, ["--version"]).error === undefined;
}

function wrkVersion(): string {
  const { stdout } = spawnSync("wrk", ["--version"], { encoding: "utf8" });
  return /^wrk (\S+)/.exec(stdout)?.[1] ?? "unknown";
}

function systemName(): string {
  if (!existsSync("/etc/os-release")) return "Linux";
  return /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "Linux";
}

function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  return parseCoreList(list);
}

function siblings(core: number): number[] {
  const path = `/sys/devices/system/cpu/cpu${core}/topology/thread_siblings_list`;
  return existsSync(path) ? parseCoreList(readFileSync(path, "utf8").trim()) : [core];
}

/** `0-2,5` is 0, 1, 2, 5. */
function parseCoreList(list: string): number[] {
  return list.split(",").flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

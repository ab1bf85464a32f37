/** How many files, sockets among them, the servers and loads may have open: as many as the system lets this user have. */
import { readFileSync } from "node:fs";
import { BenchError } from "./benchmark.ts";

/** More is never needed, and some programs walk through all that they may have. */
const wanted = 20_000;

let limit: number | undefined;

/** Words that go before a command, so that it may have that many. */
export function openFilesPrefix(): readonly string[] {
  return ["prlimit", `--nofile=${openFilesLimit()}:`];
}

/** @throws BenchError unless so many connections and some files more can be open in one process. */
export function checkOpenFiles(connections: number): void {
  if (openFilesLimit() >= connections + 100) return;
  throw new BenchError(
    `${connections} connections take as many open files, and this user may have ${openFilesLimit()} in a process: ` +
      "raise the hard limit (ulimit -Hn)",
  );
}

function openFilesLimit(): number {
  if (limit === undefined) {
    const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    limit = hard === "unlimited" ? wanted : Math.min(wanted, Number(hard));
  }
  return limit;
}

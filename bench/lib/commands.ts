/** How servers are started, where several rows or benchmarks start them alike. */
import type { Server } from "./benchmark.ts";

/** An application under the command that users serve it with. */
export function socleServe(application: string, ...options: string[]): Server["command"] {
  return ["node", "bin/socle.js", "serve", application, "-w", "1", "-b", "127.0.0.1:{port}", ...options];
}

export function deno(file: string, ...args: string[]): Pick<Server, "command" | "env"> {
  return {
    command: ["deno", "run", "--no-lock", "--allow-net", "--allow-env", "--allow-read", file, ...args],
    env: { DENO_NO_UPDATE_CHECK: "1" },
  };
}

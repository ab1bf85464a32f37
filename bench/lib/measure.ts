/** One measurement: a server on one core, a load on another, and what was seen of the server. */
import type { Load } from "./benchmark.ts";
import type { Measurement } from "./driver.ts";
import { echo } from "./loads/echo.ts";
import { idle } from "./loads/idle.ts";
import { matches } from "./loads/matches.ts";
import { requests } from "./loads/requests.ts";
import { stall } from "./loads/stall.ts";
import { transfer } from "./loads/transfer.ts";
import type { Cores } from "./machine.ts";
import type { ServerProcess } from "./server-process.ts";

/** What was seen of one server under one load in one round. */
export interface Sample extends Measurement {
  round: number;
}

export async function measure(
  server: ServerProcess,
  load: Load,
  round: number,
  seconds: number,
  cores: Cores,
): Promise<Sample> {
  try {
    return { round, ...(await drive(server, load, seconds, cores)) };
  } catch (error) {
    throw server.error(server.hasEnded ? "ended under load" : (error as Error).message);
  }
}

function drive(server: ServerProcess, load: Load, seconds: number, cores: Cores): Promise<Measurement> {
  switch (load.kind) {
    case "requests":
      return requests(server, load, seconds, cores);
    case "transfer":
      return transfer(server, load, seconds, cores);
    case "idle":
      return idle(server, load, seconds, cores);
    case "echo":
      return echo(server, load, seconds, cores);
    case "stall":
      return stall(server, load, seconds, cores);
    case "matches":
      return matches(server, load, seconds, cores);
  }
}

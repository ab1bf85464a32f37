/** How a supervisor and its workers are, as plain data. */
import { formatAddress } from "../net/address.ts";
import type { Supervisor, SupervisorState } from "./supervisor.ts";
import type { WorkerState } from "./worker-handle.ts";

export interface WorkerStatus {
  readonly number: number;
  readonly pid: number | undefined;
  readonly generation: number;
  readonly state: WorkerState;
  /** Seconds since its start. */
  readonly age: number;
  /** Requests that have come since it serves. */
  readonly requests: number;
  /** Connections that are open. */
  readonly connections: number;
  /** Resident memory, in bytes. */
  readonly memory: number;
  /** Share of the last second in which its event loop was at work, 0 to 1. */
  readonly utilization: number;
}

export interface SupervisorStatus {
  readonly pid: number;
  readonly state: SupervisorState;
  /** What is served; null before anything is. */
  readonly application: string | null;
  readonly addresses: readonly string[];
  /** The generation that serves. */
  readonly generation: number;
  /** Workers that there are to be. */
  readonly target: number;
  /** Workers that have ended without having been told to. */
  readonly deaths: number;
  /** Seconds since the start. */
  readonly age: number;
  readonly workers: readonly WorkerStatus[];
}

export function statusOf(supervisor: Supervisor): SupervisorStatus {
  return {
    pid: process.pid,
    state: supervisor.state,
    application: supervisor.application?.description ?? null,
    addresses: supervisor.addresses.map(formatAddress),
    generation: supervisor.generation,
    target: supervisor.target,
    deaths: supervisor.deaths,
    age: seconds(performance.now() - supervisor.startedAt),
    workers: Array.from(supervisor.fleet, (worker) => ({
      number: worker.number,
      pid: worker.pid,
      generation: worker.generation.number,
      state: worker.state,
      age: seconds(performance.now() - worker.startedAt),
      requests: worker.figures?.requests ?? 0,
      connections: worker.figures?.connections ?? 0,
      memory: worker.figures?.memory ?? 0,
      utilization: worker.figures?.utilization ?? 0,
    })),
  };
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds / 100) / 10;
}

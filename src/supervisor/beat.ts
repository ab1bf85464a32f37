/** A worker's sign of life: as long as its event loop comes round, it tells the parent so, and how it is. */
import type { EventLoopUtilization } from "node:perf_hooks";
import type { WorkerLink } from "../net/workers/workers.ts";
import type { FromWorker, ServingData, ToWorker } from "./messages.ts";
import { Recycling } from "./recycling.ts";

export class Beat {
  /** Requests that have come. */
  requests = 0;
  readonly #link: WorkerLink<ToWorker, FromWorker, ServingData>;
  #timer: NodeJS.Timeout | undefined;
  #lastUtilization: EventLoopUtilization = performance.eventLoopUtilization();

  constructor(link: WorkerLink<ToWorker, FromWorker, ServingData>) {
    this.#link = link;
  }

  start(server: { readonly connections: number }): void {
    const { data } = this.#link;
    const recycling = new Recycling(data);
    this.#timer = setInterval(() => {
      const memory = process.memoryUsage.rss();
      const { connections } = server;
      this.#tell({
        type: "beat",
        figures: { requests: this.requests, connections, memory, utilization: this.#utilization() },
      });
      const reason = recycling.look(this.requests, memory);
      if (reason !== undefined) this.#tell({ type: "retire", reason });
    }, data.beatInterval);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tell(message: FromWorker): void {
    void this.#link.send(message);
  }

  #utilization(): number {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#lastUtilization);
    this.#lastUtilization = now;
    return utilization;
  }
}

/** The server of the models that serve in other processes: `processes`, and `threads` in a process of their own. */
import { randomBytes } from "node:crypto";
import type { Address } from "../address.ts";
import { deferred } from "../deferred.ts";
import { type BoundListener, bind } from "../listener/bind.ts";
import type { ListenerOptions, ListenTarget } from "../listener/listener.ts";
import { startProcess, type Worker } from "../workers/workers.ts";
import type { CloseReport } from "./connection-runner.ts";
import { Crew } from "./crew.ts";
import type { ModelServer } from "./local-server.ts";
import type { FromWorker, ToWorker, WorkerData } from "./server-messages.ts";

export interface WorkerServerOptions {
  readonly model: { readonly threads: number } | { readonly processes: number };
  readonly data: Omit<WorkerData, "addresses">;
  onError(error: Error): void;
  readonly onRefused?: OnRefused | undefined;
}

type OnRefused = NonNullable<ListenerOptions["onRefused"]>;

/** Descriptors that a process gets beyond one for each thread: the deaths of threads that it survives. */
function sparesFor(threads: number): number {
  return Math.max(4, threads);
}

/** Milliseconds after the deadline that a process has to say what it came to. Its threads have less. */
const patience = 1_000;

export class WorkerServer implements ModelServer {
  readonly #options: WorkerServerOptions;
  readonly #closed = deferred<void>();
  #bound: BoundListener[] = [];
  #crew: Crew | undefined;
  #closing = false;

  constructor(options: WorkerServerOptions) {
    this.#options = options;
  }

  get connections(): number {
    return this.#crew?.connections ?? 0;
  }

  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  async listen(targets: readonly ListenTarget[]): Promise<readonly Address[]> {
    try {
      for (const target of targets) {
        const address = "kind" in target ? target : { kind: "fd" as const, fd: target.fd };
        this.#bound.push(await bind(address, this.#options.data.options));
      }
      if (this.#closing) throw new Error("the server was closed before it had started");
      this.#crew = this.#hire();
      await this.#crew.start();
      return this.#bound.map(({ address }) => address);
    } catch (error) {
      this.#closeBound();
      throw error;
    }
  }

  async close(deadline: number): Promise<CloseReport> {
    this.#closing = true;
    // First ours, or clients could go on queueing on a socket that nobody accepts from.
    this.#closeBound();
    const report = (await this.#crew?.stop(deadline)) ?? { finished: 0, aborted: 0 };
    this.#closed.resolve();
    return report;
  }

  #hire(): Crew {
    const { model, data, onError, onRefused } = this.#options;
    const threads = "threads" in model ? model.threads : undefined;
    const copies = threads === undefined ? 1 : threads + sparesFor(threads);
    const listeners = Array.from({ length: copies }, () => this.#bound.map(({ fd }) => fd)).flat();
    const workerData: WorkerData = {
      ...data,
      addresses: this.#bound.map(({ address }) => address),
      options: withTicketKeys(data.options),
      ...(threads === undefined ? {} : { threads }),
    };
    return new Crew({
      size: "processes" in model ? model.processes : 1,
      noun: "process",
      patience,
      start: (_seat, events): Worker<ToWorker> =>
        startProcess<ToWorker, FromWorker>({
          entry: threads === undefined ? processEntry : hostEntry,
          listeners,
          data: workerData,
          ...events,
        }),
      onError,
      ...(onRefused === undefined ? {} : { onRefused }),
    });
  }

  #closeBound(): void {
    for (const bound of this.#bound.splice(0)) bound.close();
  }
}

/** With keys of their own, the workers could not resume each other's TLS sessions. */
function withTicketKeys(options: WorkerData["options"]): WorkerData["options"] {
  return options.tls === undefined
    ? options
    : { ...options, tls: { ticketKeys: randomBytes(48), ...options.tls } };
}

const isSource: boolean = import.meta.url.endsWith(".ts");
const processEntry: URL = new URL(isSource ? "./socket-worker.ts" : "./socket-worker.js", import.meta.url);
const hostEntry: URL = new URL(isSource ? "./thread-host.ts" : "./thread-host.js", import.meta.url);

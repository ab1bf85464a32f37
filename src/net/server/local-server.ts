/** The server of the models that serve in this thread: `once`, `serial` and `events`. */
import type { Address } from "../address.ts";
import { deferred } from "../deferred.ts";
import { Listener, type ListenerOptions, type ListenTarget } from "../listener/listener.ts";
import { type CloseReport, ConnectionRunner, type RunnerOptions } from "./connection-runner.ts";
import type { ConnectionHandler } from "./handler.ts";
import { EventsIntake, type Intake, OnceIntake, SerialIntake, type Serve } from "./intakes.ts";

/** What a socket server does by any model. */
export interface ModelServer {
  /** Connections that are open, as far as is known. */
  readonly connections: number;
  /** Resolves when it has closed. */
  readonly closed: Promise<void>;
  /** Starts listening; resolves to the addresses in the order of the targets. Nothing is left open when it rejects. */
  listen(targets: readonly ListenTarget[]): Promise<readonly Address[]>;
  /** Stops. Called again to bring the deadline forward. */
  close(deadline: number): Promise<CloseReport>;
}

export interface LocalServerOptions extends RunnerOptions {
  readonly model: "once" | "serial" | "events";
  readonly listener: ListenerOptions;
}

/** Connections that wait for their turn by the model `serial`, unless `backlog` says otherwise. */
const defaultBacklog = 511;

export class LocalServer implements ModelServer {
  readonly #options: LocalServerOptions;
  readonly #loadHandler: () => Promise<ConnectionHandler>;
  readonly #listeners: Set<Listener> = new Set();
  readonly #closed = deferred<void>();
  #runner: ConnectionRunner | undefined;
  #intake: Intake | undefined;
  #closing = false;
  #dropped = 0;

  constructor(loadHandler: () => Promise<ConnectionHandler>, options: LocalServerOptions) {
    this.#loadHandler = loadHandler;
    this.#options = options;
  }

  get connections(): number {
    return this.#runner?.active ?? 0;
  }

  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  async listen(targets: readonly ListenTarget[]): Promise<readonly Address[]> {
    const intake = (this.#intake ??= await this.#prepare());
    const opened: Listener[] = [];
    try {
      for (const target of targets) {
        const listener = await Listener.open(
          target,
          (transport) => intake.take(transport),
          this.#options.listener,
        );
        opened.push(listener);
        this.#listeners.add(listener);
      }
    } catch (error) {
      for (const listener of opened) {
        this.#listeners.delete(listener);
        listener.close();
      }
      throw error;
    }
    // Closed meanwhile: what was opened after that goes too.
    if (this.#closing) this.#stopAccepting();
    return opened.map(({ address }) => address);
  }

  async close(deadline: number): Promise<CloseReport> {
    this.#closing = true;
    this.#stopAccepting();
    this.#dropped += this.#intake?.close() ?? 0;
    const report = (await this.#runner?.close(deadline)) ?? { finished: 0, aborted: 0 };
    this.#closed.resolve();
    return { finished: report.finished, aborted: report.aborted + this.#dropped };
  }

  async #prepare(): Promise<Intake> {
    const runner = new ConnectionRunner(await this.#loadHandler(), this.#options);
    this.#runner = runner;
    const serve: Serve = (transport) => runner.serve(transport);
    switch (this.#options.model) {
      case "events":
        return new EventsIntake(serve);
      case "serial":
        return new SerialIntake(serve, this.#options.listener.backlog ?? defaultBacklog);
      case "once":
        return new OnceIntake(
          serve,
          () => this.#stopAccepting(),
          () => this.#closed.resolve(),
        );
    }
  }

  #stopAccepting(): void {
    for (const listener of this.#listeners) listener.close();
    this.#listeners.clear();
  }
}

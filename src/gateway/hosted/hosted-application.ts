/** An application on somebody else's server: what that server doesn't do for it, and ours does. */
import type { Exchange } from "../../http/exchange.ts";
import { defaultLimits } from "../../http/limits.ts";
import type { Application } from "../application.ts";

export interface HostedOptions {
  /** Bytes of a request body that the application may read, unless it asks for more; beyond it 413. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /**
   * Told of what the application threw (its exchange is answered with 500, or cut when the answer was begun already).
   * Default: `console.error`.
   */
  readonly onError?: (error: unknown, exchange: Exchange) => void;
}

export class HostedApplication {
  readonly maxBodyBytes: number;
  readonly onError: (error: unknown, exchange: Exchange) => void;
  readonly #application: Application;
  #started = false;
  #starting: Promise<void> | undefined;

  constructor(application: Application, options: HostedOptions) {
    this.#application = application;
    this.maxBodyBytes = options.maxBodyBytes ?? defaultLimits.maxBodyBytes;
    this.onError = options.onError ?? logError;
  }

  /** Has an exchange answered. The application is started before its first. */
  answer(exchange: Exchange): void {
    if (this.#started) {
      this.#handle(exchange);
      return;
    }
    this.#starting ??= this.#start();
    this.#starting.then(
      () => this.#handle(exchange),
      (error: unknown) => this.fail(error, exchange),
    );
  }

  /** Ends an exchange that an error has come of. */
  fail(error: unknown, exchange: Exchange): void {
    this.onError(error, exchange);
    if (exchange.started) exchange.abort();
    else exchange.respond(500, plainText, "Internal Server Error\n");
  }

  async #start(): Promise<void> {
    await this.#application.start?.();
    this.#started = true;
  }

  #handle(exchange: Exchange): void {
    try {
      const result = this.#application.handleExchange(exchange);
      if (result !== undefined) result.then(undefined, (error: unknown) => this.fail(error, exchange));
    } catch (error) {
      this.fail(error, exchange);
    }
  }
}

/** What a refusal, or an error that says nothing of the inside, is sent as. */
export const plainText: readonly string[] = Object.freeze(["content-type", "text/plain;charset=UTF-8"]);

function logError(error: unknown, exchange: Exchange): void {
  // The target is the client's text, and so never the format.
  console.error("error while answering %s %s:", exchange.method, exchange.target, error);
}

/** The validator: stands between server and application, and reports what either does against the contract (docs/gateway.md). */
import type { Exchange } from "../../http/exchange.ts";
import type { Application } from "../application.ts";
import { BreachLog, type ValidateOptions } from "./breach.ts";
import { WatchedExchange } from "./watched-exchange.ts";

/**
 * An application that does what the given one does, and reports every breach of the contract, by it or by the server:
 *
 *     const watched = validate(app);
 *     const server = new HttpServer((exchange) => watched.handleExchange(exchange));
 *
 * Nothing else changes: what is against the rules is passed on, and refused by the one who would have refused it. It is for
 * development and tests, and costs several times what a request costs without it. The breaches are listed in
 * docs/gateway/validator.md.
 */
export function validate(application: Application, options: ValidateOptions = {}): Application {
  return new ValidatedApplication(application, options);
}

class ValidatedApplication implements Application {
  readonly #application: Application;
  readonly #options: ValidateOptions;
  readonly #given: WeakSet<Exchange> = new WeakSet();

  constructor(application: Application, options: ValidateOptions) {
    this.#application = application;
    this.#options = options;
  }

  handleExchange(exchange: Exchange): void | Promise<void> {
    const log = new BreachLog(this.#options, exchange.method, exchange.target);
    if (this.#given.has(exchange)) {
      log.tell("exchange-given-twice", "an exchange was handed up again: each one is handed up once");
    }
    this.#given.add(exchange);
    const watched = new WatchedExchange(exchange, log);
    let result: unknown;
    try {
      result = this.#application.handleExchange(watched);
    } catch (error) {
      watched.handlerFailed(error);
      throw error;
    }
    watched.checkHeaderLists();
    if (result === undefined) return undefined;
    if (typeof (result as Partial<Promise<void>> | null)?.then !== "function") {
      log.tell("bad-return", `the handler returned a ${typeof result}: it returns nothing, or a promise`);
      return result as unknown as undefined;
    }
    return (result as Promise<void>).then(
      () => watched.handlerDone(),
      (error: unknown) => {
        watched.handlerFailed(error);
        throw error;
      },
    );
  }

  async start(): Promise<void> {
    await this.#application.start?.();
  }

  async drain(): Promise<void> {
    await this.#application.drain?.();
  }

  async stop(): Promise<void> {
    await this.#application.stop?.();
  }
}

/**
 * In which async context (`AsyncLocalStorage`) handlers run: that in which their server was made, and never that of the request
 * before on the connection, whose handler may be what calls for the next one.
 */
import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import type { Exchange, ExchangeHandler } from "./exchange.ts";

const NAME = "HttpRequest";

/**
 * Whether what `enterWith` sets is gone once a resource's scope is left. It is from Node 24 on; before that the resource keeps it,
 * so that each request needs a resource of its own.
 */
const scopesForget: boolean = forgets();

export class RequestScope {
  readonly #resource: AsyncResource = new AsyncResource("HttpServer");

  /** Calls the handler. It costs some 15 ns, or 50 before Node 24. */
  run(handler: ExchangeHandler, exchange: Exchange): void | Promise<void> {
    return scopesForget
      ? this.#resource.runInAsyncScope(handler, undefined, exchange)
      : this.#resource.runInAsyncScope(runApart, undefined, handler, exchange);
  }
}

function runApart(handler: ExchangeHandler, exchange: Exchange): void | Promise<void> {
  return new AsyncResource(NAME).runInAsyncScope(handler, undefined, exchange);
}

function forgets(): boolean {
  const storage = new AsyncLocalStorage<boolean>();
  const resource = new AsyncResource(NAME);
  resource.runInAsyncScope(() => storage.enterWith(true));
  const kept = resource.runInAsyncScope(() => storage.getStore());
  storage.disable();
  return kept === undefined;
}

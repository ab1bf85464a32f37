/** Runs a fetch application, `(request) => Response`, on exchanges. docs/gateway/fetch.md is for its users. */
import { isDeparture, RequestError } from "../../http/errors.ts";
import type { Exchange } from "../../http/exchange.ts";
import { type Application, hasMethod, isThenable } from "../application.ts";
import { textHeaders } from "../body-init.ts";
import type { Request } from "../request.ts";
import { isResponse, type Response } from "../response.ts";
import { type ForeignResponse, isForeignResponse, sendResponse } from "../send.ts";
import { BackgroundWork } from "./background-work.ts";
import { FetchContext } from "./fetch-context.ts";
import { dropHopByHop } from "./hop-by-hop.ts";
import { linkToPlatform } from "./platform-link.ts";
import { ServedRequest } from "./served-request.ts";

/** What a fetch handler answers with: a `Response`, Socle's or the platform's. */
export type FetchAnswer = Response | ForeignResponse;

/** A fetch handler. The context comes twice, as frameworks have two places for it (`env` and `ctx`). */
export type FetchHandler = (
  request: Request,
  context: FetchContext,
  sameContext: FetchContext,
) => FetchAnswer | PromiseLike<FetchAnswer>;

/** What is taken for a fetch application: a handler, or an object that has one as its method `fetch`. */
export type FetchTarget =
  | FetchHandler
  | {
      // A method and not a property: an application may ask for a request of the platform's type.
      fetch(
        request: Request,
        context: FetchContext,
        sameContext: FetchContext,
      ): FetchAnswer | PromiseLike<FetchAnswer>;
    };

/**
 * Makes a fetch application one that a server takes:
 *
 *     const application = fetchApplication((request) => new Response(request.url));
 *     const server = new HttpServer((exchange) => application.handleExchange(exchange));
 *
 * What the application throws is thrown on: the server answers 500, or cuts the connection if the answer was begun, and
 * reports it. A `RequestError` of the request's body is answered with its status. `stop` waits for what was
 * given to `waitUntil`.
 * @throws TypeError for what is neither a function nor has a method `fetch`
 */
export function fetchApplication(target: FetchTarget): Application {
  return new AdaptedFetch(target);
}

class AdaptedFetch implements Application {
  readonly #work: BackgroundWork = new BackgroundWork();
  readonly #answer: FetchHandler;

  constructor(target: FetchTarget) {
    if (hasMethod(target, "fetch")) {
      this.#answer = (request, context) => target.fetch(request as never, context as never, context as never);
    } else if (typeof target === "function") {
      this.#answer = target;
    } else {
      throw new TypeError("a fetch application is a function, or an object with a method fetch");
    }
    linkToPlatform();
  }

  handleExchange(exchange: Exchange): void | Promise<void> {
    try {
      const context = new FetchContext(exchange, this.#work);
      const answer: unknown = this.#answer(new ServedRequest(exchange, context), context, context);
      if (isThenable(answer)) return sendLater(exchange, answer);
      const sending = send(exchange, answer);
      if (sending !== undefined) return watch(exchange, sending);
    } catch (error) {
      fail(exchange, error);
    }
  }

  stop(): Promise<void> {
    return this.#work.finished();
  }
}

async function sendLater(exchange: Exchange, promise: PromiseLike<unknown>): Promise<void> {
  try {
    const sending = send(exchange, await promise);
    if (sending !== undefined) await sending;
  } catch (error) {
    fail(exchange, error);
  }
}

async function watch(exchange: Exchange, sending: Promise<void>): Promise<void> {
  try {
    await sending;
  } catch (error) {
    fail(exchange, error);
  }
}

function send(exchange: Exchange, answer: unknown): Promise<void> | undefined {
  // Nobody but `upgrade` can have begun an answer.
  if (exchange.started) return undefined;
  if (typeof answer === "object" && answer !== null) {
    if (isResponse(answer)) {
      dropHopByHop(answer);
      return sendResponse(exchange, answer);
    }
    if (isForeignResponse(answer)) return sendResponse(exchange, answer);
  }
  throw new TypeError(`the fetch handler returned ${nameOf(answer)}, and must return a Response`);
}

function fail(exchange: Exchange, error: unknown): void {
  // The client has gone: what fails by that is nobody's fault. What breaks the contract always is somebody's.
  if (exchange.closed && !exchange.started && isDeparture(error)) return;
  if (error instanceof RequestError && !exchange.started) {
    exchange.respond(error.status, textHeaders, error.message);
    return;
  }
  throw error;
}

function nameOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value !== "object") return `a ${typeof value}`;
  const name = (value as { constructor?: { name?: unknown } }).constructor?.name;
  return typeof name === "string" && name !== "" && name !== "Object"
    ? `an object of the class ${name}`
    : "a plain object";
}

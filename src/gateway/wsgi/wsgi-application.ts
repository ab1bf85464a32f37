/** Runs a WSGI application (PEP 3333) on exchanges. What is the same as in Python, and what is not: docs/gateway/wsgi.md. */
import { ExchangeError, RequestError } from "../../http/errors.ts";
import type { Exchange } from "../../http/exchange.ts";
import type { Application } from "../application.ts";
import { textHeaders } from "../body-init.ts";
import { type EnvironSettings, makeEnviron } from "./environ.ts";
import { WsgiBody } from "./wsgi-body.ts";
import { standardErrors, type WsgiErrors } from "./wsgi-errors.ts";
import { type WsgiApplication, WsgiError } from "./wsgi-interface.ts";
import { checkPiece, WsgiResponse } from "./wsgi-response.ts";

export interface WsgiOptions {
  /**
   * What `SCRIPT_NAME` begins with: the path's prefix, decoded, that a proxy has taken off. A mount's own path comes behind it.
   * Default "".
   */
  readonly scriptName?: string;
  /**
   * What becomes of a request's header fields with an underscore in their name, which as `HTTP_` keys could pass for others:
   * they are left out, or the request is answered with 400. Default `drop`.
   */
  readonly underscoreHeaders?: "drop" | "refuse";
  /** `wsgi.multiprocess`: whether other processes may run the same application. Default true, the cautious answer. */
  readonly multiprocess?: boolean | undefined;
  /** `wsgi.errors`. Default: standard error. */
  readonly errors?: WsgiErrors;
}

/**
 * Makes a WSGI application one that a server takes:
 *
 *     const server = new HttpServer((exchange) => application.handleExchange(exchange));
 *
 * What the application throws, or breaks of WSGI's rules (`WsgiError`), is thrown on: the server answers 500, or cuts the
 * connection if the answer was begun, and reports it once. A `RequestError` of `wsgi.input` is answered with its status.
 * @throws TypeError for what is no function, and for a `scriptName` that is no prefix of paths
 */
export function wsgiApplication(app: WsgiApplication, options: WsgiOptions = {}): Application {
  return new AdaptedWsgi(app, options);
}

class AdaptedWsgi implements Application {
  readonly #app: WsgiApplication;
  readonly #settings: EnvironSettings;

  constructor(app: WsgiApplication, options: WsgiOptions) {
    const { scriptName = "" } = options;
    if (typeof app !== "function") throw new TypeError("a WSGI application is a function");
    if (!/^(?:\/.*[^/])?$/.test(scriptName)) {
      throw new TypeError(
        `the scriptName is "" or has a slash before and none behind, not ${JSON.stringify(scriptName)}`,
      );
    }
    this.#app = app;
    this.#settings = {
      scriptName,
      refuseUnderscores: options.underscoreHeaders === "refuse",
      multiprocess: options.multiprocess ?? true,
      errors: options.errors ?? standardErrors,
    };
  }

  handleExchange(exchange: Exchange): void | Promise<void> {
    const response = new WsgiResponse(exchange);
    try {
      const environ = makeEnviron(exchange, this.#settings);
      const result: unknown = this.#app(environ, response.startResponse);
      if (isWhole(result) && !("close" in result) && !exchange.started) sendWhole(response, result);
      else return send(exchange, response, result);
    } catch (error) {
      fail(exchange, response, error);
    }
  }
}

async function send(exchange: Exchange, response: WsgiResponse, result: unknown): Promise<void> {
  try {
    const iterable = await result;
    const body = new WsgiBody(iterable);
    try {
      // What was answered on the exchange itself (an upgrade) is none of ours.
      if (!exchange.started && isWhole(iterable)) sendWhole(response, iterable);
      else if (!exchange.started || response.begun) await sendPieces(exchange, response, body);
    } catch (error) {
      // Of two errors the first is the one to tell.
      await body.close().catch(ignore);
      throw error;
    }
    await body.close();
  } catch (error) {
    fail(exchange, response, error);
  }
}

async function sendPieces(exchange: Exchange, response: WsgiResponse, body: WsgiBody): Promise<void> {
  const leave = (): void => void body.close().catch(ignore);
  const { signal } = exchange;
  signal.addEventListener("abort", leave, { once: true });
  try {
    // An iteration is always begun: a generator that never was does not run its `finally`.
    let next = body.next();
    if (exchange.closed) leave();
    for (;;) {
      const step = await next;
      if (exchange.closed) return;
      if (step.done === true) return response.end();
      const piece = checkPiece(step.value, "yielded");
      response.checkStarted();
      if (piece.length > 0) {
        if (response.bodiless) return response.end();
        const waiting = response.send(piece);
        if (waiting !== undefined) await waiting;
        if (exchange.closed) return;
      }
      next = body.next();
    }
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

/** Whether a result is a body whose length is known: an array of one piece, or of none (PEP 3333, "Handling the Content-Length Header"). */
function isWhole(result: unknown): result is readonly unknown[] {
  return Array.isArray(result) && result.length <= 1;
}

function sendWhole(response: WsgiResponse, result: readonly unknown[]): void {
  if (result.length === 0) response.end();
  else response.sendWhole(checkPiece(result[0], "yielded"));
}

function fail(exchange: Exchange, response: WsgiResponse, error: unknown): void {
  const isBreach = error instanceof WsgiError || error instanceof ExchangeError;
  // The client has gone: what fails by that is nobody's fault.
  if (exchange.closed && !response.complete && !isBreach) return;
  if (error instanceof RequestError && !exchange.started) {
    exchange.respond(error.status, textHeaders, error.message);
    return;
  }
  throw error;
}

function ignore(): void {}

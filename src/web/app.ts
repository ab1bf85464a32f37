/** The application: routes, and what is done with a request. */
import type { Application } from "../gateway/application.ts";
import { consistsOf, TOKEN } from "../http/chars.ts";
import type { Exchange } from "../http/exchange.ts";
import { answerError, type ErrorLog, logToConsole } from "./error-answer.ts";
import { HttpError } from "./http-error.ts";
import { type PathParams, parsePath } from "./path.ts";
import { Request } from "./request.ts";
import { type HandlerResult, sendResult } from "./result.ts";
import { type AnyRoute, type Handler, Route } from "./route.ts";
import { allowedMethods, Miss, Router } from "./router.ts";

export interface AppOptions {
  /**
   * Told of each error that is a fault of the application: what gives a 5xx or cuts an answer short.
   * Default: method, target and stack on standard error.
   */
  readonly logError?: ErrorLog;
}

export interface RouteOptions<Method extends string> {
  /** Methods that the handler takes. Default: GET, and with it HEAD. */
  readonly methods?: readonly Method[];
}

/**
 *     const app = new App();
 *     app.get("/users/<int:id>", ({ params }) => ({ id: params.id }));
 *
 * HEAD is served by GET. OPTIONS is answered with the methods there are, a method that a path has no route for with
 * 405 and the same `Allow`, and a path that there is not with 404.
 */
export class App implements Application {
  readonly #router: Router = new Router();
  readonly #logError: ErrorLog;

  constructor(options: AppOptions = {}) {
    this.#logError = options.logError ?? logToConsole;
  }

  /** Every route, in the order in which they were added. */
  get routes(): readonly AnyRoute[] {
    return this.#router.routes;
  }

  /**
   * Adds a route.
   * @throws PathError for a path that is no pattern (path.ts has the rules).
   * @throws RouteConflictError if there is a route already for the same path and method.
   * @throws TypeError for a method that is none.
   */
  route<Path extends string, Result extends HandlerResult, Method extends string = "GET">(
    path: Path,
    options: RouteOptions<Method>,
    handler: Handler<PathParams<Path>, Result>,
  ): Route<Path, Method, Result> {
    const methods = options.methods ?? (["GET"] as string[] as Method[]);
    if (methods.length === 0) throw new TypeError(`the route ${JSON.stringify(path)} has no methods`);
    for (const method of methods) checkMethod(method);
    if (typeof handler !== "function")
      throw new TypeError(`the route ${JSON.stringify(path)} has no handler function`);
    const route = new Route(path, methods, handler, parsePath(path));
    this.#router.add(route);
    return route;
  }

  /** Adds a route for GET, and with it for HEAD. Throws as `route`. */
  get<Path extends string, Result extends HandlerResult>(
    path: Path,
    handler: Handler<PathParams<Path>, Result>,
  ): Route<Path, "GET", Result> {
    return this.route(path, { methods: ["GET"] }, handler);
  }

  /** Adds a route for POST. Throws as `route`. */
  post<Path extends string, Result extends HandlerResult>(
    path: Path,
    handler: Handler<PathParams<Path>, Result>,
  ): Route<Path, "POST", Result> {
    return this.route(path, { methods: ["POST"] }, handler);
  }

  /** Adds a route for PUT. Throws as `route`. */
  put<Path extends string, Result extends HandlerResult>(
    path: Path,
    handler: Handler<PathParams<Path>, Result>,
  ): Route<Path, "PUT", Result> {
    return this.route(path, { methods: ["PUT"] }, handler);
  }

  /** Adds a route for PATCH. Throws as `route`. */
  patch<Path extends string, Result extends HandlerResult>(
    path: Path,
    handler: Handler<PathParams<Path>, Result>,
  ): Route<Path, "PATCH", Result> {
    return this.route(path, { methods: ["PATCH"] }, handler);
  }

  /** Adds a route for DELETE. Throws as `route`. */
  delete<Path extends string, Result extends HandlerResult>(
    path: Path,
    handler: Handler<PathParams<Path>, Result>,
  ): Route<Path, "DELETE", Result> {
    return this.route(path, { methods: ["DELETE"] }, handler);
  }

  /**
   * Takes one exchange: what the server calls. The promise, if there is one, tells when the answer is complete;
   * it is never rejected.
   */
  handleExchange(exchange: Exchange): void | Promise<void> {
    try {
      const target = exchange.target;
      if (target === "*") return this.#answerOptions(exchange, this.#allMethods());
      const mark = target.indexOf("?");
      const match = this.#router.match(exchange.method, mark < 0 ? target : target.slice(0, mark));
      if (match instanceof Miss) return this.#answerMiss(exchange, match.allow);
      const route = match.route;
      const result: unknown = route.handler(new Request<never>(exchange, match));
      if (isThenable(result)) return this.#sendLater(exchange, result, route);
      const sending = sendResult(exchange, result, route);
      if (sending !== undefined) return this.#watch(exchange, sending);
    } catch (error) {
      answerError(exchange, error, this.#logError);
    }
  }

  async #sendLater(exchange: Exchange, promise: PromiseLike<unknown>, route: AnyRoute): Promise<void> {
    try {
      const sending = sendResult(exchange, await promise, route);
      if (sending !== undefined) await sending;
    } catch (error) {
      answerError(exchange, error, this.#logError);
    }
  }

  async #watch(exchange: Exchange, sending: Promise<void>): Promise<void> {
    try {
      await sending;
    } catch (error) {
      answerError(exchange, error, this.#logError);
    }
  }

  #answerMiss(exchange: Exchange, allow: readonly string[]): void {
    if (allow.length === 0) throw new HttpError(404);
    if (exchange.method !== "OPTIONS")
      throw new HttpError(405, undefined, { headers: { allow: allow.join(", ") } });
    this.#answerOptions(exchange, allow);
  }

  #answerOptions(exchange: Exchange, allow: readonly string[]): void {
    exchange.respond(204, ["allow", allow.join(", ")], null);
  }

  /** What `OPTIONS *` asks for: the methods that there are at all. */
  #allMethods(): readonly string[] {
    return allowedMethods(this.routes.map((route) => route.methods));
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as Partial<PromiseLike<unknown>>).then === "function"
  );
}

function checkMethod(method: string): void {
  if (!consistsOf(method, TOKEN)) throw new TypeError(`${JSON.stringify(method)} is no HTTP method`);
  if (method !== method.toUpperCase()) {
    throw new TypeError(`methods are case-sensitive: write ${method.toUpperCase()}, not ${method}`);
  }
}

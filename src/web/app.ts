/** The application: routes, and what is done with a request. */
import type { Application } from "../gateway/application.ts";
import { type PlatformFetchHandler, toFetchHandler } from "../gateway/hosted/fetch-exchange.ts";
import { consistsOf, TOKEN } from "../http/chars.ts";
import type { Exchange } from "../http/exchange.ts";
import { answerError, type ErrorLog, logToConsole } from "./error-answer.ts";
import { HttpError } from "./http-error.ts";
import { Mount, type MountOptions, type MountTarget } from "./mount.ts";
import { Mounts } from "./mounts.ts";
import { type PathParams, parsePath } from "./path.ts";
import { Request } from "./request.ts";
import { type HandlerResult, sendResult } from "./result.ts";
import { type AnyRoute, type Handler, Route } from "./route.ts";
import { allowedMethods, Match, type Miss, Router } from "./router.ts";

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
 *
 * An app is a fetch handler as well: `export default app` runs on Bun, Deno and Cloudflare's workers.
 */
export class App implements Application {
  /**
   * Answers a platform's `Request` with its `Response`: what Bun, Deno and Cloudflare's workers call. It is bound to the
   * app, so it can be handed on alone. The further arguments are the runtime's. Never rejected.
   */
  readonly fetch: PlatformFetchHandler = toFetchHandler(this);
  readonly #router: Router = new Router();
  readonly #mounts: Mounts = new Mounts();
  readonly #logError: ErrorLog;

  constructor(options: AppOptions = {}) {
    this.#logError = options.logError ?? logToConsole;
  }

  /** Every route, in the order in which they were added. */
  get routes(): readonly AnyRoute[] {
    return this.#router.routes;
  }

  /** What is mounted, in the order of mounting. */
  get mounts(): readonly Mount[] {
    return this.#mounts.all;
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
   * Puts another application under a path: an `App`, an Express or Hono app, whatever the gateway takes. It gets every request
   * below the path that no route takes, and sees the path without the mount's. Its `onStart` and `onStop` are called with this app's.
   * @param path text, such as `/legacy`, or `/` for all that is left over.
   * @throws PathError for a path that is no plain one, or has a slash at its end.
   * @throws RouteConflictError if there is a mount already at the same path, or a route for all that is below it.
   * @throws TypeError for a target that is no application, and once the app has started.
   */
  mount(path: string, target: MountTarget, options: MountOptions = {}): void {
    this.#mounts.checkOpen(path);
    const mount = new Mount(path, target, options);
    this.#router.addMount(mount);
    this.#mounts.add(mount);
  }

  /** Starts what is mounted. The server calls it before the first request; rejected when an application can't start. */
  onStart(): void | Promise<void> {
    return this.#mounts.start();
  }

  /** Stops what is mounted. The server calls it after the last request. */
  onStop(): void | Promise<void> {
    return this.#mounts.stop();
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
      if (!(match instanceof Match)) return this.#answerElsewhere(exchange, match);
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

  /** For what no route takes. */
  #answerElsewhere(exchange: Exchange, match: Mount | Miss): void | Promise<void> {
    if (!(match instanceof Mount)) return this.#answerMiss(exchange, match.allow);
    const answering = match.handleExchange(exchange);
    if (answering !== undefined) return this.#watch(exchange, answering);
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

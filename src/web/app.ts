/** The application: routes, and what is done with a request. */
import { contextsInUse } from "../context/context-variable.ts";
import { type Application, isThenable } from "../gateway/application.ts";
import { type PlatformFetchHandler, toFetchHandler } from "../gateway/hosted/fetch-exchange.ts";
import { mountPathOf } from "../gateway/mounted-exchange.ts";
import type { Exchange } from "../http/exchange.ts";
import { Context, runInContext, runRequest } from "./context/context.ts";
import { makeTestRequest, type TestContextOptions } from "./context/test-context.ts";
import { answerError, type ErrorLog, logToConsole } from "./error-answer.ts";
import { HttpError } from "./http-error.ts";
import { Mount, type MountOptions, type MountTarget } from "./mount.ts";
import { Mounts } from "./mounts.ts";
import { Request } from "./request.ts";
import { CompressedExchange } from "./responses/compressed-exchange.ts";
import { type Compression, type CompressionOptions, toCompression } from "./responses/compression.ts";
import { sendResult } from "./result.ts";
import type { AnyRoute } from "./route.ts";
import { RouteMethods } from "./route-methods.ts";
import { allowedMethods, Match, type Miss, Router, type TrailingSlash } from "./router.ts";
import { type LooseUrlParams, type UrlOptions, urlForName } from "./url-for.ts";

export interface AppOptions {
  /**
   * Told of each error that is a fault of the application: what gives a 5xx or cuts an answer short.
   * Default: method, target and stack on standard error.
   */
  readonly logError?: ErrorLog;
  /**
   * What is made of a slash at the end of a path. `redirect`: a path that lacks the slash of its route is redirected to the one
   * with it (308), and one that has a slash too many is 404. `strict`: both are 404. `ignore`: both are served. Default `redirect`.
   */
  readonly trailingSlash?: TrailingSlash;
  /** Compresses answers, those of mounts included, where it pays and the client takes it. Default: none are. */
  readonly compression?: true | CompressionOptions;
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
export class App extends RouteMethods implements Application {
  /**
   * Answers a platform's `Request` with its `Response`: what Bun, Deno and Cloudflare's workers call. It is bound to the
   * app, so it can be handed on alone. The further arguments are the runtime's. Never rejected.
   */
  readonly fetch: PlatformFetchHandler = toFetchHandler(this);
  readonly #router: Router;
  readonly #mounts: Mounts = new Mounts();
  readonly #logError: ErrorLog;
  readonly #compression: Compression | null;

  constructor(options: AppOptions = {}) {
    super();
    this.#router = new Router(options.trailingSlash);
    this.#logError = options.logError ?? logToConsole;
    this.#compression = options.compression === undefined ? null : toCompression(options.compression);
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
   * The URL of the route of that name: `app.urlFor("user", { id: 7 })` for templates and the like. Where the route itself is at hand,
   * the function `urlFor(route, params)` has the parameters checked by the compiler.
   * @throws UrlError if there is no such route, or a parameter is missing or none that the route would take.
   */
  urlFor(name: string, params?: LooseUrlParams, options?: UrlOptions): string {
    return urlForName(this.#router.named, name, params, options);
  }

  /**
   * Puts another application under a path: an `App`, an Express or Hono app, whatever the gateway takes. It gets every request
   * below the path that no route takes, and sees the path without the mount's. Its `start` and `stop` are called with this app's.
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

  protected override addRoute(route: AnyRoute): void {
    this.#router.add(route);
  }

  /** Starts what is mounted. The server calls it before the first request; rejected when an application can't start. */
  start(): void | Promise<void> {
    return this.#mounts.start();
  }

  /** Stops what is mounted. The server calls it after the last request. */
  stop(): void | Promise<void> {
    return this.#mounts.stop();
  }

  /**
   * Calls a function in a context of the app: `currentApp` and a new, empty `g` of `socle/globals` are there, but no request.
   * For scripts, jobs and tests. What locals (`socle/context`) hold is seen there, and what it sets is not seen outside.
   * @returns what the function returns: if that is a promise, the context lasts as long as it.
   */
  context<Result>(fn: () => Result): Result {
    return runInContext(new Context(this, undefined), fn);
  }

  /**
   * Calls a function in the context of a request that is made by hand, as `context` does. The request is given to it as well, with
   * the parameters that the route for it finds; no handler is called.
   * @param target path with query, such as `/users/7?x=1`, or an absolute URL; or that as `path`, with method, headers, body, …
   * @throws RequestError for what is neither a path nor an absolute URL
   * @throws HttpError 400 for a path that no request can have
   */
  testContext<Result>(target: string | TestContextOptions, fn: (request: Request) => Result): Result {
    const request = makeTestRequest(target, (exchange) => {
      const match = this.#match(exchange);
      return match instanceof Match ? match : null;
    });
    return runInContext(new Context(this, request), () => fn(request));
  }

  /**
   * Takes one exchange: what the server calls. The promise, if there is one, tells when the answer is complete;
   * it is never rejected.
   */
  handleExchange(exchange: Exchange): void | Promise<void> {
    if (this.#compression !== null) exchange = new CompressedExchange(exchange, this.#compression);
    try {
      if (exchange.target === "*") return this.#answerOptions(exchange, this.#allMethods());
      const match = this.#match(exchange);
      if (!(match instanceof Match)) return this.#answerElsewhere(exchange, match);
      const request = new Request<never>(exchange, match);
      if (!contextsInUse) return this.#answer(exchange, request, match.route);
      return runRequest(new Context(this, request), () => this.#answer(exchange, request, match.route));
    } catch (error) {
      answerError(exchange, error, this.#logError);
    }
  }

  #match(exchange: Exchange): Match | Mount | Miss {
    return this.#router.match(exchange.method, exchange.target, exchange.authority);
  }

  /** Has a route's handler answer. */
  #answer(exchange: Exchange, request: Request<never>, route: AnyRoute): void | Promise<void> {
    try {
      const result: unknown = route.handler(request);
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
    if (!(match instanceof Mount)) return this.#answerMiss(exchange, match);
    const answering = match.handleExchange(exchange);
    if (answering !== undefined) return this.#watch(exchange, answering);
  }

  #answerMiss(exchange: Exchange, { allow, lacksSlash }: Miss): void {
    if (lacksSlash) {
      exchange.respond(308, ["location", withSlash(exchange)], null);
      return;
    }
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

/** The target with a slash at its path's end, as the client has to name it. It begins with one slash, and so leads to no other host. */
function withSlash(exchange: Exchange): string {
  const { target } = exchange;
  const mark = target.indexOf("?");
  return `${mountPathOf(exchange)}${mark < 0 ? `${target}/` : `${target.slice(0, mark)}/${target.slice(mark)}`}`;
}

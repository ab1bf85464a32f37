/** The application: routes, and what is done with a request. */
import { contextsInUse } from "../context/context-variable.ts";
import { type Application, isThenable } from "../gateway/application.ts";
import { type PlatformFetchHandler, toFetchHandler } from "../gateway/hosted/fetch-exchange.ts";
import { mountPathOf } from "../gateway/mount-path.ts";
import { Response, textHeaders } from "../gateway/response.ts";
import { responseOf } from "../gateway/response-exchange.ts";
import { isDeparture } from "../http/errors.ts";
import type { Exchange } from "../http/exchange.ts";
import { Context, runInContext, runRequest } from "./context/context.ts";
import { makeTestRequest, type TestContextOptions } from "./context/test-context.ts";
import { type ErrorLog, errorResponse, logToConsole } from "./error-answer.ts";
import { ExchangeLayers } from "./exchange-layers.ts";
import { unlessWatched } from "./fault-watch.ts";
import type { AnyScope, Pipeline } from "./hooks.ts";
import { HttpError, statusTitle } from "./http-error.ts";
import { type BackgroundTask, Lifecycle, type LifecycleHook } from "./lifecycle.ts";
import { Mount, type MountOptions, type MountTarget } from "./mount.ts";
import { Mounts } from "./mounts.ts";
import { type Call, pipelineOf, runPipeline, runTeardown } from "./pipeline.ts";
import { Request, releaseForm } from "./request.ts";
import { CompressedExchange } from "./responses/compressed-exchange.ts";
import { type CompressionOptions, toCompression } from "./responses/compression.ts";
import { empty } from "./responses/content.ts";
import { sendOwn, sentBy } from "./responses/sender.ts";
import { sendResult } from "./result.ts";
import type { AnyRoute } from "./route.ts";
import { allowedMethods, Match, type Miss, Router, type TrailingSlash } from "./router.ts";
import { Scope } from "./scope.ts";
import { TestClient, type TestClientOptions } from "./test-client/test-client.ts";
import { unmatchedOrRefused } from "./unmatched.ts";
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
  /**
   * Checks what handlers return against the `response` schemas of their routes: a breach is a fault, answered with 500. It costs as much as
   * checking a request, so it is for development and tests. Default false.
   */
  readonly validateResponses?: boolean;
}

/** The layers around an app; undefined for what is none. Internal to the package. */
export let layersOf: (scope: object) => ExchangeLayers | undefined;

/**
 *     const app = new App();
 *     app.get("/users/<int:id>", ({ params }) => ({ id: params.id }));
 *
 * HEAD is served by GET. OPTIONS is answered with the methods there are, a method that a path has no route for with
 * 405 and the same `Allow`, and a path that there is not with 404.
 *
 * An app is a fetch handler as well: `export default app` runs on Deno and Cloudflare's workers, `export default { fetch: app.fetch }` on
 * Bun too, which takes an object with a method `stop` for a server that runs already.
 */
export class App extends Scope implements Application {
  static {
    layersOf = (scope) => (#layers in scope ? scope.#layers : undefined);
  }
  /**
   * Answers a platform's `Request` with its `Response`: what Bun, Deno and Cloudflare's workers call. It is bound to the
   * app, so it can be handed on alone. The further arguments are the runtime's. Never rejected.
   */
  readonly fetch: PlatformFetchHandler = toFetchHandler(this);
  readonly #router: Router;
  readonly #mounts: Mounts = new Mounts();
  readonly #logError: ErrorLog;
  readonly #layers: ExchangeLayers = new ExchangeLayers();
  readonly #lifecycle: Lifecycle;
  readonly #validateResponses: boolean;
  /** For requests that no route takes: null where there are no hooks, undefined until it is found out. */
  #pipeline: Pipeline | null | undefined;
  readonly prefix = "";
  readonly parent: undefined;

  constructor(options: AppOptions = {}) {
    super();
    this.#router = new Router(options.trailingSlash);
    this.#logError = unlessWatched(options.logError ?? logToConsole);
    this.#validateResponses = options.validateResponses ?? false;
    if (options.compression !== undefined) {
      const compression = toCompression(options.compression);
      this.#layers.add("compression", (exchange) => new CompressedExchange(exchange, compression));
    }
    this.#lifecycle = new Lifecycle((error) => this.#logError(error, undefined));
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

  /** Has a function called before the first request. What fails here fails the start. In the order in which they were added. */
  onStart(hook: LifecycleHook): void {
    this.#lifecycle.addStart(hook);
  }

  /**
   * Has a function called when a stop is to come, as soon as that is known: streams of events and WebSockets may say goodbye.
   * Requests still come meanwhile.
   */
  onDrain(hook: LifecycleHook): void {
    this.#lifecycle.addDrain(hook);
  }

  /** Has a function called after the last request, when the background tasks are done. The last that was added comes first. */
  onStop(hook: LifecycleHook): void {
    this.#lifecycle.addStop(hook);
  }

  /**
   * Does something that no answer waits for: a mail to be sent, a cache to be filled. The app is not stopped before it is done, as
   * long as the server's time for that lasts. What fails is told to `logError`.
   * @param task a promise, or a function that is called at once with a signal, which is aborted when the app is to stop
   */
  background(task: BackgroundTask): void {
    this.#lifecycle.run(task);
  }

  /** What the server calls before the first request: the `onStart` hooks, then the start of what is mounted. */
  async start(): Promise<void> {
    await this.#lifecycle.start();
    await this.#mounts.start();
  }

  /** What the server calls when a stop is to come: the `onDrain` hooks, and what is mounted. */
  async drain(): Promise<void> {
    await Promise.all([this.#lifecycle.drain(), this.#mounts.drain()]);
  }

  /** What the server calls after the last request: the background tasks are waited for, then what is mounted stops, then come the `onStop` hooks. */
  async stop(): Promise<void> {
    await this.#lifecycle.finishTasks();
    try {
      await this.#mounts.stop();
    } finally {
      await this.#lifecycle.stop();
    }
  }

  protected override addRoute(route: AnyRoute): void {
    route.scope = this;
    this.#take(route);
  }

  /** @internal */
  override receive(route: AnyRoute, prefix: string, name: string | undefined): void {
    if (prefix !== "" || name !== route.name) route.place(prefix, name);
    this.#take(route);
  }

  #take(route: AnyRoute): void {
    if (this.#validateResponses) route.validation?.checkResponses();
    this.#router.add(route);
  }

  /** @internal */
  override changed(): void {
    this.#pipeline = undefined;
    for (const route of this.#router.routes) route.pipeline = undefined;
  }

  /** @internal */
  override placeIn(): never {
    throw new TypeError("an App is put under a path of another one: app.mount(path, other)");
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
   * A client that sends requests through the whole app, without a socket:
   *
   *     await using client = app.testClient();
   *     const answer = await client.get("/users/7");
   */
  testClient(options?: TestClientOptions): TestClient {
    return new TestClient(this, options);
  }

  /**
   * Takes one exchange: what the server calls. The promise, if there is one, tells when the answer is complete;
   * it is never rejected.
   */
  handleExchange(exchange: Exchange): void | Promise<void> {
    const { wrap } = this.#layers;
    if (wrap !== null) exchange = wrap(exchange);
    try {
      if (exchange.target === "*")
        return exchange.respond(204, ["allow", this.#allMethods().join(", ")], null);
      const match = this.#match(exchange);
      if (!(match instanceof Match)) return this.#answerElsewhere(exchange, match);
      const request = new Request<never>(exchange, match);
      if (!contextsInUse) return this.#answer(exchange, request, match.route);
      return runRequest(new Context(this, request), () => this.#answer(exchange, request, match.route));
    } catch (error) {
      return this.#fail(exchange, undefined, this, error);
    }
  }

  #match(exchange: Exchange): Match | Mount | Miss {
    return this.#router.match(exchange.method, exchange.target, exchange.authority);
  }

  /** Has a route's handler answer. */
  #answer(exchange: Exchange, request: Request<never>, route: AnyRoute): void | Promise<void> {
    const { pipeline = this.#pipelineOf(route) } = route;
    if (pipeline !== null) {
      return this.#answerThrough(pipeline, exchange, request, route.scope as AnyScope, route, () =>
        route.handler(request),
      );
    }
    try {
      const result: unknown = route.handler(request);
      if (isThenable(result)) return this.#sendLater(exchange, request, route, result);
      const sending = sendResult(exchange, result, route);
      if (sending !== undefined) return this.#watch(exchange, request, route.scope as AnyScope, sending);
    } catch (error) {
      return this.#fail(exchange, request, route.scope as AnyScope, error);
    }
  }

  async #sendLater(
    exchange: Exchange,
    request: Request<never>,
    route: AnyRoute,
    promise: PromiseLike<unknown>,
  ): Promise<void> {
    try {
      const sending = sendResult(exchange, await promise, route);
      if (sending !== undefined) await sending;
    } catch (error) {
      await this.#fail(exchange, request, route.scope as AnyScope, error);
    }
    const releasing = this.#release(exchange, request);
    if (releasing !== undefined) await releasing;
  }

  async #watch(
    exchange: Exchange,
    request: Request<never> | undefined,
    scope: AnyScope,
    sending: Promise<void>,
  ): Promise<void> {
    try {
      await sending;
    } catch (error) {
      await this.#fail(exchange, request, scope, error);
    }
    const releasing = request === undefined ? undefined : this.#release(exchange, request);
    if (releasing !== undefined) await releasing;
  }

  /** Lets go of what reading the request has taken, such as the files of a form. Mostly that is nothing. */
  #release(exchange: Exchange, request: Request<never>): Promise<void> | undefined {
    return releaseForm(request)?.catch((error: unknown) => this.#logError(error, exchange));
  }

  #pipelineOf(route: AnyRoute): Pipeline | null {
    return (route.pipeline = pipelineOf(route.scope as AnyScope, route.before));
  }

  /** Has the hooks and what is within them answer. */
  async #answerThrough(
    pipeline: Pipeline,
    exchange: Exchange,
    request: Request<never>,
    scope: AnyScope,
    source: { toString(): string },
    answer: () => unknown,
  ): Promise<void> {
    let fault: unknown;
    const log = (error: unknown): void => {
      fault ??= error;
      this.#logError(error, exchange);
    };
    const call: Call = {
      request,
      source,
      answer,
      answerError: (error, scope) => errorResponse(error, scope, () => request, exchange, log),
    };
    try {
      let result = runPipeline(pipeline, call);
      if (isThenable(result)) result = await result;
      const sending = sendResult(exchange, result, source);
      if (sending !== undefined) await sending;
    } catch (error) {
      await this.#fail(exchange, request, scope, error, log);
    }
    if (pipeline.teardown.length > 0) await runTeardown(pipeline.teardown, request, fault, log);
    const releasing = this.#release(exchange, request);
    if (releasing !== undefined) await releasing;
  }

  /** For what no route takes. */
  #answerElsewhere(exchange: Exchange, match: Mount | Miss): void | Promise<void> {
    let pipeline = this.#pipeline;
    if (pipeline === undefined) pipeline = this.#pipeline = pipelineOf(this);
    if (pipeline === null) {
      if (match instanceof Mount) {
        const answering = match.handleExchange(exchange);
        return answering === undefined ? undefined : this.#watch(exchange, undefined, this, answering);
      }
      // Nobody is shown the request but a handler of errors, for which `#fail` makes it.
      if (!contextsInUse) return this.#answerMiss(exchange, undefined, match);
    }
    const request = this.#requestOf(exchange);
    const answer = (): void | Promise<void> => {
      if (pipeline === null) return this.#answerMiss(exchange, request, match as Miss);
      const source = match instanceof Mount ? match : `${exchange.method} ${request.path}`;
      return this.#answerThrough(pipeline, exchange, request, this, source, () =>
        answerElsewhere(exchange, match),
      );
    };
    return contextsInUse ? runRequest(new Context(this, request), answer) : answer();
  }

  #answerMiss(exchange: Exchange, request: Request<never> | undefined, miss: Miss): void | Promise<void> {
    try {
      const sending = sendOwn(exchange, answerToMiss(exchange, miss));
      if (sending !== undefined) return this.#watch(exchange, request, this, sending);
    } catch (error) {
      return this.#fail(exchange, request, this, error);
    }
  }

  /** A request that no route takes. */
  #requestOf(exchange: Exchange): Request<never> {
    return new Request<never>(exchange, unmatchedOrRefused(exchange.target));
  }

  /** Answers for an error, or cuts the answer that was begun. */
  #fail(
    exchange: Exchange,
    request: Request<never> | undefined,
    scope: AnyScope,
    error: unknown,
    log: (error: unknown) => void = (error) => this.#logError(error, exchange),
  ): void | Promise<void> {
    if (exchange.closed) {
      // The client has gone: what fails by that is nobody's fault.
      if (!isDeparture(error)) log(error);
      return;
    }
    if (exchange.started) {
      exchange.abort();
      log(error);
      return;
    }
    const requestFor = (): Request => request ?? this.#requestOf(exchange);
    const response = errorResponse(error, scope, requestFor, exchange, log);
    return this.#sendError(exchange, response, log);
  }

  async #sendError(
    exchange: Exchange,
    answer: Response | Promise<Response>,
    log: (error: unknown) => void,
  ): Promise<void> {
    try {
      const response = isThenable(answer) ? await answer : (answer as Response);
      const sending = sendOwn(exchange, response);
      if (sending !== undefined) await sending;
    } catch (error) {
      if (exchange.started) exchange.abort();
      else exchange.respond(500, textHeaders, statusTitle(500));
      log(error);
    }
  }

  /** What `OPTIONS *` asks for: the methods that there are at all. */
  #allMethods(): readonly string[] {
    return allowedMethods(this.routes.map((route) => route.methods));
  }
}

/** The answer for a request that no route takes: that of the mount which takes it, or what there is to say. */
function answerElsewhere(exchange: Exchange, match: Mount | Miss): Response | Promise<Response> {
  if (!(match instanceof Mount)) return answerToMiss(exchange, match);
  return responseOf(match, exchange).then((response) => response ?? sentBy(empty(), () => undefined));
}

/** @throws HttpError 404 or 405 */
function answerToMiss(exchange: Exchange, { allow, lacksSlash }: Miss): Response {
  if (lacksSlash) return new Response(null, { status: 308, headers: { location: withSlash(exchange) } });
  if (allow.length === 0) throw new HttpError(404);
  const headers = { allow: allow.join(", ") };
  if (exchange.method !== "OPTIONS") throw new HttpError(405, undefined, { headers });
  return empty(204, { headers });
}

/** The target with a slash at its path's end, as the client has to name it. It begins with one slash, and so leads to no other host. */
function withSlash(exchange: Exchange): string {
  const { target } = exchange;
  const mark = target.indexOf("?");
  return `${mountPathOf(exchange)}${mark < 0 ? `${target}/` : `${target.slice(0, mark)}/${target.slice(mark)}`}`;
}

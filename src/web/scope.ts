/**
 * A part of an application with routes, hooks and error handlers of its own: the app as a whole, and its blueprints, one in
 * another. What an outer one has is around what the inner ones have.
 */
import { type ErrorClass, type ErrorHandler, ErrorTable } from "./error-table.ts";
import type { AfterHook, AnyScope, BeforeHook, Hooks, Middleware, TeardownHook } from "./hooks.ts";
import type { AnyRoute } from "./route.ts";
import { RouteMethods } from "./route-methods.ts";

/** What scopes tell each other. Internal to the package. */
export interface ScopeInside extends AnyScope {
  /** Takes a route of a blueprint in this scope. @param prefix what its path lacks yet @param name its name so far */
  receive(route: AnyRoute, prefix: string, name: string | undefined): void;
  /** A hook was added here or further in. */
  changed(): void;
}

/**
 * Adds to an app or blueprint what it likes: routes, hooks, error handlers, other plugins. Settings are arguments of the function
 * that makes it: `app.register(cors({ origin: "https://example.com" }))`.
 */
export type Plugin<Result = void> = (scope: Scope) => Result;

/** A scope's hooks. Internal to the package. */
export let hooksOf: (scope: AnyScope) => Hooks;

export abstract class Scope<Prefix extends string = ""> extends RouteMethods<Prefix> {
  readonly #hooks: Hooks = { before: [], after: [], teardown: [], middleware: [], errors: new ErrorTable() };

  static {
    hooksOf = (scope) => (scope as Scope).#hooks;
  }

  /**
   * Has a function called before the handlers. What it returns is the answer, if it returns anything. The hooks of outer scopes come
   * first, then in the order in which they were added. Those of an app are called for each request that comes, those of a blueprint for
   * the requests of its routes.
   */
  before(hook: BeforeHook): void {
    this.#add("before", this.#hooks.before, hook);
  }

  /**
   * Has a function called with each answer before it is sent, an error's included. The hooks of inner scopes come first, and those that
   * were added last.
   */
  after(hook: AfterHook): void {
    this.#add("after", this.#hooks.after, hook);
  }

  /** Has a function called when a request is over, however it ended. In the order of `after`. What it throws is logged. */
  teardown(hook: TeardownHook): void {
    this.#add("teardown", this.#hooks.teardown, hook);
  }

  /** Puts a function around all hooks and handlers of this scope. What was added first is outermost. */
  use(middleware: Middleware): void {
    this.#add("middleware", this.#hooks.middleware, middleware);
  }

  /**
   * Has a function answer for errors of a status, or of a class and those below it. A blueprint's come before those of what it is in;
   * in each of them the closest fit is taken: the status, then the class, then the classes above it. For what has no status,
   * everything but an `HttpError`, the status is 500 and comes last.
   * @throws TypeError if there is a handler for it already, and for what is neither a status nor a class.
   * @throws RangeError for a status that is no error's.
   */
  onError<Thrown>(what: ErrorClass<Thrown>, handler: ErrorHandler<Thrown>): void;
  onError(status: number, handler: ErrorHandler): void;
  onError(what: number | ErrorClass<unknown>, handler: ErrorHandler<never>): void {
    this.#hooks.errors.add(what, handler as ErrorHandler);
  }

  /**
   * Calls a plugin with this scope, or puts a blueprint into it.
   * @returns what the plugin returns
   * @throws TypeError if the blueprint is somewhere already, and for what is neither; and as adding the blueprint's routes does
   */
  register<Result>(plugin: Plugin<Result>): Result;
  register(blueprint: AnyScope): void;
  register(part: Plugin<unknown> | AnyScope): unknown {
    if (typeof part === "function") return part(this as unknown as Scope);
    if (part instanceof Scope) return part.placeIn(this);
    throw new TypeError("register() takes a Blueprint, or a plugin, which is a function of the app");
  }

  abstract readonly parent: AnyScope | undefined;
  /** @internal */
  abstract placeIn(parent: ScopeInside): void;
  /** @internal */
  abstract receive(route: AnyRoute, prefix: string, name: string | undefined): void;
  /** @internal */
  abstract changed(): void;

  #add<Hook>(what: string, hooks: Hook[], hook: Hook): void {
    if (typeof hook !== "function") throw new TypeError(`${what}() takes a function, not ${typeof hook}`);
    hooks.push(hook);
    this.changed();
  }
}

/** What one adds routes with: `get`, `post` and so on, which are all made of `route`. */
import { consistsOf, TOKEN } from "../http/chars.ts";
import { parseHost } from "./host.ts";
import { type ParamValues, parsePath, type RouteParams } from "./path.ts";
import type { HandlerResult } from "./result.ts";
import { ALL, type Handler, Route } from "./route.ts";

export interface RouteOptions<Host extends string | undefined = undefined> {
  /** By which `app.urlFor` finds the route. No two routes have the same. */
  readonly name?: string;
  /**
   * The host that a request must be for, without a port: `api.example.com`, or `<string:tenant>.example.com`, whose parameters are
   * in `params` with the path's. For another host it is as if the route weren't there. Default: every host.
   */
  readonly host?: Host;
}

export interface AnyMethodOptions<Method extends string, Host extends string | undefined = undefined>
  extends RouteOptions<Host> {
  /** Methods that the handler takes, or `ALL` alone for every method. Default: GET, and with it HEAD. */
  readonly methods?: readonly Method[];
}

/** Adds a route for one method. Throws as `route`. */
export interface AddRoute<Method extends string> {
  <Path extends string, Result extends HandlerResult>(
    path: Path,
    handler: Handler<RouteParams<Path, undefined>, Result>,
  ): Route<Path, Method, Result>;
  <Path extends string, Result extends HandlerResult, Host extends string | undefined = undefined>(
    path: Path,
    options: RouteOptions<Host>,
    handler: Handler<RouteParams<Path, Host>, Result>,
  ): Route<Path, Method, Result, Host>;
}

export abstract class RouteMethods {
  /** Adds a route for GET, and with it for HEAD. Throws as `route`. */
  readonly get: AddRoute<"GET"> = this.#adderFor("GET");
  /** Adds a route for POST. Throws as `route`. */
  readonly post: AddRoute<"POST"> = this.#adderFor("POST");
  /** Adds a route for PUT. Throws as `route`. */
  readonly put: AddRoute<"PUT"> = this.#adderFor("PUT");
  /** Adds a route for PATCH. Throws as `route`. */
  readonly patch: AddRoute<"PATCH"> = this.#adderFor("PATCH");
  /** Adds a route for DELETE. Throws as `route`. */
  readonly delete: AddRoute<"DELETE"> = this.#adderFor("DELETE");
  /** Adds a route for every method, those included that nobody has heard of. A route for a method itself comes first. Throws as `route`. */
  readonly all: AddRoute<typeof ALL> = this.#adderFor(ALL);

  /**
   * Adds a route.
   * @throws PathError for a path or a host that is no pattern (path.ts and host.ts have the rules).
   * @throws RouteConflictError if there is a route already that takes some of the same requests, and nothing says which of them is
   *   to be preferred; or one of the same name.
   * @throws TypeError for a method that is none, and without a handler.
   */
  route<
    Path extends string,
    Result extends HandlerResult,
    Method extends string = "GET",
    Host extends string | undefined = undefined,
  >(
    path: Path,
    options: AnyMethodOptions<Method, Host>,
    handler: Handler<RouteParams<Path, Host>, Result>,
  ): Route<Path, Method, Result, Host> {
    const methods = options.methods ?? (["GET"] as string[] as Method[]);
    checkMethods(methods, path);
    if (typeof handler !== "function") {
      throw new TypeError(`the route ${JSON.stringify(path)} has no handler function`);
    }
    const route = new Route<Path, Method, Result, Host>({
      path,
      methods,
      handler,
      pattern: parsePath(path),
      host: options.host === undefined ? undefined : parseHost(options.host),
      name: options.name,
    });
    this.addRoute(route);
    return route;
  }

  /** Takes a route that was made. */
  protected abstract addRoute(route: Route<string, string, HandlerResult, string | undefined>): void;

  #adderFor<Method extends string>(method: Method): AddRoute<Method> {
    return (path: string, ...rest: unknown[]) => {
      const [options, handler] = rest.length === 1 ? [{}, rest[0]] : rest;
      return this.route(
        path,
        { ...(options as RouteOptions), methods: [method] },
        handler as Handler<ParamValues, HandlerResult>,
      ) as never;
    };
  }
}

function checkMethods(methods: readonly string[], path: string): void {
  if (methods.length === 0) throw new TypeError(`the route ${JSON.stringify(path)} has no methods`);
  for (const method of methods) {
    if (!consistsOf(method, TOKEN)) throw new TypeError(`${JSON.stringify(method)} is no HTTP method`);
    if (method !== method.toUpperCase()) {
      throw new TypeError(`methods are case-sensitive: write ${method.toUpperCase()}, not ${method}`);
    }
  }
  if (methods.length > 1 && methods.includes(ALL)) {
    throw new TypeError(
      `the methods of ${JSON.stringify(path)} are ${methods.join(", ")}: ${ALL} stands alone`,
    );
  }
}

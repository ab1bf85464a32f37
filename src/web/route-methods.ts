/** What one adds routes with: `get`, `post` and so on, which are all made of `route`. */
import { consistsOf, TOKEN } from "../http/chars.ts";
import type { BeforeHook } from "./hooks.ts";
import { parseHost } from "./host.ts";
import type { RouteDocs } from "./openapi/route-docs.ts";
import { type ParamValues, parsePath, type RouteParams } from "./path.ts";
import type { HandlerResult } from "./result.ts";
import { ALL, type AnyRoute, type Handler, Route } from "./route.ts";
import { schemasIn } from "./validation/route-schemas.ts";
import type { ResultOf, RouteSchemas, Schema, Valid } from "./validation/schemas.ts";
import { Validation } from "./validation/validation.ts";

/**
 * The types of `body` and so on are those of the schemas, or undefined. What the schemas make of the request stands in `request.valid`; a
 * request that they don't take is answered with 422 and a problem (RFC 9457) that names every field.
 */
export interface RouteOptions<
  Host extends string | undefined = undefined,
  Body extends Schema | undefined = Schema | undefined,
  Form extends Schema | undefined = Schema | undefined,
  Query extends Schema | undefined = Schema | undefined,
  Params extends Schema | undefined = Schema | undefined,
  Headers extends Schema | undefined = Schema | undefined,
  Answer extends Schema | undefined = Schema | undefined,
> extends RouteDocs {
  /** By which `app.urlFor` finds the route. No two routes have the same. */
  readonly name?: string;
  /**
   * The host that a request must be for, without a port: `api.example.com`, or `<string:tenant>.example.com`, whose parameters are
   * in `params` with the path's. For another host it is as if the route weren't there. Default: every host.
   */
  readonly host?: Host;
  /** Called before the handler, after what the app and the blueprints have to be called before it, as `before` says there. */
  readonly before?: BeforeHook | readonly BeforeHook[];
  /** For the body, as JSON. Another media type is answered with 415, and what is no JSON with 400. */
  readonly body?: Body;
  /** For the fields of a form: an object of texts, and of arrays of texts where a name comes more than once. In the place of `body`. */
  readonly form?: Form;
  /** For the query, as an object like that of a form. */
  readonly query?: Query;
  /** For the parameters of the path and the host, as the converters have read them. */
  readonly params?: Params;
  /** For the header fields: an object of texts by lower-case name. */
  readonly headers?: Headers;
  /**
   * For what the handler returns. The compiler checks it, and documentation and typed clients tell of it. When the app runs it is
   * checked with `new App({ validateResponses: true })` only, and never changed.
   */
  readonly response?: Answer;
}

export interface AnyMethodOptions<
  Method extends string,
  Host extends string | undefined = undefined,
  Body extends Schema | undefined = Schema | undefined,
  Form extends Schema | undefined = Schema | undefined,
  Query extends Schema | undefined = Schema | undefined,
  Params extends Schema | undefined = Schema | undefined,
  Headers extends Schema | undefined = Schema | undefined,
  Answer extends Schema | undefined = Schema | undefined,
> extends RouteOptions<Host, Body, Form, Query, Params, Headers, Answer> {
  /** Methods that the handler takes, or `ALL` alone for every method. Default: GET, and with it HEAD. */
  readonly methods?: readonly Method[];
}

/** Adds a route for one method. Throws as `route`. */
export interface AddRoute<Method extends string, Prefix extends string = ""> {
  <Path extends string, Result extends HandlerResult>(
    path: Path,
    handler: Handler<RouteParams<`${Prefix}${Path}`, undefined>, Result>,
  ): Route<`${Prefix}${Path}`, Method, Result>;
  <
    Path extends string,
    Result extends ResultOf<Answer>,
    Host extends string | undefined = undefined,
    Body extends Schema | undefined = undefined,
    Form extends Schema | undefined = undefined,
    Query extends Schema | undefined = undefined,
    Params extends Schema | undefined = undefined,
    Headers extends Schema | undefined = undefined,
    Answer extends Schema | undefined = undefined,
  >(
    path: Path,
    options: RouteOptions<Host, Body, Form, Query, Params, Headers, Answer>,
    handler: Handler<
      RouteParams<`${Prefix}${Path}`, Host>,
      Result,
      Valid<RouteSchemas<Body, Form, Query, Params, Headers, Answer>>
    >,
  ): Route<
    `${Prefix}${Path}`,
    Method,
    Result,
    Host,
    RouteSchemas<Body, Form, Query, Params, Headers, Answer>
  >;
}

/** `Prefix` is what stands before every path that is given. */
export abstract class RouteMethods<Prefix extends string = ""> {
  /** Adds a route for GET, and with it for HEAD. Throws as `route`. */
  readonly get: AddRoute<"GET", Prefix> = this.#adderFor("GET");
  /** Adds a route for POST. Throws as `route`. */
  readonly post: AddRoute<"POST", Prefix> = this.#adderFor("POST");
  /** Adds a route for PUT. Throws as `route`. */
  readonly put: AddRoute<"PUT", Prefix> = this.#adderFor("PUT");
  /** Adds a route for PATCH. Throws as `route`. */
  readonly patch: AddRoute<"PATCH", Prefix> = this.#adderFor("PATCH");
  /** Adds a route for DELETE. Throws as `route`. */
  readonly delete: AddRoute<"DELETE", Prefix> = this.#adderFor("DELETE");
  /** Adds a route for every method, those included that nobody has heard of. A route for a method itself comes first. Throws as `route`. */
  readonly all: AddRoute<typeof ALL, Prefix> = this.#adderFor(ALL);

  /**
   * Adds a route.
   * @throws PathError for a path or a host that is no pattern (path.ts and host.ts have the rules).
   * @throws RouteConflictError if there is a route already that takes some of the same requests, and nothing says which of them is
   *   to be preferred; or one of the same name.
   * @throws TypeError for a method that is none, without a handler, for what is no schema, and for a body's schema where requests have none.
   */
  route<
    Path extends string,
    Result extends ResultOf<Answer>,
    Method extends string = "GET",
    Host extends string | undefined = undefined,
    Body extends Schema | undefined = undefined,
    Form extends Schema | undefined = undefined,
    Query extends Schema | undefined = undefined,
    Params extends Schema | undefined = undefined,
    Headers extends Schema | undefined = undefined,
    Answer extends Schema | undefined = undefined,
  >(
    path: Path,
    options: AnyMethodOptions<Method, Host, Body, Form, Query, Params, Headers, Answer>,
    handler: Handler<
      RouteParams<`${Prefix}${Path}`, Host>,
      Result,
      Valid<RouteSchemas<Body, Form, Query, Params, Headers, Answer>>
    >,
  ): Route<
    `${Prefix}${Path}`,
    Method,
    Result,
    Host,
    RouteSchemas<Body, Form, Query, Params, Headers, Answer>
  > {
    const methods = options.methods ?? (["GET"] as string[] as Method[]);
    checkMethods(methods, path);
    if (typeof handler !== "function") {
      throw new TypeError(`the route ${JSON.stringify(path)} has no handler function`);
    }
    const whole = `${this.prefix}${path}` as const;
    const schemas = schemasIn(options, methods, whole);
    // By the time that it is called, the request has what its type says.
    const unchecked = handler as unknown as Handler<never, Result>;
    const validation = schemas === undefined ? undefined : new Validation(schemas);
    const route = new Route<
      `${Prefix}${Path}`,
      Method,
      Result,
      Host,
      RouteSchemas<Body, Form, Query, Params, Headers, Answer>
    >({
      path: whole,
      methods,
      handler: validation?.around(unchecked) ?? unchecked,
      pattern: parsePath(whole),
      host: options.host === undefined ? undefined : parseHost(options.host),
      name: options.name,
      before: options.before === undefined ? [] : [options.before].flat(),
      ...(schemas === undefined ? {} : { schemas }),
      validation,
      docs: options,
    });
    this.addRoute(route);
    return route;
  }

  /** Stands before the path of every route. */
  abstract readonly prefix: Prefix;

  /** Takes a route that was made. */
  protected abstract addRoute(route: AnyRoute): void;

  #adderFor<Method extends string>(method: Method): AddRoute<Method, Prefix> {
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

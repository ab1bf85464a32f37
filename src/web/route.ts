/** A route: which requests a handler takes. The value carries the types, the app's own type knows nothing of routes. */
import type { HostPattern } from "./host.ts";
import { namesOf, type PathPattern, type RouteParams } from "./path.ts";
import type { Request } from "./request.ts";
import type { HandlerResult } from "./result.ts";

/** Takes a request and returns the answer, or a promise of it. */
export type Handler<Params, Result extends HandlerResult> = (
  request: Request<Params>,
) => Result | Promise<Result>;

/** The method of a route that takes every method, those included that nobody has heard of. */
export const ALL = "ALL";

/** A route of whatever path, methods, result and host. */
export type AnyRoute = Route<string, string, HandlerResult, string | undefined>;

export interface RouteParts<Path, Method, Result extends HandlerResult> {
  readonly path: Path;
  readonly methods: readonly Method[];
  readonly handler: Handler<never, Result>;
  readonly pattern: PathPattern;
  readonly host?: HostPattern | undefined;
  readonly name?: string | undefined;
}

/**
 * What `app.get(…)` and its like return: `const show = app.get("/users/<int:id>", …)`. `Path`, `Method` and `Host` are the
 * texts themselves, and `Result` is what the handler returns, so other types can be made of them.
 */
export class Route<
  Path extends string = string,
  Method extends string = string,
  Result extends HandlerResult = HandlerResult,
  Host extends string | undefined = undefined,
> {
  /** As it was given. */
  readonly path: Path;
  /** The methods that the handler was given for; `ALL` alone for any. HEAD is served by GET besides. */
  readonly methods: readonly Method[];
  /** As it was given; undefined for every host. */
  readonly host: Host;
  /** By which `app.urlFor` finds it. */
  readonly name: string | undefined;
  /** `Request<never>` stands for the request with this route's parameters. */
  readonly handler: Handler<never, Result>;
  /** The path, taken apart. */
  readonly pattern: PathPattern;
  /** The host, taken apart. */
  readonly hostPattern: HostPattern | undefined;
  /** Names of the parameters: the host's, then the path's. */
  readonly paramNames: readonly string[];

  /** @throws PathError if host and path have a parameter of the same name */
  constructor(parts: RouteParts<Path, Method, Result>) {
    const { path, methods, handler, pattern, host, name } = parts;
    this.path = path;
    this.methods = methods;
    this.host = host?.host as Host;
    this.name = name;
    this.handler = handler;
    this.pattern = pattern;
    this.hostPattern = host;
    this.paramNames =
      host === undefined
        ? pattern.names
        : namesOf([...host.segments, ...pattern.segments], `the route ${this}`);
  }

  /** `GET /users/<int:id>`, `GET api.example.com/users` */
  toString(): string {
    return `${this.methods.join("|")} ${this.host ?? ""}${this.path}`;
  }
}

/** The parameters of a route. */
export type ParamsOf<R extends AnyRoute> =
  R extends Route<infer Path, string, HandlerResult, infer Host> ? RouteParams<Path, Host> : never;

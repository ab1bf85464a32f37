/** A route: which requests a handler takes. The value carries the types, the app's own type knows nothing of routes. */
import type { AnyScope, BeforeHook, Pipeline } from "./hooks.ts";
import type { HostPattern } from "./host.ts";
import type { RouteDocs } from "./openapi/route-docs.ts";
import { namesOf, type PathPattern, parsePath, type RouteParams } from "./path.ts";
import type { Request } from "./request.ts";
import type { HandlerResult } from "./result.ts";
import type { NoSchemas, RouteSchemas, RouteWithoutSchema } from "./validation/schemas.ts";
import type { Validation } from "./validation/validation.ts";

/** Takes a request and returns the answer, or a promise of it. `Checked` is what the route's schemas give. */
export type Handler<Params, Result extends HandlerResult, Checked = RouteWithoutSchema> = (
  request: Request<Params, Checked>,
) => Result | Promise<Result>;

/** The method of a route that takes every method, those included that nobody has heard of. */
export const ALL = "ALL";

/** A route of whatever path, methods, result, host and schemas. */
export type AnyRoute = Route<string, string, HandlerResult, string | undefined, RouteSchemas>;

export interface RouteParts<
  Path,
  Method,
  Result extends HandlerResult,
  Schemas extends RouteSchemas = NoSchemas,
> {
  readonly path: Path;
  readonly methods: readonly Method[];
  readonly handler: Handler<never, Result>;
  readonly pattern: PathPattern;
  readonly host?: HostPattern | undefined;
  readonly name?: string | undefined;
  readonly before?: readonly BeforeHook[];
  readonly schemas?: Schemas;
  readonly validation?: Validation | undefined;
  readonly docs?: RouteDocs;
}

const noSchemas: NoSchemas = Object.freeze({
  body: undefined,
  form: undefined,
  query: undefined,
  params: undefined,
  headers: undefined,
  response: undefined,
});

const noDocs: RouteDocs = Object.freeze({});

/**
 * What `app.get(…)` and its like return: `const show = app.get("/users/<int:id>", …)`. `Path`, `Method` and `Host` are the
 * texts themselves, `Result` is what the handler returns, and `Schemas` has its schemas, so other types can be made of them.
 */
export class Route<
  Path extends string = string,
  Method extends string = string,
  Result extends HandlerResult = HandlerResult,
  Host extends string | undefined = undefined,
  Schemas extends RouteSchemas = NoSchemas,
> {
  /** As it was given, behind the prefixes of its blueprints. */
  readonly path: Path;
  /** The methods that the handler was given for; `ALL` alone for any. HEAD is served by GET besides. */
  readonly methods: readonly Method[];
  /** As it was given; undefined for every host. */
  readonly host: Host;
  /** By which `app.urlFor` finds it: behind those of its blueprints, and a dot. */
  readonly name: string | undefined;
  /** `Request<never>` stands for the request with this route's parameters. */
  readonly handler: Handler<never, Result>;
  /** The path, taken apart. */
  readonly pattern: PathPattern;
  /** The host, taken apart. */
  readonly hostPattern: HostPattern | undefined;
  /** Names of the parameters: the host's, then the path's. */
  readonly paramNames: readonly string[];
  /** What is called before the handler, for this route alone. */
  readonly before: readonly BeforeHook[];
  /** What the request is checked by, and what the answer is. */
  readonly schemas: Schemas;
  /** What is said about it in the documentation of the API. */
  readonly docs: RouteDocs;
  /** Checks requests before the handler does anything; undefined without schemas. @internal */
  readonly validation: Validation | undefined;
  /** The app or blueprint that it was added to. @internal */
  scope: AnyScope | undefined;
  /** The hooks around the handler: null where there are none, undefined until it is found out. @internal */
  pipeline: Pipeline | null | undefined;

  /** @throws PathError if host and path have a parameter of the same name */
  constructor(parts: RouteParts<Path, Method, Result, Schemas>) {
    const { path, methods, handler, pattern, host, name, before } = parts;
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
    this.before = before ?? [];
    this.schemas = parts.schemas ?? (noSchemas as RouteSchemas as Schemas);
    this.docs = parts.docs ?? noDocs;
    this.validation = parts.validation;
    this.scope = undefined;
    this.pipeline = undefined;
  }

  /**
   * The same route below a prefix. It is this very value that is placed: others hold it already.
   * @throws PathError as the constructor
   * @internal
   */
  place(prefix: string, name: string | undefined): void {
    const path = `${prefix}${this.path}` as Path;
    const { methods, handler, hostPattern } = this;
    const { pattern, paramNames } = new Route({
      path,
      methods,
      handler,
      pattern: parsePath(path),
      host: hostPattern,
    });
    Object.assign(this, { path, name, pattern, paramNames });
  }

  /** `GET /users/<int:id>`, `GET api.example.com/users` */
  toString(): string {
    return `${this.methods.join("|")} ${this.host ?? ""}${this.path}`;
  }
}

/** The parameters of a route. */
export type ParamsOf<R extends AnyRoute> =
  R extends Route<infer Path, string, HandlerResult, infer Host, RouteSchemas>
    ? RouteParams<Path, Host>
    : never;

/** A route: which requests a handler takes. The value carries the types, the app's own type knows nothing of routes. */
import type { PathParams, PathPattern } from "./path.ts";
import type { Request } from "./request.ts";
import type { HandlerResult } from "./result.ts";

/** Takes a request and returns the answer, or a promise of it. */
export type Handler<Params, Result extends HandlerResult> = (
  request: Request<Params>,
) => Result | Promise<Result>;

/** A route of whatever path, methods and result. */
export type AnyRoute = Route<string, string, HandlerResult>;

/**
 * What `app.get(…)` and its like return: `const show = app.get("/users/<int:id>", …)`. `Path` and `Method` are the
 * texts themselves, and `Result` is what the handler returns, so other types can be made of them.
 */
export class Route<
  Path extends string = string,
  Method extends string = string,
  Result extends HandlerResult = HandlerResult,
> {
  /** As it was given. */
  readonly path: Path;
  /** The methods that the handler was given for. HEAD is served by GET besides. */
  readonly methods: readonly Method[];
  /** `Request<never>` stands for the request with this route's parameters. */
  readonly handler: Handler<never, Result>;
  /** The path, taken apart. */
  readonly pattern: PathPattern;

  constructor(path: Path, methods: readonly Method[], handler: Handler<never, Result>, pattern: PathPattern) {
    this.path = path;
    this.methods = methods;
    this.handler = handler;
    this.pattern = pattern;
  }

  /** `GET /users/<int:id>` */
  toString(): string {
    return `${this.methods.join("|")} ${this.path}`;
  }
}

/** The parameters of a route. */
export type ParamsOf<R extends AnyRoute> =
  R extends Route<infer Path, string, HandlerResult> ? PathParams<Path> : never;

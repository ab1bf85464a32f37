/** The other way round: the URL of a route, from its parameters. */
import { mountPathOf } from "../gateway/mount-path.ts";
import { exchangeOf } from "../gateway/request.ts";
import { nearMatch } from "../net/loader/near-match.ts";
import type { PathParameter, PathSegment } from "./path.ts";
import type { Request } from "./request.ts";
import type { AnyRoute, ParamsOf } from "./route.ts";
import { encodeSegment, type QueryValue, type UrlQuery, writeQuery } from "./url-text.ts";

export type { QueryValue, UrlQuery };

/** What has no URL. The message says what is missing or wrong, and of which route. */
export class UrlError extends Error {
  override readonly name = "UrlError";
}

export interface UrlOptions {
  readonly query?: UrlQuery;
  /** What comes behind `#`, without it. */
  readonly hash?: string;
  /**
   * Scheme, host and port, `https://example.com`, for a URL that is whole. A route's own host comes in the place of this one. Take it from
   * your settings: what a request says for its host (`new URL(request.url).origin`) is the client's to choose.
   */
  readonly origin?: string | URL;
  /** The request that is being answered. Where the app is mounted under a path of another, the URL then begins with that path. */
  readonly request?: Request<unknown>;
}

/** Parameters by name, checked when they are used. */
export type LooseUrlParams = Readonly<Record<string, unknown>>;

/** The parameters of a route, as `urlFor` takes them: what is optional can be left out. */
export type UrlParams<R extends AnyRoute> = UrlParamsFrom<ParamsOf<R>>;

type UrlParamsFrom<Params> = {
  readonly [Name in keyof Params as undefined extends Params[Name] ? never : Name]: Params[Name];
} & {
  readonly [Name in keyof Params as undefined extends Params[Name] ? Name : never]?: Params[Name];
};

/** What follows on the route: nothing need follow where no parameter is required. */
export type UrlArguments<R extends AnyRoute> = keyof ParamsOf<R> extends never
  ? [params?: Readonly<Record<string, never>>, options?: UrlOptions]
  : Record<never, never> extends UrlParams<R>
    ? [params?: UrlParams<R>, options?: UrlOptions]
    : [params: UrlParams<R>, options?: UrlOptions];

/**
 * The URL of a route: `urlFor(show, { id: 7 }, { query: { page: 2 } })` is `/users/7?page=2`. The parameters are those of the
 * route's type, and what is no value of theirs, or no parameter, does not compile. Without `origin` it is a path; for a route with
 * a host of its own, `//host/path`.
 * @throws UrlError if a parameter is missing or none that the route would take; for an origin that is none.
 */
export function urlFor<R extends AnyRoute>(route: R, ...[params, options]: UrlArguments<R>): string {
  return buildUrl(route, (params ?? {}) as LooseUrlParams, options ?? {});
}

/** The URL of the route of a name. Throws as `urlFor`, and if there is none of that name. */
export function urlForName(
  named: ReadonlyMap<string, AnyRoute>,
  name: string,
  params: LooseUrlParams = {},
  options: UrlOptions = {},
): string {
  const route = named.get(name);
  if (route !== undefined) return buildUrl(route, params, options);
  const near = nearMatch(name, named.keys());
  const hint = near === undefined ? "" : `; did you mean ${JSON.stringify(near)}?`;
  throw new UrlError(`no route is named ${JSON.stringify(name)}${hint}`);
}

/** As `urlFor`, for parameters that the compiler knows nothing of. */
export function buildUrl(
  route: AnyRoute,
  params: LooseUrlParams,
  { query, hash, origin, request }: UrlOptions,
): string {
  const unknown = Object.keys(params).find((name) => !route.paramNames.includes(name));
  if (unknown !== undefined) {
    throw new UrlError(
      `${describe(route)} has no parameter ${JSON.stringify(unknown)}; what shall stand in the query goes into { query }`,
    );
  }
  const host = route.hostPattern?.segments.map((label) => writeLabel(route, label, params)).join(".");
  const mountPath = request === undefined ? "" : mountPathOf(exchangeOf(request));
  const search = query === undefined ? "" : writeQuery(query);
  const fragment = hash === undefined || hash === "" ? "" : `#${encodeSegment(hash)}`;
  return `${originOf(origin, host)}${mountPath}${writePath(route, params)}${search}${fragment}`;
}

function originOf(origin: string | URL | undefined, host: string | undefined): string {
  if (origin === undefined) return host === undefined ? "" : `//${host}`;
  const url = URL.canParse(String(origin)) ? new URL(String(origin)) : null;
  if (url === null || url.origin === "null" || url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    throw new UrlError(
      `the origin ${JSON.stringify(String(origin))} must be scheme, host and port: https://example.com`,
    );
  }
  if (host === undefined) return url.origin;
  return `${url.protocol}//${host}${url.port === "" ? "" : `:${url.port}`}`;
}

function writePath(route: AnyRoute, params: LooseUrlParams): string {
  let path = "";
  for (const segment of route.pattern.segments) {
    if (typeof segment === "string") {
      path += `/${encodeSegment(segment)}`;
    } else if (!(segment.optional && isMissing(params, segment))) {
      const text = write(route, segment, params);
      const parts = segment.converter.spansSegments ? text.split("/") : [text];
      checkParts(route, segment, text, parts);
      path += `/${parts.map(encodeSegment).join("/")}`;
    }
  }
  return path === "" ? "/" : path;
}

/** Only what a request can say: the router refuses dot segments, empty ones, and encoded slashes, backslashes and NULs. */
function checkParts(route: AnyRoute, parameter: PathParameter, text: string, parts: readonly string[]): void {
  const isRefused = (part: string, i: number): boolean =>
    part === "." ||
    part === ".." ||
    (part === "" && (i === 0 || i < parts.length - 1)) ||
    /[/\\\0]/.test(part);
  if (parts.some(isRefused) || !text.isWellFormed()) throw wrong(route, parameter, text);
}

function writeLabel(route: AnyRoute, label: PathSegment, params: LooseUrlParams): string {
  if (typeof label === "string") return label;
  const text = write(route, label, params);
  if (!/^[a-z0-9_~-]+$/i.test(text)) throw wrong(route, label, text);
  return text.toLowerCase();
}

function write(route: AnyRoute, parameter: PathParameter, params: LooseUrlParams): string {
  const { name, converter } = parameter;
  if (isMissing(params, parameter)) {
    throw new UrlError(
      `${describe(route)} needs the parameter ${JSON.stringify(name)}: ${converter.accepts}`,
    );
  }
  return converter.write(params[name]) ?? fail(wrong(route, parameter, params[name]));
}

function isMissing(params: LooseUrlParams, { name }: PathParameter): boolean {
  return !Object.hasOwn(params, name) || params[name] === undefined;
}

function wrong(route: AnyRoute, { name, converter }: PathParameter, value: unknown): UrlError {
  const shown = typeof value === "string" ? JSON.stringify(value) : String(value);
  return new UrlError(
    `the parameter ${JSON.stringify(name)} of ${describe(route)} is ${shown}, and must be ${converter.accepts}`,
  );
}

function fail(error: Error): never {
  throw error;
}

function describe(route: AnyRoute): string {
  return route.name === undefined
    ? `the route ${route}`
    : `the route ${route} (${JSON.stringify(route.name)})`;
}

/**
 * Finds the route of a request. The routes of each host stand in a tree with a level for each segment, which is walked along the
 * request's path: the cost depends on the path, not on how many routes there are, and each node is visited once at most, whatever
 * the path.
 *
 * At the same place text beats parameters, and these beat each other by their converters' priority: any, int, float, date,
 * uuid, one's own, string, path. A mount comes last of all at its place. Where the best match hasn't the method, the next is tried.
 * Routes for the request's host come before those for every host.
 */
import { compareHosts, type HostPattern, hostnameOf, hostsConflict, readHost } from "./host.ts";
import type { Mount } from "./mount.ts";
import type { MatchedPath, ParamValues } from "./path.ts";
import type { PathValue } from "./path-converter.ts";
import { PathReader } from "./request-path.ts";
import { ALL, type AnyRoute } from "./route.ts";
import { RouteMatcher } from "./route-matcher.ts";
import { conflict, End, RouteConflictError, RouteTree } from "./route-tree.ts";

/** The route of a request, and what its path had. */
export class Match implements MatchedPath {
  readonly route: AnyRoute;
  readonly path: string;
  readonly params: ParamValues;

  constructor(route: AnyRoute, path: string, params: ParamValues) {
    this.route = route;
    this.path = path;
    this.params = params;
  }
}

/** That no route takes a request. */
export class Miss {
  /** Methods that the path has routes for, as `Allow` names them; empty when there is no such path. */
  readonly allow: readonly string[];
  /** Whether there is a route for it once a slash is put to the path's end, and the client shall be sent there. */
  readonly lacksSlash: boolean;

  constructor(allow: readonly string[], lacksSlash: boolean) {
    this.allow = allow;
    this.lacksSlash = lacksSlash;
  }
}

/**
 * What is made of a slash at the end of a path: after Werkzeug, a path that lacks the slash of its route is redirected
 * (`redirect`); or it is a path that there is not (`strict`); or the slash makes no difference (`ignore`).
 */
export type TrailingSlash = "redirect" | "strict" | "ignore";

const notFound = new Miss([], false);
const slashMissing = new Miss([], true);
const noParams: ParamValues = Object.freeze({});

/** The routes of a host, or those of every host. */
class HostRoutes {
  readonly host: HostPattern | null;
  readonly tree: RouteTree = new RouteTree();
  /** Undefined until it is needed, and when there is a route more. */
  matcher: RouteMatcher | undefined;

  constructor(host: HostPattern | null) {
    this.host = host;
  }
}

export class Router {
  readonly #trailingSlash: TrailingSlash;
  readonly #routes: AnyRoute[] = [];
  readonly #named: Map<string, AnyRoute> = new Map();
  readonly #everyHost: HostRoutes = new HostRoutes(null);
  /** Hosts without parameters. */
  readonly #hosts: Map<string, HostRoutes> = new Map();
  /** Hosts with parameters, in the order in which they are tried. */
  readonly #hostPatterns: HostRoutes[] = [];
  #hasHosts = false;
  #hasSlashedPaths = false;

  // The search that is under way. It ends before anything else can begin one, so it needs no object of its own.
  readonly #path: PathReader = new PathReader();
  readonly #values: unknown[] = [];
  readonly #missed: RouteMatcher[] = [];

  constructor(trailingSlash: TrailingSlash = "redirect") {
    this.#trailingSlash = trailingSlash;
  }

  /** Every route, in the order in which they were added. */
  get routes(): readonly AnyRoute[] {
    return this.#routes;
  }

  /** Routes by the names that they were given. */
  get named(): ReadonlyMap<string, AnyRoute> {
    return this.#named;
  }

  /**
   * @throws RouteConflictError if there is a route that takes some of the same requests, and nothing says which of them is to be
   *   preferred; or one of the same name.
   */
  add(route: AnyRoute): void {
    const { name } = route;
    const namesake = name === undefined ? undefined : this.#named.get(name);
    if (namesake !== undefined) throw conflict(route, namesake, `is named ${JSON.stringify(name)} already`);
    const routes =
      route.hostPattern === undefined ? this.#everyHost : this.#routesOf(route.hostPattern, route);
    routes.tree.add(route);
    routes.matcher = undefined;
    if (route.path.endsWith("/")) this.#hasSlashedPaths = true;
    this.#routes.push(route);
    if (name !== undefined) this.#named.set(name, route);
  }

  /** @throws RouteConflictError if there is a mount already at the same path, or a route for all that is below it. */
  addMount(mount: Mount): void {
    this.#everyHost.tree.addMount(mount);
    this.#everyHost.matcher = undefined;
  }

  /**
   * @param target of the request, in origin-form
   * @param authority the host (and port) that the request is for, in lower case
   * @throws HttpError 400 for a path that can't be decoded (request-path.ts).
   */
  match(method: string, target: string, authority: string): Match | Mount | Miss {
    const path = this.#path;
    path.begin(target.length);
    let found = this.#search(method, target, authority);
    if (found instanceof End) return this.#matchOf(found, beginningOf(target, path.end));
    const { inDoubt } = path;
    path.read(target);
    // Unless it has become another, what was found stays found, and what was not, missed.
    if (inDoubt || path.text !== target) found = this.#search(method, path.text, authority);
    if (found instanceof End) return this.#matchOf(found, path.path);
    if (found !== undefined) return found;
    return this.#missOf(method, authority);
  }

  /** For a path that has no route with the method. */
  #missOf(method: string, authority: string): Match | Mount | Miss {
    const missed = this.#missed;
    if (missed.length === 0 && this.#mayToggleSlash()) {
      const path = this.#path.path;
      this.#path.readDecoded(path.endsWith("/") ? path.slice(0, -1) : `${path}/`);
      const found = this.#search(method, this.#path.text, authority);
      if (this.#trailingSlash === "redirect") return found instanceof End ? slashMissing : notFound;
      if (found !== undefined) return found instanceof End ? this.#matchOf(found, path) : found;
    }
    if (missed.length === 0) return notFound;
    return new Miss(allowedMethods(missed.map((matcher) => matcher.methods())), false);
  }

  /** Whether a path that was not found is looked for with another end. */
  #mayToggleSlash(): boolean {
    const { text, end } = this.#path;
    if (end === 1) return false;
    if (this.#trailingSlash === "redirect") return this.#hasSlashedPaths && text[end - 1] !== "/";
    return this.#trailingSlash === "ignore";
  }

  /** Searches the routes of the host, then those of every host. */
  #search(method: string, text: string, authority: string): End | Mount | undefined {
    if (this.#missed.length > 0) this.#missed.length = 0;
    if (this.#hasHosts) {
      const hostname = hostnameOf(authority);
      const routes = this.#hosts.get(hostname);
      const found = routes === undefined ? undefined : this.#searchIn(routes, method, text, 0);
      if (found !== undefined || this.#path.inDoubt) return found;
      for (const routes of this.#hostPatterns) {
        const host = routes.host as HostPattern;
        if (!readHost(host, hostname, this.#values)) continue;
        const found = this.#searchIn(routes, method, text, host.names.length);
        if (found !== undefined || this.#path.inDoubt) return found;
      }
    }
    return this.#searchIn(this.#everyHost, method, text, 0);
  }

  #searchIn(routes: HostRoutes, method: string, text: string, depth: number): End | Mount | undefined {
    const matcher = (routes.matcher ??= new RouteMatcher(routes.tree, this.#path, this.#values));
    const found = matcher.find(method, text, depth);
    if (found === undefined && matcher.missed) this.#missed.push(matcher);
    return found;
  }

  #matchOf({ route, lacksLast }: End, path: string): Match {
    const names = route.paramNames;
    if (names.length === 0) return new Match(route, path, noParams);
    const params: Record<string, PathValue | undefined> = {};
    const values = this.#values as PathValue[];
    const last = names.length - 1;
    for (let i = 0; i < last; i++) params[names[i] as string] = values[i] as PathValue;
    params[names[last] as string] = lacksLast ? undefined : values[last];
    return new Match(route, path, params);
  }

  #routesOf(host: HostPattern, route: AnyRoute): HostRoutes {
    const all = [...this.#hosts.values(), ...this.#hostPatterns];
    const known = all.find((routes) => routes.host?.key === host.key);
    if (known !== undefined) return known;
    const rival = this.#hostPatterns.find((routes) => hostsConflict(routes.host as HostPattern, host));
    if (rival !== undefined) {
      throw new RouteConflictError(
        `${route} can't be added: the hosts ${host.host} and ${rival.host?.host} could be the same, and nothing says which is to be preferred`,
      );
    }
    const routes = new HostRoutes(host);
    this.#hasHosts = true;
    if (host.names.length === 0) this.#hosts.set(host.key, routes);
    else {
      this.#hostPatterns.push(routes);
      this.#hostPatterns.sort((a, b) => compareHosts(a.host as HostPattern, b.host as HostPattern));
    }
    return routes;
  }
}

function beginningOf(text: string, end: number): string {
  return end === text.length ? text : text.slice(0, end);
}

/** What `Allow` names where a route takes every method. */
const usualMethods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** The methods of some routes as `Allow` names them: with HEAD, which GET serves, and OPTIONS, which is always answered. */
export function allowedMethods(groups: Iterable<Iterable<string>>): string[] {
  const methods = new Set(["OPTIONS"]);
  for (const group of groups) {
    for (const method of group) {
      for (const each of method === ALL ? usualMethods : [method]) methods.add(each);
    }
  }
  if (methods.has("GET")) methods.add("HEAD");
  return [...methods].sort();
}

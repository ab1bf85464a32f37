/**
 * Finds the route of a request. Paths without parameters are looked up in one map. The others stand in a tree
 * with a level for each segment, which is walked along the request's path: the cost depends on the path, not on
 * how many routes there are, and each node is visited once at most, whatever the path.
 *
 * At the same place text beats parameters, and these beat each other by their converters' priority: int, float,
 * uuid, string, path. A mount comes last of all at its place. Where the best match hasn't the method, the next is tried.
 */
import type { Mount } from "./mount.ts";
import type { MatchedPath, ParamValues } from "./path.ts";
import type { PathConverter } from "./path-converter.ts";
import { decodePath } from "./request-path.ts";
import { type AnyRoute, Route } from "./route.ts";

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

  constructor(allow: readonly string[]) {
    this.allow = allow;
  }
}

/** Two routes, or mounts, for the same requests. */
export class RouteConflictError extends Error {
  override readonly name = "RouteConflictError";
}

type RoutesByMethod = Map<string, AnyRoute>;

interface Branch {
  readonly converter: PathConverter;
  readonly node: Node;
}

class Node {
  texts: Map<string, Node> | undefined;
  /** By falling priority. */
  readonly branches: Branch[] = [];
  /** Routes that end here. */
  routes: RoutesByMethod | undefined;
  /** Takes what ends here or goes on from here, and no route takes. */
  mount: Mount | undefined;
}

const noParams: ParamValues = Object.freeze({});
const notFound = new Miss([]);

export class Router {
  /** Paths that need no decoding and have no parameters, with their matches by method. */
  readonly #plain: Map<string, Map<string, Match>> = new Map();
  readonly #root: Node = new Node();
  readonly #routes: AnyRoute[] = [];

  // The search that is under way. It ends before anything else can begin one, so it needs no object of its own.
  #method = "";
  #path = "";
  /** The first `#depth` of them are the search's: to shorten an array costs more than all the rest. */
  readonly #values: (string | number)[] = [];
  #depth = 0;
  /** Routes of the path for other methods. */
  readonly #missed: RoutesByMethod[] = [];

  /** Every route, in the order in which they were added. */
  get routes(): readonly AnyRoute[] {
    return this.#routes;
  }

  /** @throws RouteConflictError if there is a route already for the same path and method. */
  add(route: AnyRoute): void {
    const { segments, names, path } = route.pattern;
    let node = this.#root;
    for (const segment of segments) {
      if (typeof segment === "string") {
        node = textNode(node, segment);
      } else {
        if (segment.converter.spansSegments && node.mount !== undefined) throw conflict(route, node.mount);
        node = branchNode(node, segment.converter);
      }
    }
    const routes = (node.routes ??= new Map());
    for (const method of route.methods) {
      const other = routes.get(method);
      if (other !== undefined) throw conflict(`${method} ${route.path}`, other);
    }
    for (const method of route.methods) routes.set(method, route);
    this.#routes.push(route);
    if (names.length === 0 && isPlain(path)) {
      const matches = new Map<string, Match>();
      for (const [method, each] of routes) matches.set(method, new Match(each, path, noParams));
      const get = matches.get("GET");
      if (get !== undefined && !matches.has("HEAD")) matches.set("HEAD", get);
      this.#plain.set(path, matches);
    }
  }

  /** @throws RouteConflictError if there is a mount already at the same path, or a route for all that is below it. */
  addMount(mount: Mount): void {
    let node = this.#root;
    for (const segment of mount.segments) node = textNode(node, segment);
    const other = node.mount ?? firstRoute(node.branches.find((branch) => branch.converter.spansSegments));
    if (other !== undefined) throw conflict(mount, other);
    node.mount = mount;
  }

  /**
   * @param path the path of the request target, as sent.
   * @throws HttpError 400 for a path that can't be decoded (request-path.ts).
   */
  match(method: string, path: string): Match | Mount | Miss {
    return this.#plain.get(path)?.get(method) ?? this.#search(method, decodePath(path));
  }

  #search(method: string, path: string): Match | Mount | Miss {
    this.#method = method;
    this.#path = path;
    this.#depth = 0;
    if (this.#missed.length > 0) this.#missed.length = 0;
    const found = this.#walk(this.#root, 1);
    if (found === undefined)
      return this.#missed.length === 0
        ? notFound
        : new Miss(allowedMethods(this.#missed.map((routes) => routes.keys())));
    return found instanceof Route ? new Match(found, path, paramsOf(found, this.#values)) : found;
  }

  /** Walks down from `node`, to which the path led up to the segment at `from`. */
  #walk(node: Node, from: number): AnyRoute | Mount | undefined {
    const path = this.#path;
    if (from > path.length) return this.#routeOf(node) ?? node.mount;
    const slash = path.indexOf("/", from);
    const end = slash < 0 ? path.length : slash;
    const segment = path.slice(from, end);
    const next = node.texts?.get(segment);
    if (next !== undefined) {
      const found = this.#walk(next, end + 1);
      if (found !== undefined) return found;
    }
    for (const { converter, node: child } of node.branches) {
      const value = converter.read(converter.spansSegments ? path.slice(from) : segment);
      if (value === undefined) continue;
      this.#values[this.#depth++] = value;
      const found = converter.spansSegments ? this.#routeOf(child) : this.#walk(child, end + 1);
      if (found !== undefined) return found;
      this.#depth--;
    }
    return node.mount;
  }

  #routeOf(node: Node): AnyRoute | undefined {
    const routes = node.routes;
    if (routes === undefined) return undefined;
    const route = routes.get(this.#method) ?? (this.#method === "HEAD" ? routes.get("GET") : undefined);
    if (route === undefined) this.#missed.push(routes);
    return route;
  }
}

function conflict(added: AnyRoute | Mount | string, other: AnyRoute | Mount): RouteConflictError {
  return new RouteConflictError(`${added} can't be added: ${other} takes the same requests already`);
}

/** A route that ends at the end of a branch. */
function firstRoute(branch: Branch | undefined): AnyRoute | undefined {
  return branch?.node.routes?.values().next().value;
}

function textNode(node: Node, text: string): Node {
  node.texts ??= new Map();
  let next = node.texts.get(text);
  if (next === undefined) node.texts.set(text, (next = new Node()));
  return next;
}

function branchNode(node: Node, converter: PathConverter): Node {
  const branch = node.branches.find((each) => each.converter === converter);
  if (branch !== undefined) return branch.node;
  const next = new Node();
  node.branches.push({ converter, node: next });
  node.branches.sort((a, b) => b.converter.priority - a.converter.priority);
  return next;
}

/** Whether a path looks the same encoded and decoded, so that it can be looked up as it was sent. */
function isPlain(path: string): boolean {
  return /^[!-~]*$/.test(path) && !path.includes("%");
}

function paramsOf(route: AnyRoute, values: readonly (string | number)[]): ParamValues {
  const names = route.pattern.names;
  if (names.length === 0) return noParams;
  const params: Record<string, string | number> = {};
  for (let i = 0; i < names.length; i++) params[names[i] as string] = values[i] as string | number;
  return params;
}

/** The methods of some routes as `Allow` names them: with HEAD, which GET serves, and OPTIONS, which is always answered. */
export function allowedMethods(groups: Iterable<Iterable<string>>): string[] {
  const methods = new Set(["OPTIONS"]);
  for (const group of groups) {
    for (const method of group) {
      methods.add(method);
      if (method === "GET") methods.add("HEAD");
    }
  }
  return [...methods].sort();
}

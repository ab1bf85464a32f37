/** The routes of an application, where it has a public way to tell them. */
import { hasMethod, isObject } from "./application.ts";

/** One route, for people. */
export interface ListedRoute {
  /** Such as `GET`; `ALL` for any. HEAD is left out where there is GET, which serves it. */
  readonly methods: readonly string[];
  /** As the framework writes it, below the paths of the mounts that lead to it. */
  readonly path: string;
  /** Where it takes requests for one host only. */
  readonly host?: string;
  /** By which URLs are built. */
  readonly name?: string;
  /** The name of the function that handles it, where it has one. */
  readonly handler?: string;
  /** Of a mounted application: where it is mounted, and what it is. Where it tells no routes, this is a route for all of them. */
  readonly mount?: { readonly path: string; readonly what: string };
}

/**
 * The routes of a Socle `App`, and of Express (5.3 and later), Fastify (once it is ready), Hono, Elysia and itty-router; null
 * for what has none or tells none. Hono's middleware is left out. What is mounted in a Socle `App` comes after the app's own.
 */
export function routesOf(value: unknown): readonly ListedRoute[] | null {
  return listedIn(value, []);
}

/** @param above what it is mounted in */
function listedIn(value: unknown, above: readonly unknown[]): readonly ListedRoute[] | null {
  if (!isObject(value)) return null;
  const { router, routes, mounts } = value as { router?: unknown; routes?: unknown; mounts?: unknown };
  const listed = hasMethod(value, "printRoutes")
    ? fromTree(String(value.printRoutes(treeOptions as never)))
    : (fromExpress(router) ?? fromList(routes));
  if (listed === null) return null;
  const own = listed.map((route) => ({ ...route, methods: inShort(route.methods) }));
  return Array.isArray(mounts) ? own.concat(fromMounts(mounts as SocleMount[], [...above, value])) : own;
}

/** What is used of a mount of Socle's. */
interface SocleMount {
  readonly path: string;
  readonly target: unknown;
  readonly what: string;
}

function fromMounts(mounts: readonly SocleMount[], above: readonly unknown[]): ListedRoute[] {
  return mounts.flatMap(({ path, target, what }): ListedRoute[] => {
    const mount = { path, what };
    const below = path === "/" ? "" : path;
    // An app can be mounted within itself, and would have no end.
    const routes = above.includes(target) ? null : listedIn(target, above);
    if (routes === null) return [{ methods: ["ALL"], path: `${below}/…`, mount }];
    return routes.map((route) => {
      const inner = route.mount === undefined ? mount : { ...route.mount, path: below + route.mount.path };
      return { ...route, path: below + route.path, mount: inner };
    });
  });
}

/** More methods than anybody writes out are all that there are. */
const mostMethods = 7;

function inShort(methods: readonly string[]): readonly string[] {
  if (methods.length > mostMethods) return ["ALL"];
  return methods.includes("GET") ? methods.filter((method) => method !== "HEAD") : methods;
}

/** A list of routes under one of the names and shapes that frameworks have for it. */
function fromList(routes: unknown): ListedRoute[] | null {
  if (!Array.isArray(routes)) return null;
  const listed: ListedRoute[] = [];
  for (const route of routes as unknown[]) {
    // itty-router: method, pattern, handlers, path.
    const { method, methods, path, host, name, handler } = (
      Array.isArray(route) ? { method: route[0], path: route[3] } : route
    ) as Readonly<Record<string, unknown>>;
    // Hono lists middleware as well: what takes a second parameter.
    const isMiddleware = method === "ALL" && typeof handler === "function" && handler.length > 1;
    if (typeof path !== "string" || isMiddleware) continue;
    listed.push({
      methods: Array.isArray(methods) ? methods.map(String) : [String(method)],
      path,
      ...(typeof host === "string" ? { host } : {}),
      ...(typeof name === "string" ? { name } : {}),
      ...(typeof handler === "function" && handler.name !== "" ? { handler: handler.name } : {}),
    });
  }
  return listed;
}

/** What Express's `router.listRoutes()` gives for a route, or for a router that is mounted at the path. */
interface ExpressRoute {
  readonly path: string | RegExp;
  readonly methods?: readonly string[];
  readonly router?: unknown;
}

function fromExpress(router: unknown, prefix = ""): ListedRoute[] | null {
  if (!hasMethod(router, "listRoutes")) return null;
  return (router.listRoutes() as readonly ExpressRoute[]).flatMap(({ path, methods, router }) => {
    const whole = `${prefix}${path}`;
    if (router !== undefined) return fromExpress(router, whole === "/" ? "" : whole) ?? [];
    return [{ methods: methods ?? ["ALL"], path: whole }];
  });
}

const treeOptions = { includeHooks: false };

/** A line of the tree: where it stands, whether it begins a branch, its part of the path, and the methods of a route that ends there. */
const treeLine = /^((?:│ {3}| {4})*)([├└]── )?(.+?)(?: \(([A-Z, -]+)\)( \{.*\})?)?$/;

/** Fastify draws a tree, each branch with its part of the path, and tells its routes in no other way. */
function fromTree(tree: string): ListedRoute[] | null {
  const listed: ListedRoute[] = [];
  const parts: string[] = [];
  for (const line of tree.split("\n").filter((line) => line !== "")) {
    const [, indent = "", branch, part, methods, constraints = ""] = treeLine.exec(line) ?? [];
    if (part === undefined) return null;
    // A line without a branch is one more route at the branch above it.
    const depth = indent.length / 4 - (branch === undefined ? 1 : 0);
    if (depth < 0) return null;
    parts.length = depth;
    parts.push(part === "(empty root node)" ? "" : part);
    if (methods === undefined) continue;
    listed.push({ methods: methods.split(", "), path: parts.join("") + constraints });
  }
  return listed;
}

/** The router against a slow and obvious one: every route is tried, and the best of those that match is taken. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { parseHost } from "./host.ts";
import { alternatives, type PathSegment, parsePath } from "./path.ts";
import { decodePath } from "./request-path.ts";
import { type AnyRoute, Route } from "./route.ts";
import { RouteConflictError } from "./route-tree.ts";
import { Match, type Miss, Router, type TrailingSlash } from "./router.ts";

interface Found {
  readonly route: AnyRoute;
  readonly params: Readonly<Record<string, unknown>>;
  /** By segment: how much it is preferred. */
  readonly ranks: readonly number[];
}

function matchSegments(
  route: AnyRoute,
  segments: readonly PathSegment[],
  parts: readonly string[],
): Found | null {
  const params: Record<string, unknown> = {};
  for (const name of route.paramNames) params[name] = undefined;
  const ranks: number[] = [];
  for (const [i, segment] of segments.entries()) {
    const part = parts[i];
    if (part === undefined) return null;
    if (typeof segment === "string") {
      if (part !== segment) return null;
      ranks.push(1000);
      continue;
    }
    const { name, converter } = segment;
    const text = converter.spansSegments ? parts.slice(i).join("/") : part;
    const value = text === "" ? undefined : converter.read(text, 0, text.length);
    if (value === undefined) return null;
    params[name] = value;
    ranks.push(converter.priority);
    if (converter.spansSegments) return { route, params, ranks };
  }
  return segments.length === parts.length ? { route, params, ranks } : null;
}

function compareRanks(a: Found, b: Found): number {
  for (const [i, rank] of a.ranks.entries()) {
    const other = b.ranks[i] ?? 0;
    if (rank !== other) return other - rank;
  }
  return 0;
}

/** Which of the routes at one place serves a method. */
function byMethod(routes: readonly Found[], method: string): Found | undefined {
  const order = method === "HEAD" ? ["HEAD", "GET", "ALL"] : [method, "ALL"];
  for (const each of order) {
    const found = routes.find(({ route }) => route.methods.includes(each));
    if (found !== undefined) return found;
  }
  return undefined;
}

function search(routes: readonly AnyRoute[], method: string, path: string): Found | string[] {
  const parts = path.slice(1).split("/");
  const all = routes
    .flatMap((route) => alternatives(route.pattern).map((segments) => matchSegments(route, segments, parts)))
    .filter((found) => found !== null)
    .sort(compareRanks);
  for (let i = 0; i < all.length; ) {
    const place = all.filter((found) => compareRanks(found, all[i] as Found) === 0);
    const found = byMethod(place, method);
    if (found !== undefined) return found;
    i += place.length;
  }
  const methods = new Set(all.flatMap(({ route }) => route.methods));
  if (methods.size > 0) methods.add("OPTIONS");
  if (methods.has("GET")) methods.add("HEAD");
  return [...methods].sort();
}

function expected(routes: readonly AnyRoute[], rule: TrailingSlash, method: string, path: string): unknown {
  let found = search(routes, method, path);
  if (Array.isArray(found) && found.length === 0 && path !== "/") {
    const isSlashed = path.endsWith("/");
    const other = search(routes, method, isSlashed ? path.slice(0, -1) : `${path}/`);
    if (rule === "redirect" && !isSlashed && !Array.isArray(other)) return "lacks slash";
    if (rule === "ignore") found = other;
  }
  return Array.isArray(found) ? found : [String(found.route), found.params];
}

// Few texts, which begin alike, so that requests often match, and often in more ways than one.
const text = fc.constantFrom("a", "ab", "abc", "b", "7", "77", "2024-01-01", "é", "a b", "%", ".a");
const parameter = fc.constantFrom(
  "<string:$>",
  ":$",
  "<int:$>",
  "<int(min=10):$>",
  "<float:$>",
  "<any(a,7):$>",
  "<any(ab,b):$>",
  "<any(7,b):$>",
  "<date:$>",
  "<string(length=2):$>",
);
const segment = fc.oneof({ weight: 3, arbitrary: text }, { weight: 2, arbitrary: parameter });
const last = fc.constantFrom("", "", "", "/", "/<path:$>", "/<path:$>?", "/<int:$>?", "/:$?");
const pathPattern = fc
  .tuple(fc.array(segment, { maxLength: 3 }), last)
  .map(([segments, end]) => `/${segments.join("/")}${segments.length === 0 ? end.slice(1) : end}`)
  .map((path) => {
    let count = 0;
    return path.replaceAll("$", () => `p${count++}`);
  });
const methods = fc.constantFrom(["GET"], ["POST"], ["GET", "POST"], ["ALL"], ["HEAD"]);
const requestPath = fc
  .tuple(fc.array(text, { maxLength: 4 }), fc.boolean())
  .map(([parts, slashed]) => `/${parts.join("/")}${slashed && parts.length > 0 ? "/" : ""}`);

it("finds what an obvious router finds, whatever the order of the routes", () => {
  const table = fc.array(fc.tuple(methods, pathPattern), { minLength: 1, maxLength: 12 });
  const requests = fc.array(fc.tuple(fc.constantFrom("GET", "HEAD", "POST", "PUT"), requestPath), {
    minLength: 30,
    maxLength: 30,
  });
  const rules = fc.constantFrom<TrailingSlash>("redirect", "strict", "ignore");
  let found = 0;
  fc.assert(
    fc.property(table, requests, rules, (table, requests, rule) => {
      const router = new Router(rule);
      for (const [methods, path] of table) {
        try {
          router.add(new Route({ path, methods, handler: () => "", pattern: parsePath(path) }));
        } catch (error) {
          if (!(error instanceof RouteConflictError)) throw error;
        }
      }
      const backwards = new Router(rule);
      for (const route of router.routes.toReversed()) backwards.add(route);
      for (const [method, path] of requests) {
        const sent = encodeURI(path);
        const wanted = expected(router.routes, rule, method, path);
        for (const each of [router, backwards]) {
          const match = each.match(method, sent, "");
          if (match instanceof Match) found++;
          const got =
            match instanceof Match
              ? [String(match.route), match.params]
              : (match as Miss).lacksSlash
                ? "lacks slash"
                : (match as Miss).allow;
          expect([method, path, got]).toEqual([method, path, wanted]);
          if (match instanceof Match) expect(match.path).toBe(path);
        }
      }
    }),
    { numRuns: 1000 },
  );
  // Otherwise nothing was tested.
  expect(found).toBeGreaterThan(5000);
});

/** A target with every byte of its path encoded, so that nothing can be found before it is decoded. */
function encodeAll(path: string): string {
  return path
    .split("/")
    .map((part) => Buffer.from(part).toString("hex").replaceAll(/../g, "%$&"))
    .join("/");
}

it("refuses what is no path, and takes one for the same however it is written", () => {
  const odd = fc.constantFrom(
    ".",
    "..",
    "",
    "%2e",
    "%2E%2e",
    "%2f",
    "%5c",
    "\\",
    "é",
    "a b",
    "%",
    "%zz",
    "\u0001",
    "%ff",
  );
  const written = fc.constantFrom(
    "a",
    "ab",
    "7",
    "77",
    ".a",
    "%61",
    "%37",
    "%C3%A9",
    "a%20b",
    "%25",
    "2024-01-01",
    "x.y",
    "#",
  );
  const part = fc.oneof({ weight: 1, arbitrary: odd }, { weight: 12, arbitrary: written });
  const target = fc
    .tuple(
      fc.array(part, { maxLength: 4 }),
      fc.constantFrom("", "", "/"),
      fc.constantFrom("", "", "?", "?/../%zz//"),
    )
    .map(([parts, slash, query]) => [`/${parts.join("/")}${slash}`, query] as const);
  const host = fc.constantFrom(undefined, undefined, "a.example", "<string:host>.example");
  const table = fc.array(fc.tuple(methods, pathPattern, host), { minLength: 1, maxLength: 12 });
  const requests = fc.array(
    fc.tuple(fc.constantFrom("GET", "POST"), target, fc.constantFrom("a.example", "b.example", "c")),
    { minLength: 30, maxLength: 30 },
  );
  const rules = fc.constantFrom<TrailingSlash>("redirect", "strict", "ignore");
  const outcome = (find: () => unknown): unknown => {
    try {
      const found = find();
      return found instanceof Match ? [String(found.route), found.path, found.params] : found;
    } catch (error) {
      return (error as Error).message;
    }
  };
  let [found, refused] = [0, 0];
  fc.assert(
    fc.property(table, requests, rules, (table, requests, rule) => {
      const router = new Router(rule);
      for (const [methods, path, host] of table) {
        try {
          const hostPattern = host === undefined ? undefined : parseHost(host);
          router.add(
            new Route({ path, methods, handler: () => "", pattern: parsePath(path), host: hostPattern }),
          );
        } catch (error) {
          if (!(error instanceof RouteConflictError)) throw error;
        }
      }
      for (const [method, [path, query], authority] of requests) {
        const decoded = outcome(() => decodePath(path)) as string;
        const isRefused = !decoded.startsWith("/");
        const got = outcome(() => router.match(method, `${path}${query}`, authority));
        const wanted = isRefused
          ? decoded
          : outcome(() => router.match(method, encodeAll(decoded), authority));
        expect([method, path, query, got]).toEqual([method, path, query, wanted]);
        if (isRefused) refused++;
        else if (Array.isArray(got)) found++;
      }
    }),
    { numRuns: 1000 },
  );
  expect(Math.min(found, refused)).toBeGreaterThan(2000);
});

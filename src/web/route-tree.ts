/** The routes of one host, in a tree with a level for each segment of their paths: where they are added, and compared with each other. */
import type { Mount } from "./mount.ts";
import { alternatives, type PathSegment, segmentsOverlap } from "./path.ts";
import type { PathConverter } from "./path-converter.ts";
import { ALL, type AnyRoute } from "./route.ts";

/** Two routes, or mounts, for the same requests; or two routes of the same name. */
export class RouteConflictError extends Error {
  override readonly name = "RouteConflictError";
}

/** That a route's path ends at a place. */
export class End {
  readonly route: AnyRoute;
  /** Whether the path's last parameter, which is optional, is left out. */
  readonly lacksLast: boolean;

  constructor(route: AnyRoute, lacksLast: boolean) {
    this.route = route;
    this.lacksLast = lacksLast;
  }
}

/** A parameter at a place, and what comes after it. */
export interface Branch {
  readonly converter: PathConverter;
  readonly place: Place;
}

/** Where a path leads, segment by segment. */
export class Place {
  readonly texts: Map<string, Place> = new Map();
  /** By falling priority. */
  readonly branches: Branch[] = [];
  /** The routes that end here, by method. */
  readonly ends: Map<string, End> = new Map();
  /** Takes what ends here or goes on from here, and no route takes. */
  mount: Mount | undefined;
}

export class RouteTree {
  readonly root: Place = new Place();

  /** @throws RouteConflictError if a route that is there takes some of the same requests, and none of both is to be preferred. */
  add(route: AnyRoute): void {
    const paths = alternatives(route.pattern);
    for (const segments of paths) {
      const other =
        findRival(this.root, segments, 0, route.methods, false) ?? mountBeside(this.root, segments);
      if (other !== undefined) throw conflict(route, other);
    }
    for (const [i, segments] of paths.entries()) {
      const { ends } = placeFor(this.root, segments);
      for (const method of route.methods) ends.set(method, new End(route, i > 0));
    }
  }

  /** @throws RouteConflictError if there is a mount already at the same path, or a route for all that is below it. */
  addMount(mount: Mount): void {
    const place = placeFor(this.root, mount.segments);
    const rest = place.branches.find((branch) => branch.converter.spansSegments);
    const other = place.mount ?? rest?.place.ends.values().next().value?.route;
    if (other !== undefined) throw conflict(mount, other);
    place.mount = mount;
  }
}

export function conflict(
  added: AnyRoute | Mount,
  other: AnyRoute | Mount,
  why = "takes the same requests already",
): RouteConflictError {
  return new RouteConflictError(`${added} can't be added: ${other} ${why}`);
}

/** The place of a path, made if there is none. */
function placeFor(root: Place, segments: readonly PathSegment[]): Place {
  let place = root;
  for (const segment of segments) {
    let next = nextPlace(place, segment);
    if (next === undefined) {
      next = new Place();
      if (typeof segment === "string") place.texts.set(segment, next);
      else {
        place.branches.push({ converter: segment.converter, place: next });
        place.branches.sort((a, b) => b.converter.priority - a.converter.priority);
      }
    }
    place = next;
  }
  return place;
}

function nextPlace(place: Place, segment: PathSegment): Place | undefined {
  if (typeof segment === "string") return place.texts.get(segment);
  return place.branches.find((branch) => branch.converter === segment.converter)?.place;
}

/**
 * A route with one of the methods that could take a request which the segments' route takes, where nothing says which of them is
 * to be preferred: up to where they differ they have the same segments, and there two converters of the same priority.
 * @param tied whether they have differed already
 */
function findRival(
  place: Place,
  segments: readonly PathSegment[],
  at: number,
  methods: readonly string[],
  tied: boolean,
): AnyRoute | undefined {
  const segment = segments[at];
  if (segment === undefined) return rivalHere(place, methods, tied);
  if (tied && spans(segment)) return rivalBelow(place, methods, segment);
  const same = nextPlace(place, segment);
  const found = same === undefined ? undefined : findRival(same, segments, at + 1, methods, tied);
  if (found !== undefined) return found;
  for (const { converter, place: next } of place.branches) {
    if (next === same || !(tied || isTied(segment, converter)) || !segmentsOverlap(segment, converter))
      continue;
    const rival = converter.spansSegments
      ? rivalHere(next, methods, true)
      : findRival(next, segments, at + 1, methods, true);
    if (rival !== undefined) return rival;
  }
  if (!tied || typeof segment === "string") return undefined;
  for (const [text, next] of place.texts) {
    const rival = segment.converter.takes(text)
      ? findRival(next, segments, at + 1, methods, true)
      : undefined;
    if (rival !== undefined) return rival;
  }
  return undefined;
}

function rivalHere({ ends }: Place, methods: readonly string[], tied: boolean): AnyRoute | undefined {
  for (const [other, { route }] of ends) {
    if (methods.some((method) => method === other || (tied && serveTheSame(method, other)))) return route;
  }
  return undefined;
}

/** At the same place the more special of the two is preferred. */
function serveTheSame(method: string, other: string): boolean {
  return method === ALL || other === ALL || (isGetOrHead(method) && isGetOrHead(other));
}

function isGetOrHead(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

/** @param rest the parameter for all that follows; it does not take what is only a slash */
function rivalBelow(place: Place, methods: readonly string[], rest?: PathSegment): AnyRoute | undefined {
  for (const [text, next] of place.texts) {
    if (typeof rest === "object" && !rest.converter.takes(text)) continue;
    const rival = rivalHere(next, methods, true) ?? rivalBelow(next, methods);
    if (rival !== undefined) return rival;
  }
  for (const { place: next } of place.branches) {
    const rival = rivalHere(next, methods, true) ?? rivalBelow(next, methods);
    if (rival !== undefined) return rival;
  }
  return undefined;
}

function isTied(segment: PathSegment, converter: PathConverter): boolean {
  return typeof segment === "object" && segment.converter.priority === converter.priority;
}

function spans(segment: PathSegment): boolean {
  return typeof segment === "object" && segment.converter.spansSegments;
}

/** A mount where a path has a parameter for the whole rest, which says the same. */
function mountBeside(root: Place, segments: readonly PathSegment[]): Mount | undefined {
  let place: Place | undefined = root;
  for (const segment of segments) {
    if (spans(segment)) return place.mount;
    place = nextPlace(place, segment);
    if (place === undefined) return undefined;
  }
  return undefined;
}

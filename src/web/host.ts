/** Host patterns: `api.example.com`, `<string:tenant>.example.com`. A parameter takes one label. */
import { namesOf, type PathSegment, parseParameter, segmentsOverlap } from "./path.ts";
import { PathError } from "./path-error.ts";

/** A host's pattern, taken apart at its dots. */
export interface HostPattern {
  readonly host: string;
  readonly segments: readonly PathSegment[];
  /** Names of the parameters, in order. */
  readonly names: readonly string[];
  /** The pattern without the parameters' names: two with the same take the same hosts. */
  readonly key: string;
}

/**
 * Hosts are compared without regard to case and port, and without the dot at their end.
 * @throws PathError
 */
export function parseHost(host: string): HostPattern {
  const where = `the host ${JSON.stringify(host)}`;
  if (/^\[[\da-f:.]+\]$/i.test(host)) {
    const address = host.toLowerCase();
    return { host, segments: [address], names: [], key: address };
  }
  const segments = host.split(".").map((text) => parseLabel(text, where));
  const key = segments
    .map((each) => (typeof each === "string" ? each : `<${each.converter.name}>`))
    .join(".");
  return { host, segments, names: namesOf(segments, where), key };
}

function parseLabel(text: string, where: string): PathSegment {
  const parameter = text.startsWith(":") ? undefined : parseParameter(text, where);
  if (parameter === undefined) {
    const label = text.toLowerCase();
    if (/^[a-z0-9_~-]+$/.test(label)) return label;
    const hint = /:\d*$/.test(text)
      ? "a port has no say here, and is left out"
      : "a label is letters, digits and -, or a parameter, <name>; names in other scripts are written as they are sent, xn--…";
    throw new PathError(`${where} has ${JSON.stringify(text)} in it: ${hint}`);
  }
  if (parameter.optional) throw new PathError(`${where} has ${text}: no part of a host can be left out`);
  if (parameter.converter.spansSegments)
    throw new PathError(`${where} has ${text}: a parameter takes one label`);
  return parameter;
}

/** The name or address in a checked authority: without the port, and without the dot at the end. */
export function hostnameOf(authority: string): string {
  const colon = authority.lastIndexOf(":");
  let end = colon > authority.lastIndexOf("]") ? colon : authority.length;
  if (authority[end - 1] === ".") end--;
  return authority.slice(0, end);
}

/** Puts the parameters of a hostname to the front of `values`, and returns whether it is one of the pattern's. */
export function readHost({ segments }: HostPattern, hostname: string, values: unknown[]): boolean {
  let count = 0;
  let from = 0;
  for (const segment of segments) {
    if (from > hostname.length) return false;
    const dot = hostname.indexOf(".", from);
    const to = dot < 0 ? hostname.length : dot;
    if (typeof segment === "string") {
      if (to - from !== segment.length || !hostname.startsWith(segment, from)) return false;
    } else {
      const value = segment.converter.read(hostname, from, to);
      if (value === undefined) return false;
      values[count++] = value;
    }
    from = to + 1;
  }
  return from > hostname.length;
}

/** Which of two hosts is tried first, as `sort` wants it. 0: they can't be told apart, or never take the same host. */
export function compareHosts(a: HostPattern, b: HostPattern): number {
  for (const [i, segment] of a.segments.entries()) {
    const order = rank(b.segments[i]) - rank(segment);
    if (order !== 0) return order;
  }
  return 0;
}

function rank(segment: PathSegment | undefined): number {
  return typeof segment === "object" ? segment.converter.priority : Number.MAX_SAFE_INTEGER;
}

/** Whether a host could be taken by both patterns, and neither is tried first. */
export function hostsConflict(a: HostPattern, b: HostPattern): boolean {
  return (
    a.segments.length === b.segments.length &&
    compareHosts(a, b) === 0 &&
    a.segments.every((segment, i) => {
      const other = b.segments[i] as PathSegment;
      return typeof other === "string" ? segment === other : segmentsOverlap(segment, other.converter);
    })
  );
}

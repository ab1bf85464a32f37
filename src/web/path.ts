/**
 * Path patterns: `/users/<int:id>/files/<path:name>`. Written as Werkzeug's, because the converter carries the
 * pattern, the type and, the other way round, the building of URLs. `<name>` and `:name` are short for `<string:name>`.
 */
import { converterFor } from "./converter-registry.ts";
import type { PathConverter, PathValue, PathValues } from "./path-converter.ts";
import { PathError } from "./path-error.ts";

/** The parameters of a path, by name: `PathParams<"/users/<int:id>">` is `{ readonly id: number }`. */
export type PathParams<Path extends string> = string extends Path
  ? ParamValues
  : { readonly [P in Parameter<Path, "/"> as P[0]]: P[1] };

/** The parameters of a path and of a host. */
export type RouteParams<Path extends string, Host extends string | undefined> = string extends Path
  ? ParamValues
  : {
      readonly [P in
        | Parameter<Path, "/">
        | (Host extends string ? Parameter<Host, "."> : never) as P[0]]: P[1];
    };

/** The union of [name, type] of the parameters of a path, or of a host. */
type Parameter<
  Text extends string,
  Separator extends string,
> = Text extends `${infer Segment}${Separator}${infer Rest}`
  ? SegmentParameter<Segment> | Parameter<Rest, Separator>
  : SegmentParameter<Text>;

type SegmentParameter<Segment extends string> = Segment extends `<${infer Inner}>?`
  ? Optional<Declared<Inner>>
  : Segment extends `<${infer Inner}>`
    ? Declared<Inner>
    : Segment extends `:${infer Name}?`
      ? [Name, string | undefined]
      : Segment extends `:${infer Name}`
        ? [Name, string]
        : never;

type Optional<P extends [string, unknown]> = [P[0], P[1] | undefined];

type Declared<Inner extends string> = Inner extends `${infer Converter}:${infer Name}`
  ? [Name, ValueOf<Converter>]
  : [Inner, string];

type ValueOf<Converter extends string> = Converter extends keyof PathValues
  ? PathValues[Converter]
  : Converter extends `any(${infer Choices})`
    ? Choice<Choices>
    : Converter extends `${infer Name extends keyof PathValues}(${string})`
      ? PathValues[Name]
      : unknown;

type Choice<Choices extends string> = Choices extends `${infer First},${infer Rest}`
  ? Trimmed<First> | Choice<Rest>
  : Trimmed<Choices>;

type Trimmed<Text extends string> = Text extends ` ${infer Rest}`
  ? Trimmed<Rest>
  : Text extends `${infer Rest} `
    ? Trimmed<Rest>
    : Text;

/** The parameters of a request by name, of whatever path. */
export type ParamValues = Readonly<Record<string, PathValue | undefined>>;

/** What a request's path was found to have. */
export interface MatchedPath {
  /** The path, decoded. */
  readonly path: string;
  readonly params: ParamValues;
}

/** A parameter in a pattern. */
export interface PathParameter {
  readonly name: string;
  readonly converter: PathConverter;
  /** Whether it can be left out, with the slash before it. */
  readonly optional: boolean;
}

/** What stands between two slashes of a path, or two dots of a host. */
export type PathSegment = string | PathParameter;

/** A pattern, taken apart at its slashes. */
export interface PathPattern {
  readonly path: string;
  readonly segments: readonly PathSegment[];
  /** Names of the parameters, in order. */
  readonly names: readonly string[];
}

/**
 * Text in a pattern is what the decoded path of a request is compared with: it is written as people read it,
 * not percent-encoded. A path with a slash at its end is another than the one without.
 * @throws PathError
 */
export function parsePath(path: string): PathPattern {
  const where = `the path ${quote(path)}`;
  if (!path.startsWith("/")) throw new PathError(`${where} must begin with /`);
  const texts = path.slice(1).split("/");
  const segments: PathSegment[] = [];
  for (const [index, text] of texts.entries()) {
    const isLast = index === texts.length - 1;
    const parameter = parseParameter(text, where);
    if (parameter === undefined) {
      checkText(text, isLast, where);
      segments.push(text);
      continue;
    }
    if (parameter.converter.spansSegments && !isLast) {
      throw new PathError(`in ${where} nothing may follow ${quote(text)}, which takes the whole rest`);
    }
    if (parameter.optional && !isLast) {
      throw new PathError(
        `in ${where} nothing may follow ${quote(text)}: only the last parameter can be left out`,
      );
    }
    segments.push(parameter);
  }
  return { path, segments, names: namesOf(segments, where) };
}

/**
 * Every way in which the segments of a pattern can be there: with the optional parameter, and without it.
 * Without the only segment the path is `/`.
 */
export function alternatives({ segments }: PathPattern): readonly (readonly PathSegment[])[] {
  const last = segments.at(-1);
  if (typeof last !== "object" || !last.optional) return [segments];
  return [segments, segments.length === 1 ? [""] : segments.slice(0, -1)];
}

/** Whether a text could be taken by both. */
export function segmentsOverlap(segment: PathSegment, converter: PathConverter): boolean {
  return typeof segment === "string" ? converter.takes(segment) : segment.converter.overlaps(converter);
}

/**
 * The names of parameters, in order.
 * @param where what they are in, for the message
 * @throws PathError if two have the same
 */
export function namesOf(segments: readonly PathSegment[], where: string): string[] {
  const names = segments.flatMap((segment) => (typeof segment === "string" ? [] : segment.name));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new PathError(`${where} has two parameters named ${quote(twice)}`);
  return names;
}

/**
 * Reads a parameter; undefined for a text that is none.
 * @throws PathError
 */
export function parseParameter(text: string, where: string): PathParameter | undefined {
  const isShort = text.startsWith(":");
  if (!isShort && !/^<.*>\??$/s.test(text)) return undefined;
  const optional = text.endsWith("?");
  const whole = optional ? text.slice(0, -1) : text;
  const inner = isShort ? whole.slice(1) : whole.slice(1, -1);
  const declared = isShort ? null : /^([^:()]*)(?:\(([^()]*)\))?:(.*)$/s.exec(inner);
  const name = declared === null ? inner : (declared[3] as string);
  if (!/^[A-Za-z_$][\w$]*$/.test(name) || name === "__proto__") throw badName(name, text, where);
  const options = declared?.[2]?.split(",").map((option) => option.trim()) ?? [];
  for (const option of options) checkText(option, true, where);
  try {
    return { name, optional, converter: converterFor(declared?.[1] ?? "string", options) };
  } catch (error) {
    if (error instanceof PathError) throw new PathError(`${where} has ${quote(text)}: ${error.message}`);
    throw error;
  }
}

function badName(name: string, text: string, where: string): PathError {
  const pattern = /[({]/.exec(name);
  if (text.startsWith(":") && pattern !== null) {
    return new PathError(
      `${where} has ${quote(text)}: a parameter's pattern is a converter's, such as <int:id>, or one of your own (defineConverter)`,
    );
  }
  return new PathError(
    `${where} has a parameter named ${quote(name)}: a name is letters, digits and _, as a variable's, and a parameter takes a whole segment`,
  );
}

function checkText(text: string, isLast: boolean, where: string): void {
  if (text === "" && !isLast) throw new PathError(`${where} has an empty segment (//)`);
  if (text === "." || text === "..") throw new PathError(`${where} has a segment ${text}`);
  if (/[<>]/.test(text)) {
    throw new PathError(
      `${where} has ${quote(text)}: a parameter takes a whole segment and is written <name> or <converter:name>`,
    );
  }
  // Reserved, so that a path pasted from elsewhere doesn't silently mean something else.
  const reserved = /[*?#{}\\\p{Cc}]/u.exec(text);
  if (reserved !== null)
    throw new PathError(`${where} may not have ${quote(reserved[0])} in it${hintFor(text)}`);
}

/** What is right instead of another framework's way to write a path. */
function hintFor(text: string): string {
  const wildcard = /^\*+([A-Za-z_]\w*)?$/.exec(text);
  if (wildcard !== null)
    return `; for the rest of a path write <path:${wildcard[1] ?? "rest"}>, or <path:${wildcard[1] ?? "rest"}>? where it may be empty`;
  if (text.startsWith("{:") || text.endsWith("{"))
    return "; the last parameter can be left out if it is written <name>?";
  const braces = /^\{([A-Za-z_]\w*)\}$/.exec(text);
  if (braces !== null) return `; a parameter is written <${braces[1]}>`;
  return "";
}

function quote(text: string): string {
  return JSON.stringify(text);
}

/**
 * Path patterns: `/users/<int:id>/files/<path:name>`. Written as Werkzeug's, because the converter carries the
 * pattern, the type and, the other way round, the building of URLs. `<name>` and `:name` are short for `<string:name>`.
 */
import { type PathConverter, type PathValues, pathConverters } from "./path-converter.ts";

/** The parameters of a path, by name: `PathParams<"/users/<int:id>">` is `{ readonly id: number }`. */
export type PathParams<Path extends string> = string extends Path
  ? ParamValues
  : { readonly [P in Parameter<Path> as P[0]]: P[1] };

/** The union of [name, type] of a path's parameters. */
type Parameter<Path extends string> = Path extends `${infer Segment}/${infer Rest}`
  ? SegmentParameter<Segment> | Parameter<Rest>
  : SegmentParameter<Path>;

type SegmentParameter<Segment extends string> = Segment extends `<${infer Converter}:${infer Name}>`
  ? [Name, Converter extends keyof PathValues ? PathValues[Converter] : unknown]
  : Segment extends `<${infer Name}>`
    ? [Name, string]
    : Segment extends `:${infer Name}`
      ? [Name, string]
      : never;

/** The parameters of a request by name, of whatever path. */
export type ParamValues = Readonly<Record<string, string | number>>;

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
}

/** A pattern, taken apart at its slashes. */
export interface PathPattern {
  readonly path: string;
  readonly segments: readonly (string | PathParameter)[];
  /** Names of the parameters, in order. */
  readonly names: readonly string[];
}

/** A path that can't be a pattern. The message says why, and what would be right. */
export class PathError extends Error {
  override readonly name = "PathError";
}

/**
 * Text in a pattern is what the decoded path of a request is compared with: it is written as people read it,
 * not percent-encoded. A path with a slash at its end is another than the one without.
 * @throws PathError
 */
export function parsePath(path: string): PathPattern {
  if (!path.startsWith("/")) throw new PathError(`the path ${quote(path)} must begin with /`);
  const texts = path.slice(1).split("/");
  const segments: (string | PathParameter)[] = [];
  const names: string[] = [];
  for (const [index, text] of texts.entries()) {
    const isLast = index === texts.length - 1;
    const parameter = parseParameter(text, path);
    if (parameter === undefined) {
      checkText(text, isLast, path);
      segments.push(text);
      continue;
    }
    if (names.includes(parameter.name)) {
      throw new PathError(`the path ${quote(path)} has two parameters named ${quote(parameter.name)}`);
    }
    if (parameter.converter.spansSegments && !isLast) {
      throw new PathError(
        `in the path ${quote(path)} nothing may follow ${quote(text)}, which takes the whole rest`,
      );
    }
    names.push(parameter.name);
    segments.push(parameter);
  }
  return { path, segments, names };
}

function parseParameter(text: string, path: string): PathParameter | undefined {
  const short = text.startsWith(":");
  if (!short && !(text.startsWith("<") && text.endsWith(">"))) return undefined;
  const inner = short ? `string${text}` : text.slice(1, -1);
  const colon = inner.indexOf(":");
  const converterName = colon < 0 ? "string" : inner.slice(0, colon);
  const name = inner.slice(colon + 1);
  const converter = pathConverters.get(converterName);
  if (converter === undefined) {
    const known = [...pathConverters.keys()].join(", ");
    throw new PathError(
      `the path ${quote(path)} asks for the unknown converter ${quote(converterName)}; there are: ${known}`,
    );
  }
  if (!/^[A-Za-z_$][\w$]*$/.test(name) || name === "__proto__") {
    throw new PathError(
      `the path ${quote(path)} has a parameter named ${quote(name)}: a name is letters, digits and _, as a variable's`,
    );
  }
  return { name, converter };
}

function checkText(text: string, isLast: boolean, path: string): void {
  if (text === "" && !isLast) throw new PathError(`the path ${quote(path)} has an empty segment (//)`);
  if (text === "." || text === "..") throw new PathError(`the path ${quote(path)} has a segment ${text}`);
  if (/[<>]/.test(text)) {
    throw new PathError(
      `the path ${quote(path)} has ${quote(text)}: a parameter takes a whole segment and is written <name> or <converter:name>`,
    );
  }
  // Reserved, so that a path pasted from elsewhere doesn't silently mean something else.
  const reserved = /[*?#{}\\\p{Cc}]/u.exec(text);
  if (reserved !== null) {
    const hint = reserved[0] === "*" ? "; for the rest of a path write <path:name>" : "";
    throw new PathError(`the path ${quote(path)} may not have ${quote(reserved[0])} in it${hint}`);
  }
}

function quote(text: string): string {
  return JSON.stringify(text);
}

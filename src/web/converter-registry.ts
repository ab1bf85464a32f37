/** All converters by name: the built-in ones and those that the application has defined. */
import { nearMatch } from "../net/loader/near-match.ts";
import { builtInConverters, type ConverterFactory, ownPriority, plain } from "./built-in-converters.ts";
import { LinearPattern } from "./linear-pattern.ts";
import type { JsonSchema, PathConverter, PathValues } from "./path-converter.ts";
import { PathError } from "./path-error.ts";

/** A converter of your own. It has `pattern`, `read` or both. */
export type ConverterDefinition<T> = ConverterSettings<T> &
  (string extends T
    ? { readonly pattern: RegExp; readonly read?: ReadText<T> } | { readonly read: ReadText<T> }
    : { readonly read: ReadText<T> });

/** Gives the value of a decoded segment, or undefined for one that the converter does not take: the route isn't there then. */
export type ReadText<T> = (text: string) => T | undefined;

export interface ConverterSettings<T> {
  /**
   * What a whole segment must look like. It is compiled so that its cost is a step for each character, whatever a client sends; so
   * it has no flags, look-around, back-references or anchors within.
   */
  readonly pattern?: RegExp;
  /** Gives the decoded text for a value, for `urlFor`. Default: a text or a number as it is. */
  readonly write?: (value: T) => string;
  /**
   * Which converter is tried first at the same place: the higher. `any` has 60, `int` 50, `float` 40, `date` 35, `uuid` 30,
   * `string` 20, `path` 10. Default 25.
   */
  readonly priority?: number;
  /** What it takes, for messages: `a slug, such as my-first-post`. */
  readonly accepts?: string;
  /** What the text is, in JSON Schema, for OpenAPI. Default: a string, with the pattern if there is one. */
  readonly schema?: JsonSchema;
}

const factories: Map<string, ConverterFactory> = new Map(Object.entries(builtInConverters));
/** Those in use, so that the same converter with the same options is one. */
const converters: Map<string, PathConverter> = new Map();

/**
 * Defines a converter for paths and hosts, for every app of the process. Its name and type are declared in `PathValues`:
 *
 *     declare module "socle" {
 *       interface PathValues {
 *         slug: string;
 *       }
 *     }
 *     defineConverter("slug", { pattern: /[a-z0-9-]+/ });
 *     app.get("/posts/<slug:name>", ({ params }) => params.name);
 *
 * Do so before the first path that names it.
 * @throws TypeError for a name that is taken or is none, and for a pattern that can't be compiled (see `pattern`)
 */
export function defineConverter<Name extends keyof PathValues>(
  name: Name,
  definition: ConverterDefinition<PathValues[Name]>,
): void {
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    throw new TypeError(
      `a converter can't be named ${JSON.stringify(name)}: a name is letters, digits and _`,
    );
  }
  if (factories.has(name)) throw new TypeError(`there is a converter named ${JSON.stringify(name)} already`);
  const { pattern, read, write, accepts, schema, priority } = definition;
  if (pattern === undefined && read === undefined) {
    throw new TypeError(`the converter ${JSON.stringify(name)} needs a pattern, or a function read(text)`);
  }
  const compiled = pattern === undefined ? undefined : new LinearPattern(pattern);
  const factory = plain(name, () => ({
    name,
    priority: priority ?? ownPriority,
    accepts: accepts ?? (pattern === undefined ? `what the converter ${name} takes` : `a text in ${pattern}`),
    schema: schema ?? {
      type: "string",
      ...(compiled === undefined ? {} : { pattern: `^(?:${compiled.source})$` }),
    },
    read(text, from, to) {
      if (compiled !== undefined && !compiled.matches(text, from, to)) return undefined;
      const segment = text.slice(from, to);
      return read === undefined ? segment : read(segment);
    },
    ...(write === undefined ? {} : { write }),
    ...(compiled === undefined ? {} : { pattern: compiled }),
  }));
  factories.set(name, factory);
}

/**
 * The converter that a path names.
 * @throws PathError if there is none of that name, or it has no such options
 */
export function converterFor(name: string, options: readonly string[]): PathConverter {
  const factory = factories.get(name);
  if (factory === undefined) {
    const near = nearMatch(name, factories.keys());
    const hint =
      near === undefined
        ? `there are: ${[...factories.keys()].join(", ")}; your own are made by defineConverter`
        : `did you mean ${near}?`;
    throw new PathError(`there is no converter ${JSON.stringify(name)}; ${hint}`);
  }
  const converter = factory(options);
  const known = converters.get(converter.name);
  if (known !== undefined) return known;
  converters.set(converter.name, converter);
  return converter;
}

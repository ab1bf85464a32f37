/** What may stand in a parameter's place in a path, and what the handler gets of it: Werkzeug's URL converters. */
import type { LinearPattern } from "./linear-pattern.ts";

/**
 * The type of a parameter by the name of its converter. A converter of your own (`defineConverter`) is declared here:
 *
 *     declare module "socle" {
 *       interface PathValues {
 *         slug: string;
 *       }
 *     }
 */
export interface PathValues {
  /** One segment. Options: `length`, `minlength`, `maxlength`, in UTF-16 code units as `text.length`. */
  string: string;
  /** Digits, up to the greatest safe integer. Options: `min`, `max`; with a `min` below 0 it takes a sign. */
  int: number;
  /** Digits, with or without a fraction. Options as for `int`. */
  float: number;
  /** In lower case. */
  uuid: string;
  /**
   * A day of the calendar (ISO 8601, years 0001 to 9999): `2026-02-28`. It stays a text: a `Date` would be an instant, and on
   * another day in half of the world's time zones. `Temporal.PlainDate.from` and databases take it as it is.
   */
  date: string;
  /** One of the texts that are its options: `any(asc,desc)`, whose type is `"asc" | "desc"`. */
  any: string;
  /** One or more segments. */
  path: string;
}

/** A parameter's value, by whatever converter. */
export type PathValue = PathValues[keyof PathValues];

/** A description in JSON Schema, for OpenAPI. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export interface PathConverterParts {
  /** With its options, in one spelling: `int(min=1,max=9)`. */
  readonly name: string;
  /** Which is tried first where several could match: the higher. */
  readonly priority: number;
  /** Whether it takes the rest of the path, slashes and all. */
  readonly spansSegments?: boolean;
  /** What it takes, to follow "must be": `a whole number`. */
  readonly accepts: string;
  /** What the texts that it takes are. */
  readonly schema: JsonSchema;
  /** Reads a decoded text from one place to another, or returns undefined for no match. */
  readonly read: (text: string, from: number, to: number) => unknown;
  /** The text for a value, which is taken only if `read` takes it. Default: a text or number as it is, and nothing else. */
  readonly write?: (value: never) => string;
  /** The least and the greatest that it takes: of values if it takes numbers, else of lengths. */
  readonly range?: readonly [least: number, greatest: number];
  /** All the texts that it takes. */
  readonly choices?: ReadonlySet<string>;
  readonly pattern?: LinearPattern;
}

export class PathConverter {
  readonly name: string;
  readonly priority: number;
  readonly spansSegments: boolean;
  readonly accepts: string;
  readonly schema: JsonSchema;
  readonly read: (text: string, from: number, to: number) => unknown;
  readonly #write: ((value: never) => string) | undefined;
  readonly #range: readonly [number, number] | undefined;
  readonly #choices: ReadonlySet<string> | undefined;
  readonly #pattern: LinearPattern | undefined;

  constructor(parts: PathConverterParts) {
    this.name = parts.name;
    this.priority = parts.priority;
    this.spansSegments = parts.spansSegments ?? false;
    this.accepts = parts.accepts;
    this.schema = parts.schema;
    this.read = parts.read;
    this.#write = parts.write;
    this.#range = parts.range;
    this.#choices = parts.choices;
    this.#pattern = parts.pattern;
  }

  /** The decoded text that stands for a value, or undefined for a value that no request can have. */
  write(value: unknown): string | undefined {
    const isPlain = typeof value === "string" || typeof value === "number" || typeof value === "bigint";
    if (this.#write === undefined && !isPlain) return undefined;
    const text = this.#write === undefined ? String(value) : this.#write(value as never);
    return typeof text === "string" && this.takes(text) ? text : undefined;
  }

  /** Whether both could take the same text. True where it can't be told. */
  overlaps(other: PathConverter): boolean {
    if (this === other) return true;
    if (this.#choices !== undefined) return [...this.#choices].some((text) => other.takes(text));
    if (other.#choices !== undefined) return other.overlaps(this);
    if (this.#range !== undefined && other.#range !== undefined && this.#kind === other.#kind) {
      return this.#range[0] <= other.#range[1] && other.#range[0] <= this.#range[1];
    }
    if (this.#pattern !== undefined && other.#pattern !== undefined) {
      return this.#pattern.overlaps(other.#pattern);
    }
    return true;
  }

  /** Whether it takes a whole text. */
  takes(text: string): boolean {
    return this.read(text, 0, text.length) !== undefined;
  }

  /** The name without options. */
  get #kind(): string {
    return this.name.split("(", 1)[0] as string;
  }
}

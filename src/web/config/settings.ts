/** What an application can be told from outside, and what types that gives. */
import type { Converter } from "../converters.ts";
import type { OutputOf, Schema } from "../validation/schemas.ts";

/** One setting. It can be given where it is read from: in the environment under `env`, and in the file under its own name. */
export interface Setting {
  /**
   * What reads it: a converter (`int`, `float`, `bool`, `duration`, `byteSize`, `url`, `oneOf`, `listOf`, a function of yours), or a
   * schema of zod, Valibot or ArkType, which is given the environment's text, or whatever the file has. Default: any text.
   */
  readonly type?: Converter<unknown> | Schema;
  /** What it is when nobody says it. Without it the setting must be given. */
  readonly default?: unknown;
  /** Whether it may be missing, and is undefined then. Default false. */
  readonly optional?: boolean;
  /** The environment variable that gives it. Default: none does. */
  readonly env?: string;
  /** Whether its value is kept out of messages and logs. Default false. */
  readonly secret?: boolean;
  /** What it is for, told to whoever forgot it. */
  readonly help?: string;
  /** The least that a number may be, in the unit of its type: milliseconds, bytes. */
  readonly min?: number;
  /** The greatest that a number may be. */
  readonly max?: number;
}

/** Settings by name. */
export type Settings = Readonly<Record<string, Setting>>;

/** The configuration that settings give: `Config<typeof settings>`. */
export type Config<S extends Settings> = { readonly [Name in keyof S]: SettingValue<S[Name]> };

type SettingValue<S extends Setting> = S extends { readonly default: unknown }
  ? TypeOf<S>
  : S extends { readonly optional: true }
    ? TypeOf<S> | undefined
    : TypeOf<S>;

type TypeOf<S extends Setting> = S extends { readonly type: infer Type }
  ? Type extends Schema
    ? OutputOf<Type>
    : Type extends Converter<infer Value>
      ? Value
      : never
  : string;

/** The names of those whose default is not of their type. */
export type BadDefaults<S extends Settings> = {
  [Name in keyof S]: S[Name] extends { readonly default: infer Default }
    ? Default extends TypeOf<S[Name]>
      ? never
      : Name
    : never;
}[keyof S];

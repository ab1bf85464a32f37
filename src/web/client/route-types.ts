/** What a route's type says to those who call it: what it takes, and what they get. */
import type { Html } from "../responses/html.ts";
import type { ResponseOf } from "../responses/json-response.ts";
import type { HandlerResult } from "../result.ts";
import type { AnyRoute, Route } from "../route.ts";
import type { UrlQuery } from "../url-text.ts";
import type { InputOf, RouteSchemas, Schema } from "../validation/schemas.ts";

/** What is there when a value was written as JSON and read again: a `Date` is its text. */
export type Json<T> = unknown extends T
  ? unknown
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends bigint
      ? string | number
      : T extends symbol | ((...args: never[]) => unknown)
        ? undefined
        : T extends { toJSON(...args: never[]): infer Written }
          ? Json<Written>
          : T extends readonly unknown[]
            ? { -readonly [Index in keyof T]: Json<T[Index]> }
            : T extends object
              ? { -readonly [Key in keyof T as Written<Key, T[Key]>]: Json<T[Key]> }
              : never;

/** The members that are written: not those with a symbol for a name, and no methods. */
type Written<Key, Value> = Key extends symbol
  ? never
  : Value extends (...args: never[]) => unknown
    ? never
    : Key;

/** What a handler's result arrives as. What the types don't tell is unknown. */
type Arrived<Result> = Result extends string | Html
  ? string
  : Result extends ResponseOf<infer Data>
    ? Json<Data>
    : Result extends ArrayBuffer | ArrayBufferView
      ? Uint8Array
      : Result extends AsyncIterable<unknown> | Generator | ReadableStream
        ? unknown
        : Json<Result>;

/** What a route's answer holds: what its `response` schema says, or else what its handler returns. */
export type AnswerOf<R extends AnyRoute> =
  R extends Route<string, string, infer Result, string | undefined, infer Schemas>
    ? Schemas["response"] extends Schema
      ? Arrived<InputOf<Schemas["response"]>>
      : Arrived<Result>
    : never;

/** A route's schemas. */
type SchemasOf<R extends AnyRoute> =
  R extends Route<string, string, HandlerResult, string | undefined, infer Schemas> ? Schemas : never;

/** The parameters that a call of a route needs. They can be left out where none is required. */
export type ParamsPart<Params> = keyof Params extends never
  ? { readonly params?: Readonly<Record<string, never>> }
  : Part<"params", Params>;

/** Query and body that a call of a route takes: what its schemas take, or anything. */
export type ContentParts<R extends AnyRoute> = QueryPart<SchemasOf<R>["query"]> & BodyPart<SchemasOf<R>>;

type QueryPart<S> = S extends Schema ? Part<"query", InputOf<S>> : { readonly query?: UrlQuery };

type BodyPart<Schemas extends RouteSchemas> = Schemas["body"] extends Schema
  ? Part<"json", InputOf<Schemas["body"]>> & { readonly form?: never }
  : Schemas["form"] extends Schema
    ? Part<"form", InputOf<Schemas["form"]>> & { readonly json?: never }
    : { readonly json?: unknown; readonly form?: UrlQuery };

/** A member that can be left out where nothing in it is required. */
type Part<Name extends string, Value> =
  Record<never, never> extends Value ? { readonly [N in Name]?: Value } : { readonly [N in Name]: Value };

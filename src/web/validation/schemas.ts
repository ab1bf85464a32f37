/** Which schemas a route can have, and what they mean for the types. A schema is whatever implements Standard Schema (version 1). */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { ResponseOf } from "../responses/json-response.ts";
import type { HandlerResult } from "../result.ts";

/** A schema of zod, Valibot, ArkType or any other library that implements Standard Schema. */
export type Schema = StandardSchemaV1;

/** What a schema takes. */
export type InputOf<S> = S extends StandardSchemaV1 ? StandardSchemaV1.InferInput<S> : never;

/** What a schema gives. */
export type OutputOf<S> = S extends StandardSchemaV1 ? StandardSchemaV1.InferOutput<S> : never;

/** The schemas of a route: undefined where there is none. */
export interface RouteSchemas<
  Body extends Schema | undefined = Schema | undefined,
  Form extends Schema | undefined = Schema | undefined,
  Query extends Schema | undefined = Schema | undefined,
  Params extends Schema | undefined = Schema | undefined,
  Headers extends Schema | undefined = Schema | undefined,
  Response extends Schema | undefined = Schema | undefined,
> {
  readonly body: Body;
  readonly form: Form;
  readonly query: Query;
  readonly params: Params;
  readonly headers: Headers;
  readonly response: Response;
}

/** Those of a route that was given none. */
export type NoSchemas = RouteSchemas<undefined, undefined, undefined, undefined, undefined, undefined>;

/** A part of the request that a schema can be for. */
export type RequestPart = "params" | "query" | "headers" | "body" | "form";

/** The type of `request.valid` where the route has no schema: nothing was checked, so nothing is there. */
export interface RouteWithoutSchema {
  /** Only there so that the type has a member. A route is given schemas in its options: `{ body: schema }`. */
  readonly [notChecked]?: never;
}

declare const notChecked: unique symbol;

/** The type of `request.valid`: a member for each schema of the route, with what the schema gives. */
export type Valid<Schemas extends RouteSchemas> = [Schemas] extends [NoSchemas]
  ? RouteWithoutSchema
  : {
      readonly [Part in RequestPart as Schemas[Part] extends Schema ? Part : never]: OutputOf<Schemas[Part]>;
    };

/** What a handler may return where its route has a `response` schema: what the schema takes, as it is or as a `Response`. */
export type ResultOf<Answer extends Schema | undefined> = Answer extends Schema
  ? Extract<InputOf<Answer>, HandlerResult> | ResponseOf<InputOf<Answer>>
  : HandlerResult;

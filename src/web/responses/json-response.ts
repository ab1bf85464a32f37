/** A response that the compiler knows the content of. */
import type { Response } from "../../gateway/response.ts";

declare const data: unique symbol;

interface MadeOf<Data> {
  /** For the compiler alone: there is no such member. */
  readonly [data]?: Data;
}

/** What `json(data)` returns: a `Response` whose type says what its JSON was made of, for `response` schemas and typed clients. */
export interface JsonResponse<Data> extends Response, MadeOf<Data> {}

/**
 * Any response, Socle's or the platform's, with JSON made of that, as far as its type says anything. It asks for little, as comparing
 * with all of a `Response` takes the compiler long.
 */
export interface ResponseOf<Data> extends MadeOf<Data> {
  readonly status: number;
  readonly bodyUsed: boolean;
}

/** A response that the compiler knows the content of. */
import type { Response } from "../../gateway/response.ts";

declare const data: unique symbol;

/** What JSON was made of. */
export interface MadeOf<Data> {
  /** For the compiler alone: there is no such member. */
  readonly [data]?: Data;
}

/** What `json(data)` returns: a `Response` whose type says what its JSON was made of, for `response` schemas and typed clients. */
export interface JsonResponse<Data> extends Response, MadeOf<Data> {}

/** A platform's response with JSON made of that, as far as its type says anything. */
export type PlatformJsonResponse<Data> = globalThis.Response & MadeOf<Data>;

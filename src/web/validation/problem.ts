/** Problem details: errors that programs can read (RFC 9457). */

/** The media type of a `Problem`. */
export const problemType = "application/problem+json";

export interface Problem {
  /** A URI that names the kind of problem; `about:blank` where the status says all. */
  readonly type: string;
  /** What the kind of problem is called. */
  readonly title: string;
  /** The answer's status. */
  readonly status: number;
  /** What is wrong this time. */
  readonly detail?: string;
  /** What was wrong with each field, of a request that was not valid. */
  readonly errors?: readonly FieldError[];
}

/** What is wrong with one field of a request. */
export interface FieldError {
  /** The part of the request that it stands in. */
  readonly in: "params" | "query" | "headers" | "body" | "form";
  /** Where it stands there, as a JSON Pointer (RFC 6901): `/tags/0`; "" for the part as a whole. */
  readonly pointer: string;
  /** What the schema says about it. */
  readonly detail: string;
}

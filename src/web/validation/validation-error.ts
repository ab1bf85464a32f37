/** What a request is answered with that a route's schemas don't take. */
import { reasonPhrase } from "../../http/status.ts";
import { HttpError } from "../http-error.ts";
import { type FieldError, type Problem, problemType } from "./problem.ts";

const STATUS = 422;

/** Errors that are listed: what a client has sent decides how many there are. */
const maxListed = 100;

/**
 * The request is well-formed, but not what the route's schemas take. It is answered with 422 and the errors as a problem (RFC 9457);
 * another answer, such as the page with the form, is made by `onError(ValidationError, …)`.
 */
export class ValidationError extends HttpError {
  override readonly name = "ValidationError";
  /** What is wrong, field by field, in all parts of the request. */
  readonly errors: readonly FieldError[];

  constructor(errors: readonly FieldError[]) {
    super(STATUS, problemOf(errors), { headers: { "content-type": problemType } });
    this.errors = errors;
  }
}

function problemOf(errors: readonly FieldError[]): Problem {
  const count = errors.length === 1 ? "1 error" : `${errors.length} errors`;
  const left = errors.length > maxListed ? `, of which the first ${maxListed} are listed` : "";
  return {
    type: "about:blank",
    title: reasonPhrase(STATUS),
    status: STATUS,
    detail: `the request has ${count}${left}`,
    errors: errors.slice(0, maxListed),
  };
}

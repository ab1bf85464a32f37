/** What a call is rejected with that was answered with an error. */
import type { FieldError, Problem } from "../validation/problem.ts";

export class ClientError extends Error {
  override readonly name = "ClientError";
  /** 400 to 599, or what else is no success. */
  readonly status: number;
  /** What the answer holds: what JSON it is, else text. */
  readonly body: unknown;
  /** That, where the answer is a problem (RFC 9457), as for a request that was not valid. */
  readonly problem: Problem | undefined;
  /** The answer, of which the body was read. */
  readonly response: Response;

  constructor(call: string, response: Response, body: unknown) {
    const problem = isProblem(response, body) ? body : undefined;
    const detail = problem?.detail ?? (typeof body === "string" ? body.trim() : "");
    super(`${call} was answered with ${response.status}${detail === "" ? "" : `: ${detail.slice(0, 200)}`}`);
    this.status = response.status;
    this.body = body;
    this.problem = problem;
    this.response = response;
  }

  /** What was wrong with each field, of a request that was not valid; else nothing. */
  get errors(): readonly FieldError[] {
    return this.problem?.errors ?? [];
  }
}

function isProblem(response: Response, body: unknown): body is Problem {
  const type = response.headers.get("content-type") ?? "";
  return type.startsWith("application/problem+json") && typeof body === "object" && body !== null;
}

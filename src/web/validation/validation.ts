/** What a route's schemas do: the request is checked before the handler, and what it returns, where that is wanted, behind it. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { isThenable } from "../../gateway/application.ts";
import { isForeignResponse } from "../../gateway/foreign-response.ts";
import { isResponse } from "../../gateway/response.ts";
import { type Request, setValid } from "../request.ts";
import type { HandlerResult } from "../result.ts";
import { describeIssues, pointerOf } from "./issues.ts";
import { type CheckedPart, checkedParts, checkPart } from "./parts.ts";
import type { FieldError } from "./problem.ts";
import type { RequestPart, RouteSchemas, Schema } from "./schemas.ts";
import { ValidationError } from "./validation-error.ts";

/** A handler of whatever request. */
type AnyHandler = (request: Request<never>) => HandlerResult | Promise<HandlerResult>;

type SchemaResult = StandardSchemaV1.Result<unknown>;

/** What has been found out about one request. */
class Findings {
  readonly valid: Partial<Record<RequestPart, unknown>> = {};
  errors: FieldError[] | undefined;

  add(part: RequestPart, result: SchemaResult): void {
    if (result.issues === undefined) {
      this.valid[part] = result.value;
      return;
    }
    this.errors ??= [];
    for (const issue of result.issues) {
      this.errors.push({ in: part, pointer: pointerOf(issue), detail: issue.message });
    }
  }
}

/**
 * One route's. Everything is done at once where the schemas check at once and the body has come; only where one of them makes
 * it wait is there a promise.
 */
export class Validation {
  readonly #parts: readonly CheckedPart[];
  readonly #response: Schema | undefined;
  #checksResponses = false;

  constructor(schemas: RouteSchemas) {
    this.#parts = checkedParts(schemas);
    this.#response = schemas.response;
  }

  /** From now on what handlers return is checked as well. */
  checkResponses(): void {
    this.#checksResponses = true;
  }

  /** The handler behind the checks. It throws a `ValidationError` that names what is wrong in all parts. */
  around<Result extends HandlerResult>(
    handler: (request: Request<never>) => Result | Promise<Result>,
  ): (request: Request<never>) => Result | Promise<Result> {
    const checked: AnyHandler = (request) => {
      const findings = new Findings();
      const waiting = this.#check(request, findings, 0);
      if (waiting === undefined) return this.#answer(handler, request, findings);
      return waiting.then(() => this.#answer(handler, request, findings));
    };
    // By this name the route is listed.
    Object.defineProperty(checked, "name", { value: handler.name });
    return checked as (request: Request<never>) => Result | Promise<Result>;
  }

  /** Checks the parts from one on. */
  #check(request: Request<never>, findings: Findings, from: number): Promise<void> | undefined {
    for (let i = from; i < this.#parts.length; i++) {
      const part = this.#parts[i] as CheckedPart;
      const result = checkPart(part, request);
      if (isThenable(result)) return this.#checkLater(request, findings, i, result);
      findings.add(part.name, result as SchemaResult);
    }
    return undefined;
  }

  async #checkLater(
    request: Request<never>,
    findings: Findings,
    at: number,
    result: PromiseLike<unknown>,
  ): Promise<void> {
    findings.add((this.#parts[at] as CheckedPart).name, (await result) as SchemaResult);
    await this.#check(request, findings, at + 1);
  }

  #answer(
    handler: AnyHandler,
    request: Request<never>,
    { valid, errors }: Findings,
  ): HandlerResult | Promise<HandlerResult> {
    if (errors !== undefined) throw new ValidationError(errors);
    setValid(request, valid);
    const result = handler(request);
    if (!this.#checksResponses || this.#response === undefined) return result;
    return checkResult(this.#response, result);
  }
}

/** Gives the result as it is: what is sent must not depend on whether it is checked. What is a response says itself what it is. */
async function checkResult(
  schema: Schema,
  result: HandlerResult | Promise<HandlerResult>,
): Promise<HandlerResult> {
  const value = await result;
  if (typeof value === "object" && (isResponse(value) || isForeignResponse(value))) return value;
  const { issues } = await schema["~standard"].validate(value);
  if (issues === undefined) return value;
  throw new TypeError(
    `the handler returned what its response schema doesn't take: ${describeIssues(issues)}`,
  );
}

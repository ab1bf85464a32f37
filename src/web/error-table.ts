/** Which function answers for an error, in one app or blueprint. */
import { RequestError } from "../http/errors.ts";
import { HttpError } from "./http-error.ts";
import type { Request } from "./request.ts";
import type { HandlerResult } from "./result.ts";

/** Answers for an error. What it returns is sent with the error's status, unless it is a `Response`, which has its own. */
export type ErrorHandler<Thrown = unknown> = (
  error: Thrown,
  request: Request,
) => HandlerResult | Promise<HandlerResult>;

/** A class of errors; abstract ones too. */
export type ErrorClass<Thrown> = abstract new (...args: never[]) => Thrown;

export class ErrorTable {
  readonly #byStatus: Map<number, ErrorHandler> = new Map();
  readonly #byPrototype: Map<object, ErrorHandler> = new Map();

  /**
   * @throws TypeError for what is neither a status nor a class, and if there is a handler for it already.
   * @throws RangeError for a status that is no error's.
   */
  add(what: number | ErrorClass<unknown>, handler: ErrorHandler): void {
    if (typeof handler !== "function")
      throw new TypeError(`the error handler for ${nameOf(what)} is no function`);
    if (typeof what === "number") {
      if (!Number.isInteger(what) || what < 400 || what > 599) {
        throw new RangeError(`an error's status is an integer from 400 to 599, not ${what}`);
      }
      addNew(this.#byStatus, what, handler, what);
    } else {
      const prototype: unknown = typeof what === "function" ? what.prototype : undefined;
      if (typeof prototype !== "object" || prototype === null) {
        throw new TypeError(
          `errors are handled by status (404) or by class (RangeError), not by ${nameOf(what)}`,
        );
      }
      addNew(this.#byPrototype, prototype, handler, what);
    }
  }

  /**
   * The handler that fits closest: for an error that has a status (an `HttpError`) that of the status, then those of its class and
   * the classes above; for any other first those of its classes, then that of status 500.
   */
  find(error: unknown): ErrorHandler | undefined {
    const status = ownStatus(error);
    const byStatus = this.#byStatus.get(status ?? 500);
    return status === undefined
      ? (this.#findByClass(error) ?? byStatus)
      : (byStatus ?? this.#findByClass(error));
  }

  #findByClass(error: unknown): ErrorHandler | undefined {
    if (this.#byPrototype.size === 0 || typeof error !== "object") return undefined;
    for (let object = error; object !== null; object = Object.getPrototypeOf(object)) {
      const handler = this.#byPrototype.get(object);
      if (handler !== undefined) return handler;
    }
    return undefined;
  }
}

/** The status that an error names, or undefined where it is a fault. */
export function ownStatus(error: unknown): number | undefined {
  return error instanceof HttpError || error instanceof RequestError ? error.status : undefined;
}

function addNew<Key>(
  handlers: Map<Key, ErrorHandler>,
  key: Key,
  handler: ErrorHandler,
  what: number | ErrorClass<unknown>,
): void {
  if (handlers.has(key)) throw new TypeError(`there is an error handler for ${nameOf(what)} already`);
  handlers.set(key, handler);
}

function nameOf(what: unknown): string {
  return typeof what === "function" && what.name !== "" ? what.name : String(what);
}

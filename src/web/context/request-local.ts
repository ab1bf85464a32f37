/** `local<T>()`: a value of a request's own, typed by its handle and not by the request. */
import { LocalProxy } from "../../context/local-proxy.ts";
import { UnboundError } from "../../context/unbound-error.ts";
import type { Request } from "../request.ts";
import { requestFor } from "./current.ts";

/**
 * A handle for one value per request. Without a request the methods take the current one, which there is only where a module
 * imports `socle/globals`, or in `app.testContext`; where there is none they throw an `UnboundError`.
 */
export class RequestLocal<T> {
  readonly #initial: ((request: Request) => T) | undefined;
  /** By request, so that it goes when the request goes. */
  readonly #values: WeakMap<object, T> = new WeakMap();

  constructor(initial: ((request: Request) => T) | undefined) {
    this.#initial = initial;
  }

  /**
   * The request's value.
   * @throws UnboundError if nothing was set, and the handle was made without an initial value.
   */
  get(request?: RequestKey): T {
    const key = keyOf(request, "get");
    const value = this.#values.get(key);
    if (value !== undefined || this.#values.has(key)) return value as T;
    if (this.#initial === undefined) {
      throw new UnboundError(
        "a value of local() was read before it was set for this request: set it first, ask has(request), or give local() a function that makes it",
      );
    }
    const initial = this.#initial(key as Request);
    this.#values.set(key, initial);
    return initial;
  }

  /** Sets the current request's value. */
  set(value: T): void;
  /** Sets the request's value. */
  set(request: RequestKey, value: T): void;
  set(...args: [value: T] | [request: RequestKey, value: T]): void {
    if (args.length === 1) this.#values.set(keyOf(undefined, "set"), args[0]);
    else this.#values.set(keyOf(args[0], "set"), args[1]);
  }

  /** Whether the request has a value. */
  has(request?: RequestKey): boolean {
    return this.#values.has(keyOf(request, "has"));
  }

  /** Takes the request's value away, and tells whether there was one. */
  delete(request?: RequestKey): boolean {
    return this.#values.delete(keyOf(request, "delete"));
  }
}

/** A request of whatever route. */
export type RequestKey = Request<unknown>;

/** The request itself, where `request` of `socle/globals` stands for it. */
function keyOf(request: RequestKey | undefined, method: string): object {
  return request === undefined ? requestFor(`${method}() of a local()`) : LocalProxy.currentObject(request);
}

/**
 *     const user = local<User>();
 *     user.set(request, await findUser(request));
 *     user.get(request).name;
 *
 * @param initial makes the value when it is first read: `const db = local((request) => open(request.path))`
 */
export function local<T>(initial?: (request: Request) => T): RequestLocal<T> {
  return new RequestLocal(initial);
}

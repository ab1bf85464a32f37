/** What the gateway takes for an application. One that speaks `Exchange` is known by its method's name, which nobody else uses. */
import type { Exchange } from "../http/exchange.ts";

/** An application that speaks `Exchange` directly, such as the framework's `App`. */
export interface Application {
  /** Answers one exchange. A returned promise is only watched for its rejection. */
  handleExchange(exchange: Exchange): void | Promise<void>;
  /** Called once before the first request; a rejection fails the start. */
  start?(): void | Promise<void>;
  /**
   * Called once when a stop is to come, as soon as that is known: what lasts, such as a stream of events, may say goodbye. Requests still
   * come meanwhile.
   */
  drain?(): void | Promise<void>;
  /** Called once after the last request. */
  stop?(): void | Promise<void>;
}

/** Whether a value is an application that speaks `Exchange`. */
export function isApplication(value: unknown): value is Application {
  return hasMethod(value, "handleExchange");
}

/** Whether a value is an object, or a function with properties. */
export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/**
 * Whether a value has a method of that name. It is asked for with `in` first: routers that are proxies, such as
 * itty-router's, have a function under every name that is read.
 */
export function hasMethod<Name extends string>(
  value: unknown,
  name: Name,
): value is Readonly<Record<Name, (...args: never[]) => unknown>> {
  return (
    isObject(value) &&
    name in value &&
    typeof (value as Readonly<Record<string, unknown>>)[name] === "function"
  );
}

/** Whether a handler's result is to be waited for. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as Partial<PromiseLike<unknown>>).then === "function"
  );
}

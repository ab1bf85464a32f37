/**
 * What the gateway takes for an application. An application of Socle's own has one
 * method, named by a symbol so that no foreign object is mistaken for it.
 */
import type { Exchange } from "../http/exchange.ts";

/** The key of the method by which an application takes exchanges. Shared between copies of the package. */
export const exchangeHandler: unique symbol = Symbol.for("socle.exchangeHandler");

/** An application that speaks `Exchange` directly, such as the framework's `App`. */
export interface Application {
  [exchangeHandler](exchange: Exchange): void | Promise<void>;
  /** Called once before the first request; a rejection fails the start. */
  onStart?(): void | Promise<void>;
  /** Called once after the last request. */
  onStop?(): void | Promise<void>;
}

/** Whether a value is an application that speaks `Exchange`. */
export function isApplication(value: unknown): value is Application {
  return (
    (typeof value === "object" || typeof value === "function") &&
    value !== null &&
    typeof (value as Partial<Application>)[exchangeHandler] === "function"
  );
}

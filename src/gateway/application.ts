/** What the gateway takes for an application. One that speaks `Exchange` is known by its method's name, which nobody else uses. */
import type { Exchange } from "../http/exchange.ts";

/** An application that speaks `Exchange` directly, such as the framework's `App`. */
export interface Application {
  /** Answers one exchange. A returned promise is only watched for its rejection. */
  handleExchange(exchange: Exchange): void | Promise<void>;
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
    typeof (value as Partial<Application>).handleExchange === "function"
  );
}

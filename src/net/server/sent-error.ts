/** Errors on their way to another thread or process. */

import { OptionError } from "../listener/option-error.ts";
import { HandlerModuleError } from "./handler-module.ts";
import { WorkerDied } from "./worker-died.ts";

/** An error as a plain object. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  /** `code`, where it has one, such as `EADDRINUSE`. */
  readonly code: string | null;
}

export function toSentError(thrown: unknown): SentError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { code } = error as { code?: unknown };
  return {
    name: error.name,
    message: error.message,
    stack: error.stack ?? "",
    code: typeof code === "string" ? code : null,
  };
}

/** The error again. It is of its class where that is one of Socle's that tell of a worker; else it has the class's name. */
export function fromSentError({ name, message, stack, code }: SentError): Error {
  const error = classes[name]?.(message) ?? Object.assign(new Error(message), { name });
  error.stack = stack;
  return code === null ? error : Object.assign(error, { code });
}

const classes: Readonly<Record<string, (message: string) => Error>> = {
  HandlerModuleError: (message) => new HandlerModuleError(message),
  OptionError: (message) => new OptionError(message),
  WorkerDied: (message) => new WorkerDied(message, null),
};

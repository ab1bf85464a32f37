/**
 * What the globals stand for: the app and the request that are being worked for. Inside the framework both are passed on as
 * arguments; a context is entered for those who import `socle/globals`, and by hand (`app.context`, `app.testContext`).
 */
import { ContextVariable } from "../../context/context-variable.ts";
import type { Request } from "../request.ts";

export class Context {
  /** The `App`. Its type is not known here, so that apps can know contexts. */
  readonly app: object;
  /** Undefined in a context of the app alone. */
  readonly request: Request | undefined;
  #g: Record<string, unknown> | undefined;

  constructor(app: object, request: Request | undefined) {
    this.app = app;
    this.request = request;
  }

  get g(): Record<string, unknown> {
    return (this.#g ??= Object.create(null) as Record<string, unknown>);
  }
}

const variable: ContextVariable<Context> = new ContextVariable();

export function currentContext(): Context | undefined {
  return variable.get();
}

/** Calls a function in a context. What locals hold here they hold there. */
export function runInContext<Result>(context: Context, fn: () => Result): Result {
  return variable.run(context, fn);
}

/**
 * Calls a function in the context of a request that came from outside. Nothing of where it is called from reaches it: that
 * may be the end of the connection's last request, or another app's handler.
 */
export function runRequest<Result>(context: Context, fn: () => Result): Result {
  return variable.runAlone(context, fn);
}

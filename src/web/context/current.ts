/** What is current, for those who have no request at hand; and the sentence for when there is nothing. */
import { contextsInUse } from "../../context/context-variable.ts";
import { UnboundError } from "../../context/unbound-error.ts";
import type { Request } from "../request.ts";
import { type Context, currentContext } from "./context.ts";

/**
 * The context that is needed for something.
 * @param used what was used, as the user wrote it
 * @throws UnboundError outside of a context
 */
export function contextFor(used: string): Context {
  const context = currentContext();
  if (context === undefined) {
    throw new UnboundError(
      `${used} was used outside of a request: ${why()} Pass what is needed as an argument, or run the code in app.context(fn), or with a request of your own in app.testContext("/path", fn).`,
    );
  }
  return context;
}

/**
 * The request that is needed for something.
 * @throws UnboundError outside of a request
 */
export function requestFor(used: string): Request {
  const context = currentContext();
  if (context?.request === undefined) {
    const where =
      context === undefined ? "outside of a request" : "in an app.context(fn), which has no request";
    const reason = context === undefined ? ` ${why()}` : "";
    throw new UnboundError(
      `${used} was used ${where}:${reason} Pass the request as an argument, or run the code with a request of your own in app.testContext("/path", fn).`,
    );
  }
  return context.request;
}

function why(): string {
  return contextsInUse
    ? "what runs here was not started by a handler (a module's top level, a timer or an event of the process)."
    : 'no module imports "socle/globals", so requests enter no context.';
}

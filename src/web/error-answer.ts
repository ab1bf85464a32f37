/** What becomes of an error: the one place where errors are turned into answers. */
import { faultLog, faultPage } from "../gateway/fault-page.ts";
import { Response } from "../gateway/response.ts";
import { isDeparture, RequestError } from "../http/errors.ts";
import type { Exchange } from "../http/exchange.ts";
import { type ErrorHandler, ownStatus } from "./error-table.ts";
import type { AnyScope } from "./hooks.ts";
import { HttpError, statusTitle } from "./http-error.ts";
import type { Request } from "./request.ts";
import { sentBy } from "./responses/sender.ts";
import { toResponse } from "./result.ts";
import { hooksOf } from "./scope.ts";

/** Told of each error that is a fault of the application. The exchange is that of its request; undefined for a background task's. */
export type ErrorLog = (error: unknown, exchange: Exchange | undefined) => void;

/** Writes method, target and the error with its stack and causes to standard error. */
export const logToConsole: ErrorLog = (error, exchange) => {
  if (faultLog !== null) faultLog(error, exchange);
  else if (exchange === undefined) console.error("In a background task:", error);
  // The target is the client's text, and so never the format.
  else console.error("%s %s:", exchange.method, exchange.target, error);
};

/**
 * Makes an error an answer, by the handler that the scope or one that it is in has for it; else an `HttpError` and the engine's
 * `RequestError` are answered as they say, and anything else with a 500 that tells nothing. Whatever gives a 5xx is logged.
 * Nothing is thrown, and the promise is never rejected.
 */
export function errorResponse(
  error: unknown,
  scope: AnyScope,
  request: () => Request,
  exchange: Exchange,
  log: (error: unknown) => void,
): Response | Promise<Response> {
  // The client has gone: what fails by that is nobody's fault, and nobody sees the answer.
  if (exchange.closed) {
    if (!isDeparture(error)) log(error);
    return plainResponse(new HttpError(500), log);
  }
  const handler = findHandler(error, scope);
  if (handler !== undefined) return handle(error, handler, request(), log);
  if ((ownStatus(error) ?? 500) >= 500) log(error);
  return plainResponse(error, log);
}

function findHandler(error: unknown, scope: AnyScope): ErrorHandler | undefined {
  for (let at: AnyScope | undefined = scope; at !== undefined; at = at.parent) {
    const handler = hooksOf(at).errors.find(error);
    if (handler !== undefined) return handler;
  }
  return undefined;
}

async function handle(
  error: unknown,
  handler: ErrorHandler,
  request: Request,
  log: (error: unknown) => void,
): Promise<Response> {
  let response: Response;
  try {
    const source = `an error handler for ${request.method} ${request.path}`;
    response = await toResponse(await handler(error, request), source, ownStatus(error) ?? 500);
    if (error instanceof HttpError) addMissing(response, error);
  } catch (fault) {
    log(error);
    if (ownStatus(fault) === undefined) log(fault);
    return plainResponse(fault, log);
  }
  if (response.status >= 500) log(error);
  return response;
}

/** What the error has to say in headers, such as `Allow`, stays said. */
function addMissing(response: Response, { headers }: HttpError): void {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (!response.headers.has(name)) response.headers.append(name, headers[i + 1] as string);
  }
}

function plainResponse(error: unknown, log: (error: unknown) => void): Response {
  try {
    if (error instanceof HttpError) {
      const response = toResponse(error.body, "an HttpError", error.status) as Response;
      for (let i = 0; i < error.headers.length; i += 2) {
        const name = error.headers[i] as string;
        const value = error.headers[i + 1] as string;
        if (name === "content-type") response.headers.set(name, value);
        else response.headers.append(name, value);
      }
      return response;
    }
    if (error instanceof RequestError) return toResponse(error.message, "", error.status) as Response;
  } catch (fault) {
    log(fault);
  }
  const response = new Response(statusTitle(500), { status: 500 });
  if (faultPage === null) return response;
  return sentBy(response, (exchange) => {
    if (faultPage?.(exchange, error) !== true) exchange.respond(500, [], statusTitle(500));
    return undefined;
  });
}

/** What becomes of an error: the one place where errors are turned into answers. */
import { jsonHeaders, textHeaders } from "../gateway/response.ts";
import { isDeparture, RequestError } from "../http/errors.ts";
import type { Exchange, HeaderList } from "../http/exchange.ts";
import { HttpError, statusTitle } from "./http-error.ts";

/** Told of each error that is a fault of the application. */
export type ErrorLog = (error: unknown, exchange: Exchange) => void;

/** Writes method, target and the error with its stack and causes to standard error. */
export const logToConsole: ErrorLog = (error, exchange) => {
  // The target is the client's text, and so never the format.
  console.error("%s %s:", exchange.method, exchange.target, error);
};

/**
 * Answers for an error: an `HttpError` and the engine's `RequestError` as they say, anything else with a 500 that tells
 * nothing. Whatever gives a 5xx, or cuts an answer that was begun, is logged.
 */
export function answerError(exchange: Exchange, error: unknown, log: ErrorLog): void {
  if (exchange.closed) {
    // The client has gone: what fails by that is nobody's fault.
    if (!isDeparture(error)) log(error, exchange);
    return;
  }
  if (exchange.started) {
    exchange.abort();
    log(error, exchange);
    return;
  }
  if (error instanceof HttpError) {
    try {
      respondHttpError(exchange, error);
    } catch (fault) {
      answerFault(exchange, fault, log);
    }
    if (error.status >= 500) log(error, exchange);
    return;
  }
  if (error instanceof RequestError) {
    exchange.respond(error.status, textHeaders, error.message);
    return;
  }
  answerFault(exchange, error, log);
}

function respondHttpError(exchange: Exchange, error: HttpError): void {
  const { status, body, headers } = error;
  const isText = typeof body === "string";
  const text = isText ? body : JSON.stringify(body);
  exchange.respond(status, withContentType(headers, isText ? textHeaders : jsonHeaders), text);
}

function withContentType(headers: HeaderList, contentType: HeaderList): HeaderList {
  if (headers.length === 0) return contentType;
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] === "content-type") return headers;
  }
  return contentType.concat(headers);
}

function answerFault(exchange: Exchange, error: unknown, log: ErrorLog): void {
  if (exchange.started) exchange.abort();
  else exchange.respond(500, textHeaders, statusTitle(500));
  log(error, exchange);
}

/** What `startResponse` is given: checked while the application still runs, as PEP 3333 asks for ("The start_response() Callable"). */
import { ExchangeError } from "../../http/errors.ts";
import { fieldLines } from "../../http/response-head.ts";
import { kindOf } from "./kind-of.ts";
import { WsgiError } from "./wsgi-interface.ts";

/** What an application may not send (PEP 3333, "Other HTTP Features"; RFC 2616 §13.5.1, RFC 9110 §7.6.1). */
export const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "trailers",
  "transfer-encoding",
  "upgrade",
]);

/** @throws WsgiError unless it is a status from 200 to 599, one space and a reason, as in `200 OK` */
export function parseStatus(status: unknown): number {
  if (typeof status !== "string") {
    throw new WsgiError(`the status is ${kindOf(status)}: startResponse takes a string such as "200 OK"`);
  }
  if (!/^[2-5][0-9]{2} [\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?$/.test(status)) {
    throw new WsgiError(
      `${JSON.stringify(status)} is no status: startResponse takes a number from 200 to 599, one space and a reason, such as "200 OK"`,
    );
  }
  return Number(status.slice(0, 3));
}

/**
 * The pairs as a list for an `Exchange`.
 * @throws WsgiError for what is no list of pairs of strings, and for a field that may not be sent
 */
export function flattenHeaders(headers: unknown): string[] {
  if (!Array.isArray(headers)) {
    throw new WsgiError(
      `the headers are ${kindOf(headers)}: startResponse takes an array of [name, value] pairs`,
    );
  }
  const list: string[] = [];
  for (const pair of headers as unknown[]) {
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw new WsgiError(
        `among the headers is ${kindOf(pair)} that is no [name, value] pair: ${JSON.stringify(pair)}`,
      );
    }
    const [name, value] = pair as [string, string];
    if (typeof name === "string" && hopByHop.has(name.toLowerCase())) {
      throw new WsgiError(
        `the header "${name}" is hop-by-hop: it is the server's, and an application may not send it`,
      );
    }
    list.push(name, value);
  }
  try {
    fieldLines(list);
  } catch (error) {
    throw error instanceof ExchangeError ? new WsgiError(error.message) : error;
  }
  return list;
}

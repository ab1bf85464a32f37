/**
 * Responses that are finished when they are sent, with a look at the request: a file (its ranges), validators (304), events
 * (`Last-Event-ID`), compression. So the helpers need no request, and nothing is opened for an answer that is never sent.
 */
import type { Response } from "../../gateway/response.ts";
import { sendResponse } from "../../gateway/send.ts";
import type { Exchange } from "../../http/exchange.ts";

/** Sends the response it belongs to. It follows the rules of `sendResponse`. */
export type Sender = (exchange: Exchange) => Promise<void> | undefined;

const SENDER = Symbol("sender");

interface Marked {
  [SENDER]?: Sender;
}

/** Has a response sent by `sender`, and returns the response. Headers that are set later are sent as well. */
export function sentBy<Sent extends Response>(response: Sent, sender: Sender): Sent {
  (response as Marked)[SENDER] = sender;
  return response;
}

/** What sends a response now. */
export function senderOf(response: Response): Sender {
  return (response as Marked)[SENDER] ?? ((exchange) => sendResponse(exchange, response));
}

/** Sends a response by its sender, if it has one of its own. */
export function sendOwn(exchange: Exchange, response: Response): Promise<void> | undefined {
  const sender = (response as Marked)[SENDER];
  return sender === undefined ? sendResponse(exchange, response) : sender(exchange);
}

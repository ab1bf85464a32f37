/** Server-sent events as an answer (HTML standard, §9.2). */
import { Headers } from "../../gateway/headers.ts";
import { Response, type ResponseInit } from "../../gateway/response.ts";
import { sendResponse } from "../../gateway/send.ts";
import { utf8Text } from "../utf8-text.ts";
import { retryLine } from "./event-format.ts";
import { type EventProducer, EventSourceBody } from "./event-source.ts";
import { sentBy } from "./sender.ts";

export interface SseOptions {
  /**
   * Milliseconds without an event after which a comment is sent, so that proxies don't take the stream for dead and a client
   * that has gone is noticed. 0 for none. Default 15 s; up to a second later.
   */
  readonly heartbeat?: number | undefined;
  /** Milliseconds that the browser is to wait before it comes back when the connection breaks. Default: its own, some seconds. */
  readonly retry?: number | undefined;
  /** Bytes of events that may wait for a client that takes them too slowly; beyond it the connection is cut. Default 1 MiB. */
  readonly maxQueuedBytes?: number | undefined;
  readonly headers?: ResponseInit["headers"];
}

/**
 * Sends events to an `EventSource`, until the producer or the client ends it.
 *
 *     app.get("/ticks", () => sse(async function* ({ lastEventId, signal }) {
 *       for (let n = Number(lastEventId) + 1; ; n++) {
 *         yield { id: String(n), data: { n } };
 *         await setTimeout(1000, undefined, { signal });
 *       }
 *     }));
 *
 * @throws TypeError for a `retry` that is no whole number, and for a header that can't be sent.
 */
export function sse(producer: EventProducer, options: SseOptions = {}): Response {
  const { heartbeat = 15_000, retry, maxQueuedBytes = 1024 * 1024 } = options;
  const prelude = retry === undefined ? "" : `${retryLine(retry)}\n`;
  const body = new EventSourceBody(producer, { heartbeat, maxQueuedBytes, prelude });
  const headers = new Headers(options.headers);
  headers.set("content-type", "text/event-stream");
  // What would keep events back on the way to the client: caches, compression, nginx's buffer.
  headers.set("cache-control", "no-cache, no-transform");
  headers.set("x-accel-buffering", "no");
  const response = new Response(body, { headers });
  return sentBy(response, (exchange) => {
    body.lastEventId = utf8Text(exchange.headers.get("last-event-id") ?? "");
    return sendResponse(exchange, response);
  });
}

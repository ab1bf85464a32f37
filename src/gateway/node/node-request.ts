/** Makes Node's request of an exchange. */
import { type IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Exchange } from "../../http/exchange.ts";
import { mountPathOf } from "../mount-path.ts";
import type { InnerRequest } from "./node-internals.ts";

/** The request, with its head; its body comes as it is read. */
export function makeRequest(exchange: Exchange, socket: Socket): InnerRequest {
  const request = new IncomingMessage(socket) as InnerRequest;
  const { httpVersion, body } = exchange;
  request.method = exchange.method;
  request.url = exchange.target;
  request.httpVersion = httpVersion;
  request.httpVersionMajor = httpVersion === "2.0" ? 2 : 1;
  request.httpVersionMinor = httpVersion === "1.1" ? 1 : 0;
  addHeaders(request, exchange.headers.rawList);
  const mountPath = mountPathOf(exchange);
  if (mountPath !== "") {
    // As Express and Connect tell the applications that they have mounted.
    Object.assign(request, { baseUrl: mountPath, originalUrl: mountPath + exchange.target });
  }
  // Node sets no limit: the application does, where it reads the body.
  if (body !== null) body.maxBytes = Number.POSITIVE_INFINITY;
  return request;
}

/** The header objects of lists that can't change, because many requests share them. */
const known = new WeakMap<readonly string[], IncomingHttpHeaders>();

function addHeaders(request: InnerRequest, list: readonly string[]): void {
  // Not `slice`, which takes 0.8 µs for an array that is frozen.
  const lines = [...list];
  request._addHeaderLines(lines, lines.length);
  if (!Object.isFrozen(list)) return;
  const headers = known.get(list);
  if (headers !== undefined) request.headers = { ...headers };
  // A copy would share its array, the only value that is one.
  else if (!("set-cookie" in request.headers)) known.set(list, { ...request.headers });
}

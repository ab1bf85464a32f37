/** What a handler may return, and how it goes out. */

import { isAsyncIterable, isReadableStream } from "../gateway/readable-stream.ts";
import { isResponse, jsonHeaders, textHeaders } from "../gateway/response.ts";
import { isForeignResponse, sendPieces, sendResponse } from "../gateway/send.ts";
import type { Exchange, HeaderList } from "../http/exchange.ts";
import { sendOwn } from "./responses/sender.ts";

/**
 * - a string: `text/plain`. Flask says `text/html` there, and so each string that holds a client's text is a hole
 *   for scripts (XSS); here HTML is what says that it is: `html(page)`;
 * - a plain object or array, or an object with `toJSON`, or of a class of yours: JSON;
 * - a `Uint8Array`, an `ArrayBuffer` or a view: `application/octet-stream`, not copied;
 * - a `ReadableStream`, an async iterable or a generator: its pieces, bytes or text, as they come;
 * - a `Response`, Socle's or the platform's, as `json`, `html`, `file` and their like make one: as it says.
 *
 * All but the last are answered with status 200.
 */
// A promise is an object too; that one is excluded lets the compiler look at what it is a promise of.
export type HandlerResult = string | (object & { readonly then?: never });

const bytesHeaders: HeaderList = Object.freeze(["content-type", "application/octet-stream"]);

/**
 * Sends a handler's result. What is not streamed has gone out when this returns.
 * @param source names the handler in errors, such as `GET /hello`.
 * @throws TypeError for what is no answer.
 */
export function sendResult(
  exchange: Exchange,
  result: unknown,
  source: { toString(): string },
): Promise<void> | undefined {
  if (typeof result === "string") {
    exchange.respond(200, textHeaders, result);
    return undefined;
  }
  if (typeof result !== "object" || result === null) throw noAnswer(String(result), source);
  const prototype = Object.getPrototypeOf(result);
  if (prototype === Object.prototype || prototype === Array.prototype || prototype === null) {
    return sendJson(exchange, result, source);
  }
  if (isResponse(result)) return sendOwn(exchange, result);
  return sendOther(exchange, result, source);
}

function sendOther(
  exchange: Exchange,
  result: object,
  source: { toString(): string },
): Promise<void> | undefined {
  if (ArrayBuffer.isView(result)) {
    const bytes =
      result instanceof Uint8Array
        ? result
        : new Uint8Array(result.buffer, result.byteOffset, result.byteLength);
    exchange.respond(200, bytesHeaders, bytes);
    return undefined;
  }
  if (result instanceof ArrayBuffer) {
    exchange.respond(200, bytesHeaders, new Uint8Array(result));
    return undefined;
  }
  if (isForeignResponse(result)) return sendResponse(exchange, result);
  if (isReadableStream(result) || isAsyncIterable(result))
    return sendPieces(exchange, result, headersOfPiece);
  const tag = Object.prototype.toString.call(result);
  if (tag === "[object Generator]") return sendPieces(exchange, result as Iterable<unknown>, headersOfPiece);
  if (tag === "[object Object]" || typeof (result as { toJSON?: unknown }).toJSON === "function") {
    return sendJson(exchange, result, source);
  }
  throw noAnswer(tag.slice("[object ".length, -1), source);
}

function sendJson(exchange: Exchange, value: object, source: { toString(): string }): undefined {
  const text = JSON.stringify(value);
  if (text === undefined) throw noAnswer("an object whose toJSON gives nothing", source);
  exchange.respond(200, jsonHeaders, text);
}

/** A stream of text is text, and one of bytes is bytes: its first piece tells. */
function headersOfPiece(first: unknown): HeaderList {
  return typeof first === "string" ? textHeaders : bytesHeaders;
}

function noAnswer(what: string, source: { toString(): string }): TypeError {
  const hint =
    what === "undefined" || what === "null"
      ? " (for an empty answer return new Response(null, { status: 204 }))"
      : "";
  return new TypeError(
    `the handler of ${source} returned ${what}, which is no answer: return a string, an object, bytes, a stream or a Response${hint}`,
  );
}

/** What a handler may return, and how it goes out. */

import type { ReadableStream } from "node:stream/web";
import { type ForeignResponse, foreignHeaders, isForeignResponse } from "../gateway/foreign-response.ts";
import { Headers } from "../gateway/headers.ts";
import { isAsyncIterable, isReadableStream } from "../gateway/readable-stream.ts";
import { isResponse, jsonHeaders, Response, textHeaders, withOpenHeaders } from "../gateway/response.ts";
import { sendPieces, sendResponse } from "../gateway/send.ts";
import type { Exchange, HeaderList } from "../http/exchange.ts";
import { writeJson } from "./json-writer.ts";
import { json, text, textType } from "./responses/content.ts";
import { Html, html, htmlHeaders } from "./responses/html.ts";
import { sendOwn } from "./responses/sender.ts";

/**
 * - a string: `text/plain`. Flask says `text/html` there, and so each string that holds a client's text is a hole
 *   for scripts (XSS); here HTML is what says that it is: `html(page)`;
 * - what the template `html` gives: `text/html`;
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
const bytesType = new Headers({ "content-type": "application/octet-stream" });

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
    return sendJson(exchange, result);
  }
  if (isResponse(result)) return sendOwn(exchange, result);
  return sendOther(exchange, result, source);
}

function sendOther(
  exchange: Exchange,
  result: object,
  source: { toString(): string },
): Promise<void> | undefined {
  switch (kindOf(result)) {
    case MARKUP:
      exchange.respond(200, htmlHeaders, String(result));
      return undefined;
    case BYTES:
      exchange.respond(200, bytesHeaders, bytesOf(result as ArrayBuffer));
      return undefined;
    case FOREIGN:
      return sendResponse(exchange, result as ForeignResponse);
    case STREAM:
      return sendPieces(exchange, result as StreamSource, headersOfPiece);
    case DATA:
      return sendJson(exchange, result);
    default:
      throw noAnswer(tagOf(result), source);
  }
}

function sendJson(exchange: Exchange, value: object): undefined {
  exchange.respond(200, jsonHeaders, writeJson(value));
}

/**
 * A result as a `Response`, for those who look at answers on their way out. Of a stream the first piece is waited for, which tells
 * its type.
 * @param source as in `sendResult`
 * @param status of what is no `Response`
 * @throws TypeError for what is no answer.
 */
export function toResponse(
  result: unknown,
  source: { toString(): string },
  status = 200,
): Response | Promise<Response> {
  if (typeof result === "string") return text(result, { status });
  if (typeof result !== "object" || result === null) throw noAnswer(String(result), source);
  if (isResponse(result)) return withOpenHeaders(result);
  switch (kindOf(result)) {
    case MARKUP:
      return html(result as Html, { status });
    case BYTES:
      return new Response(bytesOf(result as ArrayBuffer), { status, headers: bytesType });
    case FOREIGN:
      return adopt(result as ForeignResponse);
    case STREAM:
      return streamed(result as StreamSource, status);
    case DATA:
      return json(result, { status });
    default:
      throw noAnswer(tagOf(result), source);
  }
}

type StreamSource = ReadableStream | AsyncIterable<unknown> | Iterable<unknown>;

const DATA = 1;
const BYTES = 2;
const STREAM = 3;
const FOREIGN = 4;
const MARKUP = 5;

/** What an object that is no `Response` of ours is sent as; 0 for what is no answer. */
function kindOf(result: object): number {
  const prototype: unknown = Object.getPrototypeOf(result);
  if (prototype === Object.prototype || prototype === Array.prototype || prototype === null) return DATA;
  if (result instanceof Html) return MARKUP;
  if (ArrayBuffer.isView(result) || result instanceof ArrayBuffer) return BYTES;
  if (isForeignResponse(result)) return FOREIGN;
  if (isReadableStream(result) || isAsyncIterable(result)) return STREAM;
  const tag = tagOf(result);
  if (tag === "Generator") return STREAM;
  return tag === "Object" || typeof (result as { toJSON?: unknown }).toJSON === "function" ? DATA : 0;
}

function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

function bytesOf(value: ArrayBuffer | ArrayBufferView): Uint8Array {
  if (value instanceof Uint8Array) return value;
  return value instanceof ArrayBuffer
    ? new Uint8Array(value)
    : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

/** A response of another make as one of ours, with the same body. */
function adopt(response: ForeignResponse): Response {
  if (response.bodyUsed)
    throw new TypeError("the response's body was read already: a response can be sent once");
  const { status, body } = response;
  const headers = new Headers();
  const fields = foreignHeaders(response);
  for (let i = 0; i < fields.length; i += 2) headers.append(fields[i] as string, fields[i + 1] as string);
  return new Response(body as ReadableStream<Uint8Array> | null, { status, headers });
}

async function streamed(source: StreamSource, status: number): Promise<Response> {
  const pieces = isAsyncIterable(source)
    ? source[Symbol.asyncIterator]()
    : (source as Iterable<unknown>)[Symbol.iterator]();
  const first = await pieces.next();
  const headers = first.done !== true && typeof first.value === "string" ? textType : bytesType;
  return new Response(rest(first, pieces) as AsyncIterable<string | Uint8Array>, { status, headers });
}

async function* rest(
  first: IteratorResult<unknown>,
  pieces: Iterator<unknown> | AsyncIterator<unknown>,
): AsyncGenerator<unknown> {
  try {
    for (let piece = first; piece.done !== true; piece = await pieces.next()) yield piece.value;
  } finally {
    await pieces.return?.();
  }
}

/** A stream of text is text, and one of bytes is bytes: its first piece tells. */
function headersOfPiece(first: unknown): HeaderList {
  return typeof first === "string" ? textHeaders : bytesHeaders;
}

function noAnswer(what: string, source: { toString(): string }): TypeError {
  const hint = what === "undefined" || what === "null" ? " (for an empty answer return empty())" : "";
  return new TypeError(
    `the handler of ${source} returned ${what}, which is no answer: return a string, an object, bytes, a stream or a Response${hint}`,
  );
}

/** Answers that are there as a whole. */
import { Headers, type HeadersInit } from "../../gateway/headers.ts";
import { Response, type ResponseInit } from "../../gateway/response.ts";
import { type JsonOptions, jsonWriter, writeJson } from "../json-writer.ts";
import { etag as makeEtag } from "./entity-tag.ts";
import type { JsonResponse } from "./json-response.ts";
import { withValidators } from "./preconditions.ts";

/** Status, headers, and what a client's later requests can be compared with. */
export interface ContentInit extends ResponseInit {
  /**
   * The version of the content, such as `v7`, or a whole entity tag (`W/"v7"`); `true` makes one of the body. With it a GET or
   * HEAD whose client has this version is answered with 304.
   */
  readonly etag?: string | true | undefined;
  /** When the content was changed last: the same, for clients that compare times. */
  readonly lastModified?: Date | undefined;
}

const jsonType: Headers = new Headers({ "content-type": "application/json" });
export const textType: Headers = new Headers({ "content-type": "text/plain;charset=UTF-8" });

/** As `ContentInit`, and how JSON is written. */
export interface JsonInit extends ContentInit, JsonOptions {}

/**
 * JSON. What a handler returns as a plain object is the same; this is for one with a status, headers or validators, or that is
 * written in its own way.
 * @throws TypeError for what JSON has no form for.
 */
export function json<Data>(data: Data, init?: JsonInit): JsonResponse<Data> {
  const write = init === undefined ? writeJson : jsonWriter(init);
  return toResponse(write(data), jsonType, init);
}

/** Plain text. What a handler returns as a string is the same; this is for one with a status, headers or validators. */
export function text(content: string, init?: ContentInit): Response {
  return toResponse(content, textType, init);
}

/** An answer without a body: a handler that returned nothing would have forgotten its `return`. */
export function empty(status = 204, init: Pick<ResponseInit, "headers"> = {}): Response {
  return new Response(null, { ...init, status });
}

/** An answer of text, with a content type if `init` has none. */
export function toResponse(content: string, type: Headers, init: ContentInit | undefined): Response {
  if (init === undefined) return new Response(content, { headers: type });
  const response = new Response(content, { ...init, headers: withType(init.headers, type) });
  const { etag, lastModified } = init;
  if (etag === undefined && lastModified === undefined) return response;
  return withValidators(response, { etag: etag === true ? makeEtag(content) : etag, lastModified });
}

/** The headers, with a content type if they have none. */
export function withType(init: HeadersInit | undefined, type: Headers): Headers {
  if (init === undefined) return type;
  const headers = new Headers(init);
  if (!headers.has("content-type")) headers.set("content-type", type.get("content-type") as string);
  return headers;
}

/** Which answers are worth being compressed, and how (RFC 9110 §8.4 and §12.5.3). */
import * as zlib from "node:zlib";
import type { HeaderList } from "../../http/exchange.ts";
import { isBodiless } from "../../http/status.ts";
import { essence } from "../media-type.ts";
import { variesBy } from "../vary.ts";
import { bestEncoding } from "./negotiation.ts";

export type ContentCoding = "zstd" | "br" | "gzip";

export interface CompressionOptions {
  /**
   * The codings that are offered, the best first: it is taken where a client likes several the same. Default: zstd (from Node 22.15
   * on), br, gzip. At the levels used here zstd takes a third of the time of the others.
   */
  readonly encodings?: readonly ContentCoding[] | undefined;
  /** Bytes from which on a body is compressed; for a body of unknown length there is no such limit. Default 1 KiB. */
  readonly minBytes?: number | undefined;
  /** Whether a media type, in lower case and without parameters, is worth it. Default: text, JSON, XML, scripts, fonts and the like. */
  readonly compressible?: ((mediaType: string) => boolean) | undefined;
}

export interface Compression {
  /** With `identity` as the last. */
  readonly encodings: readonly (ContentCoding | "identity")[];
  readonly minBytes: number;
  compressible(mediaType: string): boolean;
}

const hasZstd = "createZstdCompress" in zlib;

/** The options with their defaults; a coding that this Node doesn't have is left out. */
export function toCompression(options: true | CompressionOptions): Compression {
  const { encodings, minBytes, compressible } = options === true ? {} : options;
  const offered = encodings ?? ["zstd", "br", "gzip"];
  return {
    encodings: [...offered.filter((coding) => coding !== "zstd" || hasZstd), "identity"],
    minBytes: minBytes ?? 1024,
    compressible: compressible ?? isCompressible,
  };
}

/** How an answer goes out. */
export interface CompressionPlan {
  /** Undefined where the body is left as it is. */
  readonly coding: ContentCoding | undefined;
  readonly headers: HeaderList;
}

const asIs = (headers: HeaderList): CompressionPlan => ({ coding: undefined, headers });

/**
 * Decides on an answer.
 * @param acceptEncoding reads the request's field; it is asked for only where it matters.
 * @param length bytes of the body, or undefined where it isn't known
 */
export function planCompression(
  compression: Compression,
  acceptEncoding: () => string | undefined,
  status: number,
  headers: HeaderList,
  length: number | undefined,
): CompressionPlan {
  // A part of a representation (206) is one of its coded form; compressed it would be part of another.
  if (isBodiless(status) || status === 205 || status === 206) return asIs(headers);
  if (length !== undefined && length < compression.minBytes) return asIs(headers);
  let type = "";
  for (let i = 0; i < headers.length; i += 2) {
    const value = headers[i + 1] as string;
    switch ((headers[i] as string).toLowerCase()) {
      case "content-type":
        type = essence(value);
        break;
      case "cache-control":
        if (forbidsTransformation(value)) return asIs(headers);
        break;
      case "content-encoding":
      case "content-range":
      case "content-digest":
        return asIs(headers);
    }
  }
  if (!compression.compressible(type)) return asIs(headers);
  const coding = bestEncoding(acceptEncoding(), compression.encodings);
  if (coding === undefined || coding === "identity") return asIs(withVary(headers));
  return { coding, headers: codedHeaders(withVary(headers), coding) };
}

function forbidsTransformation(cacheControl: string): boolean {
  return cacheControl.toLowerCase().includes("no-transform");
}

/** Caches keep an answer for each form in which it is asked for. */
function withVary(headers: HeaderList): HeaderList {
  const changed = headers.slice();
  for (let i = 0; i < changed.length; i += 2) {
    if ((changed[i] as string).toLowerCase() !== "vary") continue;
    if (variesBy(changed[i + 1] as string, "accept-encoding")) return headers;
    changed[i + 1] += ", accept-encoding";
    return changed;
  }
  changed.push("vary", "accept-encoding");
  return changed;
}

/** The headers of the compressed form. Its bytes are not those that a strong tag, a length and ranges were about. */
function codedHeaders(headers: HeaderList, coding: ContentCoding): HeaderList {
  const coded: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    const value = headers[i + 1] as string;
    const lowerCase = name.toLowerCase();
    if (lowerCase === "content-length" || lowerCase === "accept-ranges") continue;
    coded.push(name, lowerCase === "etag" && value.startsWith('"') ? `W/${value}` : value);
  }
  coded.push("content-encoding", coding);
  return coded;
}

const compressibleTypes: ReadonlySet<string> = new Set([
  "application/ecmascript",
  "application/graphql",
  "application/javascript",
  "application/json",
  "application/jsonl",
  "application/ndjson",
  "application/rtf",
  "application/sql",
  "application/toml",
  "application/vnd.ms-fontobject",
  "application/wasm",
  "application/x-javascript",
  "application/x-ndjson",
  "application/x-yaml",
  "application/xml",
  "application/yaml",
  "font/otf",
  "font/ttf",
  "image/bmp",
  "image/vnd.microsoft.icon",
  "image/x-icon",
]);

/** What isn't compressed by its nature. Of events each has to go out by itself, which leaves little to gain. */
function isCompressible(mediaType: string): boolean {
  if (mediaType.startsWith("text/")) return mediaType !== "text/event-stream";
  return compressibleTypes.has(mediaType) || /\+(?:json|xml|text|yaml)$/.test(mediaType);
}

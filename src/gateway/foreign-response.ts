/** Responses of another make than Socle's: the platform's, above all. */
import * as zlib from "node:zlib";
import type { HeaderList } from "../http/exchange.ts";
import { isAsyncIterable, isReadableStream } from "./readable-stream.ts";

/** What a `Response` of another make must have to be sent: the platform's has it, of whatever realm. */
export interface ForeignResponse {
  readonly status: number;
  readonly headers: Iterable<readonly [name: string, value: string]>;
  readonly body: AsyncIterable<unknown> | null;
  readonly bodyUsed: boolean;
  /** Where `fetch` has it from; "" or nothing for one that was made. */
  readonly url?: string;
}

/** Whether a value is a `Response` of another make, told by its shape. */
export function isForeignResponse(value: object): value is ForeignResponse {
  if (Object.prototype.toString.call(value) !== "[object Response]") return false;
  const { status, headers, body } = value as Partial<ForeignResponse>;
  return (
    typeof status === "number" &&
    typeof headers?.[Symbol.iterator] === "function" &&
    (body === null || isReadableStream(body) || isAsyncIterable(body))
  );
}

/** Fields about the connection that a response came over, which may be `fetch`'s: not to be passed on (RFC 9110 §7.6.1). */
const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * The fields to send. Of a response that `fetch` has brought, what was about its connection is left out, and where
 * `fetch` has undone a content coding, what the coding and the coded length were.
 */
export function foreignHeaders(response: ForeignResponse): HeaderList {
  const fields: string[] = [];
  let dropped: Set<string> | undefined;
  for (const [name, value] of response.headers) {
    if (hopByHop.has(name)) {
      if (name !== "connection") continue;
      for (const option of listed(value)) (dropped ??= new Set()).add(option);
      if (isMade(response) && value.toLowerCase() === "close") fields.push(name, value);
    } else {
      if (name === "content-encoding" && wasDecoded(response, value)) {
        (dropped ??= new Set()).add("content-encoding").add("content-length");
      }
      fields.push(name, value);
    }
  }
  if (dropped === undefined) return fields;
  const kept: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    if (!dropped.has(fields[i] as string)) kept.push(fields[i] as string, fields[i + 1] as string);
  }
  return kept;
}

/** Whether the program has made it, rather than `fetch`: then it has no URL. */
function isMade({ url }: ForeignResponse): boolean {
  return url === undefined || url === "";
}

/** Whether the body was decoded on its way: `fetch` decodes, but leaves the fields. */
function wasDecoded(response: ForeignResponse, codings: string): boolean {
  if (response.body === null || isMade(response)) return false;
  const names = listed(codings);
  // The most that is decoded in one answer: a longer list is refused.
  return names.length > 0 && names.length <= 5 && names.every((name) => decodedCodings().has(name));
}

let decoded: ReadonlySet<string> | undefined;

/** The content codings that the platform's `fetch` undoes. A list with another one in it is left as it is. */
function decodedCodings(): ReadonlySet<string> {
  if (decoded !== undefined) return decoded;
  const [major = 0, minor = 0] = (process.versions["undici"] ?? "").split(".").map(Number);
  const knowsZstd = "createZstdDecompress" in zlib && (major > 7 || (major === 7 && minor >= 11));
  return (decoded = new Set(["gzip", "x-gzip", "deflate", "br", ...(knowsZstd ? ["zstd"] : [])]));
}

function listed(value: string): string[] {
  return value
    .toLowerCase()
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

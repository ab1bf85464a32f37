/** Files as answers. */
import type { FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { takeSource } from "../../gateway/body.ts";
import { type Headers, headerListOf } from "../../gateway/headers.ts";
import { Response, type ResponseInit } from "../../gateway/response.ts";
import { sendResponse } from "../../gateway/send.ts";
import type { Exchange } from "../../http/exchange.ts";
import { HttpError } from "../http-error.ts";
import { contentDisposition } from "./content-disposition.ts";
import { toEntityTag } from "./entity-tag.ts";
import { formatHttpDate } from "./http-date.ts";
import type { OpenedFile } from "./open-file.ts";
import { evaluatePreconditions, isRetrieval, PROCEED, permitsRange, respondUnsent } from "./preconditions.ts";
import { type ByteRange, parseRange } from "./range.ts";
import { sentBy } from "./sender.ts";

export interface FileOptions extends ResponseInit {
  /**
   * A folder. The path is then a name below it that a client may have sent, decoded, such as a `<path:name>` parameter; nothing
   * outside of the folder can be reached by it, by links neither. Default: none, the path is the program's own.
   */
  readonly root?: string | undefined;
  /** With a root: whether names that begin with a dot can be asked for. Default false. */
  readonly dotfiles?: boolean | undefined;
  /** Whether the browser is to save the file, and under which name if not its own. Default false. */
  readonly download?: boolean | string | undefined;
  /** An entity tag of your own (see `json`), or false for none. Default: made of size and time of change. */
  readonly etag?: string | false | undefined;
  /** False for a file whose time of change means nothing. Default true. */
  readonly lastModified?: boolean | undefined;
}

/** Bytes that are read at once. What is no longer than this is sent with one write. */
const PIECE = 64 * 1024;

/**
 * A file, with its media type (by its name), length, `etag` and `last-modified`. Conditional requests and ranges are answered
 * as RFC 9110 has it: 304, 412, 206, 416. It is opened when it is sent.
 *
 * Where there is no such file the answer is 404, as for directories; by `HttpError`, so error handlers see it.
 * @throws TypeError for a header or an etag that can't be sent.
 */
export function file(path: string | URL, options: FileOptions = {}): Response {
  const { root, dotfiles = false } = options;
  if (root !== undefined && typeof path !== "string") {
    throw new TypeError("with a root, a file is named by a text");
  }
  const name = typeof path === "string" ? path : fileURLToPath(path);
  const openIt = async (): Promise<OpenedFile> => {
    // Only now: not every runtime that an app can be on has files.
    const { openBelow, openFile } = await import("./open-file.ts");
    return root === undefined ? openFile(name) : openBelow({ path: root, dotfiles }, name);
  };
  const response = new Response(contentOf(openIt), { status: options.status, headers: options.headers });
  const { headers } = response;
  const { download = false, etag } = options;
  if (download !== false) {
    headers.set(
      "content-disposition",
      contentDisposition("attachment", download === true ? basename(name) : download),
    );
  }
  if (etag !== undefined && etag !== false) headers.set("etag", toEntityTag(etag));
  return sentBy(response, async (exchange) => {
    takeSource(response);
    const file = await openIt();
    try {
      if (!headers.has("content-type")) headers.set("content-type", await mediaTypeOf(name));
      if (response.status === 200) addValidators(headers, file, options);
      await sendFile(exchange, response.status, headers, file);
    } finally {
      await file.handle.close();
    }
  });
}

/** The whole content, opened when it is read: for whoever reads the response, or sends it without its sender. */
async function* contentOf(openIt: () => Promise<OpenedFile>): AsyncGenerator<Uint8Array, undefined> {
  const { handle, size } = await openIt();
  try {
    yield* piecesOf(handle, { first: 0, last: size - 1 });
  } finally {
    await handle.close();
  }
}

async function sendFile(
  exchange: Exchange,
  status: number,
  headers: Headers,
  file: OpenedFile,
): Promise<void> {
  let range: ByteRange = { first: 0, last: file.size - 1 };
  if (status === 200 && isRetrieval(exchange.method)) {
    const current = {
      etag: headers.get("etag") ?? undefined,
      lastModified: headers.get("last-modified") ?? undefined,
    };
    const verdict = evaluatePreconditions(exchange, current, true);
    if (verdict !== PROCEED) return respondUnsent(exchange, verdict, headerListOf(headers));
    headers.set("accept-ranges", "bytes");
    const field = exchange.method === "GET" ? exchange.headers.get("range") : undefined;
    if (field !== undefined && permitsRange(exchange, current, Date.now())) {
      const asked = parseRange(field, file.size);
      if (asked === "unsatisfiable") throw unsatisfiable(file.size);
      if (asked !== "whole") {
        status = 206;
        range = asked;
        headers.set("content-range", `bytes ${range.first}-${range.last}/${file.size}`);
      }
    }
  }
  const length = range.last - range.first + 1;
  headers.set("content-length", String(length));
  if (exchange.method === "HEAD") {
    exchange.respond(status, headerListOf(headers), null);
  } else if (length <= PIECE) {
    const piece = await readAt(file.handle, range.first, length);
    exchange.respond(status, headerListOf(headers), piece);
  } else {
    await sendResponse(exchange, new Response(piecesOf(file.handle, range), { status, headers }));
  }
}

async function* piecesOf(
  handle: FileHandle,
  { first, last }: ByteRange,
): AsyncGenerator<Uint8Array, undefined> {
  for (let at = first; at <= last; at += PIECE)
    yield await readAt(handle, at, Math.min(PIECE, last - at + 1));
}

/** @throws Error if the file has become shorter. */
async function readAt(handle: FileHandle, position: number, length: number): Promise<Uint8Array> {
  // Memory of its own: the piece is on its way when the next is read.
  const piece = Buffer.allocUnsafeSlow(length);
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await handle.read(piece, filled, length - filled, position + filled);
    if (bytesRead === 0) throw new Error("the file has become shorter while it was sent");
    filled += bytesRead;
  }
  return piece;
}

function addValidators(headers: Headers, { size, modified }: OpenedFile, options: FileOptions): void {
  const changed = Number(modified / 1_000_000n);
  const now = Date.now();
  if (options.etag !== false && !headers.has("etag")) {
    // While the clock that stamps files may still show the same time, two versions can have the same tag (RFC 9110 §8.8.1).
    const weak = changed + 1000 > now ? "W/" : "";
    headers.set("etag", `${weak}"${size.toString(16)}-${modified.toString(16)}"`);
  }
  if (options.lastModified !== false && !headers.has("last-modified")) {
    // Never later than the answer itself (RFC 9110 §8.8.2.1).
    headers.set("last-modified", formatHttpDate(Math.min(changed, now)));
  }
}

function unsatisfiable(size: number): HttpError {
  return new HttpError(416, `the range is not within the ${size} bytes that there are`, {
    headers: { "content-range": `bytes */${size}` },
  });
}

/** Text is taken for UTF-8. The table is large, and so loaded with the first file. */
async function mediaTypeOf(name: string): Promise<string> {
  const { default: mime } = await import("mime");
  const type = mime.getType(name) ?? "application/octet-stream";
  return type.startsWith("text/") ? `${type};charset=UTF-8` : type;
}

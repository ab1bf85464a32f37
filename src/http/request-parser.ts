/**
 * An HTTP/1.1 request parser that does no I/O: bytes are fed in, events are asked for.
 *
 *     parser.feed(bytes);
 *     for (;;) {
 *       const event = parser.next();
 *       if (event === NEED_DATA) break;     // feed more
 *       if (event === HEAD) …               // parser.method, parser.target, parser.fields, …
 *       if (event === DATA) …               // parser.data
 *       if (event === END) …                // parser.trailers; the next HEAD is the next request
 *     }
 *
 * `next` throws `RequestError` for what may not be; the parser is of no use after that, and the
 * connection must be closed (where a message ends is no longer known). The same bytes give the
 * same events however they are split, but for the sizes of DATA pieces.
 *
 * Sections named beside the code are those of RFC 9112 unless another RFC is named.
 */
import { CR, LF, trimmed } from "./chars.ts";
import { ChunkedDecoder } from "./chunked-decoder.ts";
import { RequestError } from "./errors.ts";
import { expectsContinue } from "./expectation.ts";
import { FieldScanner, type Span } from "./field-scanner.ts";
import { FieldSection } from "./field-section.ts";
import { bodyLength, CHUNKED } from "./framing.ts";
import { type HeadScanner, type HeadScannerPool, headScannersFor } from "./head-scanner.ts";
import { defaultLimits, type HttpLimits } from "./limits.ts";
import type { RequestLineScanner } from "./request-line-scanner.ts";
import { parseAuthority, parseOtherTarget, sameAuthority } from "./target.ts";
import { checkTrailers } from "./trailers.ts";

/** All fed bytes are used up. */
export const NEED_DATA = 0;
/** A request's head is complete. */
export const HEAD = 1;
/** A piece of the body is in `data`. */
export const DATA = 2;
/** The request is complete. */
export const END = 3;
export type ParserEvent = typeof NEED_DATA | typeof HEAD | typeof DATA | typeof END;

/** The limits that the parser itself holds. */
export type ParserLimits = Pick<
  HttpLimits,
  | "maxRequestLineBytes"
  | "maxHeaderBytes"
  | "maxHeaderCount"
  | "maxChunkExtensionBytes"
  | "maxTrailerBytes"
  | "maxTrailerCount"
>;

const IN_LINE = 0;
const IN_FIELDS = 1;
const IN_BODY = 2;
const IN_CHUNKS = 3;
const IN_TRAILERS = 4;
const AT_END = 5;

const EMPTY = Buffer.alloc(0);

const limitNames: readonly (keyof ParserLimits)[] = [
  "maxRequestLineBytes",
  "maxHeaderBytes",
  "maxHeaderCount",
  "maxChunkExtensionBytes",
  "maxTrailerBytes",
  "maxTrailerCount",
];

export class RequestParser {
  // The head, valid from HEAD until END.
  method = "";
  /** In origin-form, or `*`. */
  target = "";
  /** The scheme of a target in absolute-form; "" for the other forms, which don't name one. */
  scheme: "" | "http" | "https" = "";
  /** 0 for HTTP/1.0, 1 for HTTP/1.1. */
  minorVersion = 1;
  /** Lower case; "" only where HTTP/1.0 sent no Host. */
  authority = "";
  /** The header lines as received, each with its CRLF: what `FieldSection` takes. */
  fields = "";
  /** The same lines taken apart, where requests before had them as well; else null. */
  knownFields: FieldSection | null = null;
  /** Bytes of the body, 0 for none, -1 for chunked. */
  bodyLength = 0;
  /** Whether the connection may go on after this request, as far as the client is concerned (§9.3). */
  keepAlive = true;
  /** Whether the client waits for 100 (RFC 9110 §10.1.1). */
  expectsContinue = false;

  /** The piece of a DATA event: a view on the bytes that were fed. */
  data: Uint8Array = EMPTY;
  /** At END: the trailer section, if the body was chunked and had one. */
  trailers: FieldSection | null = null;

  readonly #limits: ParserLimits;
  readonly #scanners: HeadScannerPool;
  /** While a head is coming in. */
  #head: HeadScanner | null = null;
  // Made for the first chunked body.
  #chunks: ChunkedDecoder | null = null;
  #trailers: FieldScanner | null = null;
  #phase = IN_LINE;
  #fieldsFrom = 0;
  /** Where the last header section is known, and its hash: it will be the next one's as well, most likely. */
  #slot = -1;
  #hash = 0;
  #remaining = 0;
  #skippedEmptyLine = false;
  /** The Host that was checked last: on one connection it is nearly always the same. */
  #lastHost: string | null = null;
  #lastAuthority = "";

  /** Bytes not yet used stand from #at to #end. */
  #buffer: Buffer = EMPTY;
  #at = 0;
  #end = 0;
  /** Whether #buffer was made here, so that bytes may be added to it. */
  #owned = false;

  /** Parsers that are given the same object share what they need only at times. */
  constructor(limits: Partial<ParserLimits> = defaultLimits) {
    this.#limits = isComplete(limits) ? limits : { ...defaultLimits, ...limits };
    this.#scanners = headScannersFor(this.#limits);
  }

  /** Bytes that were fed and not yet used. */
  get bufferedBytes(): number {
    return this.#end - this.#at;
  }

  /** Whether a request was begun and is not complete. */
  get midRequest(): boolean {
    return this.#phase !== IN_LINE || this.#at < this.#end;
  }

  /**
   * The method of the request whose head is being read or was refused; "" before it has come whole. An answer to
   * HEAD has no content, whatever else is wrong with the request (RFC 9110 §9.3.2).
   */
  get methodSoFar(): string {
    if (this.#head === null) return "";
    return this.#buffer.toString("latin1", this.#at, this.#at + this.#head.line.methodEnd);
  }

  /** Takes bytes. They are kept by reference until they are used; `retain` copies what is left of them. */
  feed(chunk: Uint8Array): void {
    const left = this.#end - this.#at;
    if (left === 0) {
      this.#buffer = toBuffer(chunk);
      this.#at = 0;
      this.#end = chunk.length;
      this.#owned = false;
      return;
    }
    if (!this.#owned || this.#end + chunk.length > this.#buffer.length) {
      // Doubling keeps a sender of single bytes from costing a copy of everything for each.
      this.#own(Math.max(2 * left, left + chunk.length, 512));
    }
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** Copies the bytes that are left, so that the chunk last fed may be overwritten. */
  retain(): void {
    if (!this.#owned && this.#at < this.#end) this.#own(Math.max(this.#end - this.#at, 512));
  }

  /** The bytes that are left, for whoever takes the connection over. The parser is of no use after that. */
  takeRest(): Uint8Array {
    const rest = this.#buffer.subarray(this.#at, this.#end);
    this.#at = this.#end;
    return rest;
  }

  /**
   * The next event.
   * @throws RequestError
   */
  next(): ParserEvent {
    for (;;) {
      switch (this.#phase) {
        case IN_LINE: {
          if (!this.#beginRequest()) return NEED_DATA;
          this.#head ??= this.#scanners.take();
          const lineEnd = this.#head.line.scan(this.#buffer, this.#at, this.#end);
          if (lineEnd < 0) return NEED_DATA;
          this.#fieldsFrom = lineEnd;
          if (this.#takeKnownSection(this.#head)) return HEAD;
          this.#head.fields.begin(lineEnd);
          this.#phase = IN_FIELDS;
          break;
        }
        case IN_FIELDS: {
          const head = this.#head as HeadScanner;
          const headEnd = head.fields.scan(this.#buffer, this.#at, this.#end);
          if (headEnd < 0) return NEED_DATA;
          this.#readSection(head, headEnd);
          this.#leaveHead(head, headEnd);
          return HEAD;
        }
        case IN_BODY: {
          const length = Math.min(this.#remaining, this.#end - this.#at);
          if (length === 0) return NEED_DATA;
          this.data = this.#buffer.subarray(this.#at, this.#at + length);
          this.#at += length;
          this.#remaining -= length;
          if (this.#remaining === 0) this.#phase = AT_END;
          return DATA;
        }
        case IN_CHUNKS: {
          const chunks = this.#chunks as ChunkedDecoder;
          this.#at = chunks.decode(this.#buffer, this.#at, this.#end);
          if (chunks.dataTo > chunks.dataFrom) {
            this.data = this.#buffer.subarray(chunks.dataFrom, chunks.dataTo);
            return DATA;
          }
          if (!chunks.finished) return NEED_DATA;
          this.#trailers ??= new FieldScanner(
            "trailer",
            this.#limits.maxTrailerBytes,
            this.#limits.maxTrailerCount,
          );
          this.#trailers.begin(0);
          this.#phase = IN_TRAILERS;
          break;
        }
        case IN_TRAILERS: {
          const trailers = this.#trailers as FieldScanner;
          const trailersEnd = trailers.scan(this.#buffer, this.#at, this.#end);
          if (trailersEnd < 0) return NEED_DATA;
          if (!trailers.empty) {
            this.trailers = new FieldSection(
              this.#buffer.toString("latin1", this.#at, this.#at + trailersEnd - 2),
            );
            checkTrailers(this.trailers);
          }
          this.#at += trailersEnd;
          this.#phase = AT_END;
          break;
        }
        default:
          this.#phase = IN_LINE;
          this.#skippedEmptyLine = false;
          // An idle connection holds on to nothing.
          this.target = "";
          this.fields = "";
          this.knownFields = null;
          if (this.#at === this.#end) this.#buffer = EMPTY;
          return END;
      }
    }
  }

  /** §2.2: "a server … SHOULD ignore at least one empty line (CRLF) received prior to the request-line": one, not more. */
  #beginRequest(): boolean {
    if (this.#at === this.#end) return false;
    if (this.#buffer[this.#at] !== CR || this.#skippedEmptyLine) return true;
    if (this.#at + 1 === this.#end) return false;
    if (this.#buffer[this.#at + 1] !== LF) return true;
    this.#at += 2;
    this.#skippedEmptyLine = true;
    return this.#at < this.#end;
  }

  /** Where the header section is the same as one that was read before, takes what is known of it. */
  #takeKnownSection(head: HeadScanner): boolean {
    const { line } = head;
    // What a section means depends on the version as well.
    if (line.minorVersion !== 1) return false;
    const from = this.#at + this.#fieldsFrom;
    const section = this.#scanners.known.find(this.#slot, this.#buffer, from, this.#end);
    if (section === undefined) return false;
    this.#slot = section.slot;
    this.#takeLine(line, this.#at);
    this.fields = section.text;
    this.knownFields = section.fields;
    this.authority = section.authority;
    this.keepAlive = section.keepAlive;
    this.expectsContinue = section.expectsContinue;
    this.bodyLength = section.bodyLength;
    this.#leaveHead(head, this.#fieldsFrom + section.length);
    return true;
  }

  #takeLine(line: RequestLineScanner, at: number): void {
    const { methodEnd } = line;
    this.minorVersion = line.minorVersion;
    this.method = this.#isGet(at, methodEnd) ? "GET" : this.#buffer.toString("latin1", at, at + methodEnd);
    this.target = this.#buffer.toString("latin1", at + methodEnd + 1, at + line.targetEnd);
  }

  #isGet(at: number, methodEnd: number): boolean {
    const buffer = this.#buffer;
    return methodEnd === 3 && buffer[at] === 0x47 && buffer[at + 1] === 0x45 && buffer[at + 2] === 0x54;
  }

  /** Reads what the lines say that the engine itself must know. */
  #readSection({ line, fields }: HeadScanner, headEnd: number): void {
    const at = this.#at;
    this.#takeLine(line, at);
    const text = this.#buffer.toString("latin1", at + this.#fieldsFrom, at + headEnd - 2);
    this.fields = text;
    this.knownFields = null;
    this.#readHost(fields.host, text);
    this.keepAlive = this.#readConnection(fields.connection, text);
    // HTTP/1.0's expectations are ignored.
    this.expectsContinue = this.minorVersion > 0 && expectsContinue(this.#joined(fields.expect, "expect"));
    this.bodyLength = this.#readFraming(fields);

    if (this.minorVersion === 0) return;
    const { known } = this.#scanners;
    const from = at + this.#fieldsFrom;
    const hash = known.hash(this.#buffer, from, at + headEnd);
    this.#slot = known.learn(hash, this.#hash, this.#buffer, from, at + headEnd, this);
    this.#hash = hash;
  }

  /** §6.3: the length of the body, -1 for chunked. */
  #readFraming({ contentLength, contentType, transferEncoding }: FieldScanner): number {
    if (contentType.repeated) {
      // RFC 9110 §5.3: a field that is no list may stand once; of two, each reader takes another.
      throw new RequestError(400, "bad-content-type", "there may be one Content-Type only");
    }
    if (contentLength.from < 0 && transferEncoding.from < 0) return 0;
    if (contentLength.repeated) {
      // §6.3 (5): differing values are an error, and equal ones may be refused as well.
      throw new RequestError(400, "bad-content-length", "there may be one Content-Length only");
    }
    return bodyLength(
      this.#spanText(contentLength),
      this.#joined(transferEncoding, "transfer-encoding"),
      this.minorVersion,
    );
  }

  /** The head is read: what method, target and header lines mean together, and on to the body. */
  #leaveHead(head: HeadScanner, headEnd: number): void {
    this.scheme = "";
    this.trailers = null;
    if (this.method === "CONNECT") {
      // RFC 9110 §9.3.6: for proxies; an origin server may refuse it.
      throw new RequestError(501, "connect", "CONNECT is not supported: this is no proxy");
    }
    if (this.target.charCodeAt(0) !== 0x2f) this.#readOtherTarget();
    if (this.bodyLength !== 0 && this.method === "TRACE") {
      throw new RequestError(400, "trace-with-content", "a TRACE request may not have content");
    }
    this.#remaining = this.bodyLength;
    if (this.bodyLength === CHUNKED) {
      this.#chunks ??= new ChunkedDecoder(this.#limits.maxChunkExtensionBytes);
      this.#chunks.begin();
      this.#phase = IN_CHUNKS;
    } else {
      this.#phase = this.bodyLength === 0 ? AT_END : IN_BODY;
    }
    this.#at += headEnd;
    this.#head = null;
    this.#scanners.giveBack(head);
  }

  #readOtherTarget(): void {
    const absolute = parseOtherTarget(this.method, this.target);
    if (absolute === null) return;
    // §3.2.2: the target overrides Host. Where they differ, somebody on the way has read the other one. (HTTP/1.0 may have none.)
    if (this.authority !== "" && !sameAuthority(this.authority, absolute.authority, absolute.scheme)) {
      throw new RequestError(400, "bad-host", "Host and the request target name different hosts");
    }
    this.scheme = absolute.scheme;
    this.authority = absolute.authority;
    this.target = absolute.target;
  }

  /** §3.2: 400 for a request of HTTP/1.1 without Host, with two, or with one that can't be valid. */
  #readHost(span: Span, text: string): void {
    if (span.repeated) throw new RequestError(400, "bad-host", "there may be one Host only");
    if (span.from < 0) {
      if (this.minorVersion > 0) throw new RequestError(400, "no-host", "HTTP/1.1 needs a Host");
      this.authority = "";
      return;
    }
    const last = this.#lastHost;
    if (
      last === null ||
      last.length !== span.to - span.from ||
      !text.startsWith(last, span.from - this.#fieldsFrom)
    ) {
      const host = this.#spanText(span) as string;
      this.#lastAuthority = parseAuthority(host);
      this.#lastHost = host;
    }
    this.authority = this.#lastAuthority;
  }

  /** §9.3: whether the connection persists. */
  #readConnection(span: Span, text: string): boolean {
    if (span.from < 0) return this.minorVersion > 0;
    const at = span.from - this.#fieldsFrom;
    if (!span.repeated && span.to - span.from === 10 && text.startsWith("keep-alive", at)) return true;
    const value = this.#joined(span, "connection") as string;
    const options = value.toLowerCase().split(",");
    let keepAlive = this.minorVersion > 0;
    for (const option of options) {
      const name = trimmed(option);
      if (name === "close") return false;
      if (name === "keep-alive") keepAlive = true;
    }
    return keepAlive;
  }

  /** A field's value, with that of further lines of the same name behind it. */
  #joined(span: Span, name: string): string | undefined {
    return span.repeated ? new FieldSection(this.fields).get(name) : this.#spanText(span);
  }

  /** A string of its own: a slice would keep all lines for as long as it is kept. */
  #spanText(span: Span): string | undefined {
    if (span.from < 0) return undefined;
    return this.#buffer.toString("latin1", this.#at + span.from, this.#at + span.to);
  }

  #own(capacity: number): void {
    const buffer = Buffer.allocUnsafeSlow(capacity);
    this.#buffer.copy(buffer, 0, this.#at, this.#end);
    this.#end -= this.#at;
    this.#at = 0;
    this.#buffer = buffer;
    this.#owned = true;
  }
}

function isComplete(limits: Partial<ParserLimits>): limits is ParserLimits {
  for (const name of limitNames) if (limits[name] === undefined) return false;
  return true;
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** What the parser says of bytes, as plain values that can be compared: for tests of the parser and for the fuzzer. */
import { deepStrictEqual } from "node:assert/strict";
import { RequestError } from "../../src/http/errors.ts";
import { FieldSection } from "../../src/http/field-section.ts";
import {
  DATA,
  END,
  HEAD,
  NEED_DATA,
  type ParserLimits,
  RequestParser,
} from "../../src/http/request-parser.ts";

/** A request's head. */
export interface HeadEvent {
  method: string;
  target: string;
  /** The scheme that an absolute-form target named, or "". */
  scheme: string;
  version: number;
  authority: string;
  fields: readonly string[];
  keepAlive: boolean;
  expectsContinue: boolean;
  bodyLength: number;
}

/** A request's end: its content as latin1, whole. */
export interface EndEvent {
  body: string;
  trailers: readonly string[] | null;
}

/** The bytes ended within a request; its content as far as it came. */
export interface IncompleteEvent {
  incomplete: true;
  body: string;
}

/** The bytes are no request. */
export interface RefusedEvent {
  status: number;
  code: string;
}

export type ParseEvent = HeadEvent | EndEvent | IncompleteEvent | RefusedEvent;

export interface ParseOptions {
  limits?: Partial<ParserLimits>;
  /** As a transport does that reads into the same memory again and again: `retain`, then overwritten. */
  reuse?: boolean;
}

/**
 * The events of bytes that come in the given pieces. DATA pieces are joined, so that splits can be compared.
 * Throws whatever the parser throws that is not a `RequestError`.
 */
export function parseEvents(pieces: readonly Uint8Array[], options: ParseOptions = {}): ParseEvent[] {
  const parser = new RequestParser(options.limits);
  const events: ParseEvent[] = [];
  let body = "";
  try {
    for (const given of pieces) {
      const piece = options.reuse ? Buffer.from(given) : given;
      parser.feed(piece);
      for (let event = parser.next(); event !== NEED_DATA; event = parser.next()) {
        if (event === HEAD) {
          events.push({
            method: parser.method,
            target: parser.target,
            scheme: parser.scheme,
            version: parser.minorVersion,
            authority: parser.authority,
            fields: new FieldSection(parser.fields).list,
            keepAlive: parser.keepAlive,
            expectsContinue: parser.expectsContinue,
            bodyLength: parser.bodyLength,
          });
        } else if (event === DATA) {
          if (parser.data.length === 0) throw new Error("a DATA event without data");
          body += Buffer.from(parser.data).toString("latin1");
        } else if (event === END) {
          events.push({ body, trailers: parser.trailers?.list ?? null });
          body = "";
        }
      }
      if (options.reuse) {
        parser.retain();
        piece.fill(0xee);
      }
    }
    if (parser.midRequest) events.push({ incomplete: true, body });
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    events.push({ status: error.status, code: error.code });
  }
  return events;
}

/** Bytes in two pieces. */
export function cutAt(bytes: Uint8Array, position: number): Uint8Array[] {
  return [bytes.subarray(0, position), bytes.subarray(position)];
}

/** Bytes one by one. */
export function inBytes(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
}

/** The events of a text whole. Throws unless its bytes one by one, and cut in two at each position, say the same. */
export function parseInEverySplit(latin1: string, limits: Partial<ParserLimits> = {}): ParseEvent[] {
  const bytes = Buffer.from(latin1, "latin1");
  const whole = parseEvents([bytes], { limits });
  deepStrictEqual(parseEvents(inBytes(bytes), { limits }), whole, "byte by byte");
  deepStrictEqual(parseEvents(inBytes(bytes), { limits, reuse: true }), whole, "byte by byte, retained");
  for (let cut = 1; cut < bytes.length; cut++) {
    deepStrictEqual(parseEvents(cutAt(bytes, cut), { limits }), whole, `cut at ${cut}`);
  }
  return whole;
}

/** The last event: what became of the bytes. */
export function lastEvent(latin1: string, limits: Partial<ParserLimits> = {}): ParseEvent | undefined {
  return parseInEverySplit(latin1, limits).at(-1);
}

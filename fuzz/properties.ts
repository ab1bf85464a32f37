/** What must hold of the parser for whatever bytes. Each throws where it does not. */
import { deepStrictEqual } from "node:assert/strict";
import { RequestError } from "../src/http/errors.ts";
import { NEED_DATA, type ParserLimits, RequestParser } from "../src/http/request-parser.ts";
import {
  type EndEvent,
  type HeadEvent,
  inBytes,
  type ParseEvent,
  parseEvents,
} from "../test/http/parse-events.ts";

/** Small, so that messages reach them. */
const smallLimits: ParserLimits = {
  maxRequestLineBytes: 40,
  maxHeaderBytes: 90,
  maxHeaderCount: 4,
  maxChunkExtensionBytes: 12,
  maxTrailerBytes: 40,
  maxTrailerCount: 2,
};

/** Any split gives the same events, whether the bytes stay where they are or not; and nothing but `RequestError` is thrown. */
export function splitInvariant(bytes: Uint8Array, cuts: readonly number[]): void {
  const pieces = splitAt(bytes, cuts);
  for (const limits of [{}, smallLimits]) {
    const whole = parseEvents([bytes], { limits });
    deepStrictEqual(parseEvents(pieces, { limits }), whole, "in pieces");
    deepStrictEqual(parseEvents(pieces, { limits, reuse: true }), whole, "in pieces, retained");
    deepStrictEqual(parseEvents(inBytes(bytes), { limits, reuse: true }), whole, "byte by byte, retained");
  }
}

/** Each event uses bytes or is one of the few that a message has, so that no input can make the parser go on for ever. */
export function endsSoon(bytes: Uint8Array): void {
  const parser = new RequestParser();
  parser.feed(bytes);
  // A request has a head and an end, of 18 bytes at least; a DATA event has a byte.
  const most = 3 + bytes.length + (2 * bytes.length) / 18;
  try {
    let events = 0;
    while (parser.next() !== NEED_DATA) {
      if (++events > most) throw new Error(`more than ${most} events of ${bytes.length} bytes`);
    }
    // Unused bytes are of a line or a field section that is not complete, and those have limits.
    if (parser.bufferedBytes > 8 * 1024 + 16 * 1024 + 4)
      throw new Error(`${parser.bufferedBytes} bytes kept`);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
  }
}

/** What was accepted, written down again in the plainest form, means the same: nothing in it was read in two ways. */
export function rewritable(bytes: Uint8Array): void {
  const events = complete(parseEvents([bytes]));
  if (events.length === 0) return;
  deepStrictEqual(
    complete(parseEvents([Buffer.from(rewrite(events), "latin1")])).map(meaning),
    events.map(meaning),
  );
}

const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const fieldLines = `(?:${token}:[\\t \\x21-\\x7e\\x80-\\xff]*\\r\\n)`;
/** A whole head, as the grammar of RFC 9112 has it. */
const wholeHead = new RegExp(`^(?:\\r\\n)?${token} [\\x21-\\x7e]+ HTTP/1\\.[01]\\r\\n${fieldLines}*\\r\\n`);
/** The values that are read in one way only. */
const soundValues: ReadonlyMap<string, RegExp> = new Map([
  ["host", /^(?:[a-z0-9._~-]+|\[[0-9a-f:.]+\])(?::[1-9][0-9]*|:)?$/i],
  ["content-length", /^(?:0|[1-9][0-9]*)$/],
  ["transfer-encoding", /^chunked$/i],
  ["expect", /^[ \t,]*(?:100-continue[ \t,]*)*$/i],
]);

/** What is accepted is in the grammar: asked of regular expressions, which are slow but plain. */
export function grammatical(bytes: Uint8Array): void {
  const events = parseEvents([bytes]);
  const first = events[0];
  if (first === undefined || !("method" in first)) return;
  match(Buffer.from(bytes).toString("latin1"), wholeHead);
  for (const event of events) {
    if (!("method" in event)) continue;
    match(event.method, new RegExp(`^${token}$`));
    match(event.target, /^(?:\/[^ #]*|\*)$/);
    for (const [name, value] of pairs(event.fields)) {
      const sound = event.version === 0 && name === "expect" ? undefined : soundValues.get(name);
      if (sound !== undefined) match(value, sound);
    }
    const framing = pairs(event.fields).filter(
      ([name]) => name === "content-length" || name === "transfer-encoding",
    );
    if (framing.length > 1) throw new Error("two fields that frame one message");
  }
}

function match(text: string, pattern: RegExp): void {
  if (!pattern.test(text)) throw new Error(`${JSON.stringify(text)} was accepted, but is not ${pattern}`);
}

/** The requests that came whole. */
function complete(events: readonly ParseEvent[]): [HeadEvent, EndEvent][] {
  const requests: [HeadEvent, EndEvent][] = [];
  for (let i = 1; i < events.length; i++) {
    const head = events[i - 1] as ParseEvent;
    const end = events[i] as ParseEvent;
    if ("method" in head && "trailers" in end) requests.push([head, end]);
  }
  return requests;
}

function rewrite(requests: readonly [HeadEvent, EndEvent][]): string {
  return requests
    .map(([head, end]) => {
      let text = `${head.method} ${head.target} HTTP/1.${head.version}\r\n`;
      if (head.authority !== "") text += `Host:${head.authority}\r\n`;
      for (const [name, value] of pairs(withoutHost(head.fields))) text += `${name}:${value}\r\n`;
      text += "\r\n";
      if (head.bodyLength >= 0) return text + end.body;
      if (end.body !== "") text += `${end.body.length.toString(16)}\r\n${end.body}\r\n`;
      text += "0\r\n";
      for (const [name, value] of pairs(end.trailers ?? [])) text += `${name}:${value}\r\n`;
      return `${text}\r\n`;
    })
    .join("");
}

/** A request without what differs between its forms: the host may stand in the target or in Host. */
function meaning([{ scheme: _, fields, ...head }, end]: [HeadEvent, EndEvent]): unknown {
  return [{ ...head, fields: withoutHost(fields) }, end];
}

function withoutHost(list: readonly string[]): string[] {
  return pairs(list)
    .filter(([name]) => name !== "host")
    .flat();
}

function pairs(list: readonly string[]): [string, string][] {
  return list.flatMap((name, i) => (i % 2 === 0 ? [[name, list[i + 1] as string] as [string, string]] : []));
}

function splitAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const positions = cuts.map((cut) => Math.floor(cut * bytes.length)).sort((a, b) => a - b);
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const to of [...positions, bytes.length]) {
    if (to > from) pieces.push(bytes.subarray(from, to));
    from = to;
  }
  return pieces;
}

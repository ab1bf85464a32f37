import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ParseEvent, parseEvents } from "../../test/http/parse-events.ts";
import { KnownSections } from "./known-sections.ts";
import { defaultLimits } from "./limits.ts";
import { HEAD, NEED_DATA, RequestParser } from "./request-parser.ts";

const lines = "Host: example.com\r\nAccept: */*\r\nCookie: a=1\r\nConnection: keep-alive\r\n";
const get = `GET /first HTTP/1.1\r\n${lines}\r\n`;
const post = `POST /first HTTP/1.1\r\n${lines}Content-Length: 5\r\n\r\nhello`;
const chunked = `POST /first HTTP/1.1\r\n${lines}Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n2\r\nhi\r\n0\r\n\r\n`;

const bytes = (text: string): Buffer => Buffer.from(text, "latin1");
/** Parsers that are given the same object share what they know; those with another don't. */
const ownLimits = () => ({ ...defaultLimits });

/** Whether the last request's lines were taken as known. */
function knows(...requests: string[]): boolean {
  const parser = new RequestParser(ownLimits());
  let known = false;
  for (const request of requests) {
    parser.feed(bytes(request));
    for (let event = parser.next(); event !== NEED_DATA; event = parser.next()) {
      if (event === HEAD) known = parser.knownFields !== null;
    }
  }
  return known;
}

describe("lines that come again", () => {
  test("are known from the third time on, whatever the target and the body", () => {
    expect(knows(get)).toBe(false);
    expect(knows(get, get)).toBe(false);
    expect(knows(get, get, get)).toBe(true);
    expect(knows(get, get, get.replace("/first", "/second"))).toBe(true);
    expect(knows(post, post, post.replace("hello", "world"))).toBe(true);
  });

  test("are read anew where anything is different", () => {
    expect(knows(get, get, get.replace("a=1", "a=2"))).toBe(false);
    expect(knows(get, get, get.replace("HTTP/1.1", "HTTP/1.0"))).toBe(false);
    expect(knows(get, get, get.replace("Cookie", "cookie"))).toBe(false);
  });

  test("are not learnt where they are long", () => {
    const long = get.replace("a=1", "a".repeat(3000));
    expect(knows(long, long, long)).toBe(false);
  });

  test("give one list to all, which nobody can change", () => {
    const limits = ownLimits();
    const lists = Array.from({ length: 2 }, () => {
      const parser = new RequestParser(limits);
      parser.feed(bytes(get.repeat(3)));
      let list: readonly string[] = [];
      for (let event = parser.next(); event !== NEED_DATA; event = parser.next()) {
        if (event === HEAD) list = parser.knownFields?.list ?? [];
      }
      return list;
    });
    expect(lists[0]).toHaveLength(8);
    expect(lists[0]).toBe(lists[1]);
    expect(() => (lists[0] as string[]).push("x")).toThrow(TypeError);
  });
});

test("a request says the same among known ones as alone, with any byte changed, in any pieces", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(get, post, chunked),
      fc.constantFrom(get, post, chunked),
      fc.nat(),
      fc.integer({ min: 0, max: 255 }),
      fc.array(fc.nat(), { maxLength: 4 }),
      (learnt, request, place, byte, cuts) => {
        const limits = ownLimits();
        parseEvents([bytes(learnt.repeat(4))], { limits });
        const changed = bytes(request);
        changed[place % changed.length] = byte;
        const alone: ParseEvent[] = parseEvents([changed], { limits: ownLimits() });

        const places = cuts.map((cut) => cut % changed.length).sort((a, b) => a - b);
        const pieces = [0, ...places].map((from, i) => changed.subarray(from, places[i] ?? changed.length));
        expect(parseEvents(pieces, { limits })).toEqual(alone);
        // On the connection itself that has sent the others.
        const before = parseEvents([bytes(learnt.repeat(3))], { limits });
        expect(parseEvents([Buffer.concat([bytes(learnt.repeat(3)), changed])], { limits })).toEqual([
          ...before,
          ...alone,
        ]);
      },
    ),
    { numRuns: 2000 },
  );
});

test("the same section is kept once, and another may take its place", () => {
  const known = new KnownSections();
  const facts = { authority: "a", keepAlive: true, expectsContinue: false, bodyLength: 0 };
  const one = bytes("Host: a\r\n\r\n");
  const slot = known.learn(7, 7, one, 0, one.length, facts);
  expect(known.find(slot, one, 0, one.length)?.authority).toBe("a");
  expect(known.find(-1, one, 0, one.length)?.authority).toBe("a"); // of a connection's first request
  const other = bytes("Host: b\r\n\r\n");
  expect(known.learn(7, 7, other, 0, other.length, { ...facts, authority: "b" })).toBe(slot);
  expect(known.find(slot, one, 0, one.length)).toBeUndefined();
  expect(known.find(slot, other, 0, other.length)?.authority).toBe("b");
  expect(known.find(slot, other, 0, other.length - 1)).toBeUndefined(); // not whole
});

import { describe, expect, test } from "vitest";
import { RequestError } from "./errors.ts";
import { readRequestHead, readTrailers } from "./http2-request-head.ts";
import { defaultLimits } from "./limits.ts";

const pseudo = { ":method": "GET", ":scheme": "https", ":authority": "example.com", ":path": "/" };

/** A header list: the pseudo-header fields, some of them changed or left out, and then others. */
function head(changes: Record<string, string | undefined> = {}, ...fields: string[]): string[] {
  const list: string[] = [];
  for (const [name, value] of Object.entries({ ...pseudo, ...changes })) {
    if (value !== undefined) list.push(name, value);
  }
  return [...list, ...fields];
}

const read = (raw: string[], ended = true) => readRequestHead(raw, ended, defaultLimits);

/** The status and code of what a call throws. */
function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof RequestError) return `${error.status} ${error.code}`;
    throw error;
  }
  return "accepted";
}

test("a request head in the form that an exchange has", () => {
  const { headers, ...rest } = read(
    head(
      { ":method": "POST", ":path": "/a%20b?c=d&e", ":authority": "Example.COM:8443" },
      ...["accept", "*/*", "x", "1", "content-length", "12", "x", "2", "expect", "100-continue"],
    ),
    false,
  );
  expect(rest).toEqual({
    method: "POST",
    target: "/a%20b?c=d&e",
    authority: "example.com:8443",
    contentLength: 12,
    expectsContinue: true,
  });
  expect(headers.list).toEqual([
    ...["host", "Example.COM:8443", "accept", "*/*", "x", "1", "content-length", "12", "x", "2"],
    ...["expect", "100-continue"],
  ]);
});

test("Host stays where it was sent, and serves where it stands alone", () => {
  const both = read(head({}, "a", "b", "host", "example.com:443"));
  expect([both.authority, both.headers.list]).toEqual(["example.com", ["a", "b", "host", "example.com:443"]]);
  const alone = read(head({ ":authority": undefined }, "host", "Example.com"));
  expect([alone.authority, alone.headers.list]).toEqual(["example.com", ["host", "Example.com"]]);
});

test("a Cookie field that was sent apart is one", () => {
  const { headers } = read(head({}, "cookie", "a=1", "x", "y", "cookie", "b=2", "cookie", "c=3"));
  expect(headers.list).toEqual(["host", "example.com", "cookie", "a=1; b=2; c=3", "x", "y"]);
});

describe("what the HTTP/1.1 parser refuses is refused with the same status and code", () => {
  const limit = (count: number, size: number): string[] =>
    Array.from({ length: count }, (_, i) => [`x-${i}`, "y".repeat(size)]).flat();

  test.each<[string, string[], string, ended?: boolean]>([
    ["CONNECT", head({ ":method": "CONNECT", ":path": undefined, ":scheme": undefined }), "501 connect"],
    ["a method that is no token", head({ ":method": "G:T" }), "400 bad-method"],
    ["another scheme", head({ ":scheme": "ftp" }), "400 bad-scheme"],
    ["http behind a gateway", head({ ":scheme": "http" }), "accepted"],
    ["a relative path", head({ ":path": "a" }), "400 bad-target"],
    ["an absolute URL", head({ ":path": "https://example.com/" }), "400 bad-target"],
    ["* for GET", head({ ":path": "*" }), "400 bad-target"],
    ["* for OPTIONS", head({ ":method": "OPTIONS", ":path": "*" }), "accepted"],
    ["a fragment", head({ ":path": "/a#b" }), "400 bad-target"],
    ["a raw é", head({ ":path": "/\xe9" }), "400 bad-target"],
    ["a backslash in the path", head({ ":path": "/a\\b" }), "400 bad-target"],
    ["a backslash in the query", head({ ":path": "/a?b\\c" }), "accepted"],
    ["a space", head({ ":path": "/a b" }), "400 bad-target"],
    ["a long path", head({ ":path": `/${"a".repeat(8178)}` }), "accepted"],
    ["a path that is too long", head({ ":path": `/${"a".repeat(8179)}` }), "414 target-too-long"],
    ["no authority", head({ ":authority": undefined }), "400 no-host"],
    ["an empty authority", head({ ":authority": "" }), "400 bad-host"],
    ["user information", head({ ":authority": "a@example.com" }), "400 bad-host"],
    ["two Hosts", head({}, "host", "example.com", "host", "example.com"), "400 bad-host"],
    ["another Host", head({}, "host", "example.org"), "400 bad-host"],
    ["an empty Host", head({}, "host", ""), "400 bad-host"],
    ["two lengths", head({}, "content-length", "1", "content-length", "1"), "400 bad-content-length", false],
    ["a signed length", head({}, "content-length", "+1"), "400 bad-content-length", false],
    ["a length with an underscore", head({}, "content_length", "1"), "400 bad-field-name", false],
    ["a coding with an underscore", head({}, "transfer_encoding", "x"), "400 bad-field-name", false],
    ["two types", head({}, "content-type", "a/b", "content-type", "a/b"), "400 bad-content-type", false],
    ["TRACE with content", head({ ":method": "TRACE" }), "400 trace-with-content", false],
    ["TRACE", head({ ":method": "TRACE" }), "accepted"],
    ["an unknown expectation", head({}, "expect", "tea"), "417 unknown-expectation"],
    ["as many fields as may be", head({}, ...limit(100, 1)), "accepted"],
    ["a field more", head({}, ...limit(101, 1)), "431 too-many-fields"],
    ["as many bytes as may be", head({}, "x", "y".repeat(16 * 1024 - 5)), "accepted"],
    ["a byte more", head({}, "x", "y".repeat(16 * 1024 - 4)), "431 fields-too-large"],
    [
      "cookies, each small",
      head({}, ...Array.from({ length: 2000 }, () => ["cookie", "a=1"]).flat()),
      "431 fields-too-large",
    ],
  ])("%s", (_, raw, outcome, ended) => {
    expect(refusal(() => read(raw, ended))).toBe(outcome);
  });
});

test("trailers are kept apart, and checked as in HTTP/1.1", () => {
  expect(readTrailers(["x-sum", "1"], defaultLimits).list).toEqual(["x-sum", "1"]);
  const refused = (...raw: string[]): string => refusal(() => readTrailers(raw, defaultLimits));
  expect(refused("content-type", "x")).toBe("400 bad-trailer");
  expect(refused(...Array.from({ length: 21 }, () => ["x", "y"]).flat())).toBe("431 too-many-fields");
  expect(refused("x", "y".repeat(8 * 1024))).toBe("431 fields-too-large");
});

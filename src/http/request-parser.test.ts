import { describe, expect, test } from "vitest";
import { RequestError } from "./errors.ts";
import { FieldSection } from "./field-section.ts";
import { DATA, END, HEAD, NEED_DATA, type ParserLimits, RequestParser } from "./request-parser.ts";

/** What a parser says of bytes that come in the given pieces: joined data, so that splits can be compared. */
function parse(pieces: Uint8Array[], limits: Partial<ParserLimits> = {}): unknown[] {
  const parser = new RequestParser(limits);
  const events: unknown[] = [];
  let body = "";
  try {
    for (const piece of pieces) {
      parser.feed(piece);
      for (let event = parser.next(); event !== NEED_DATA; event = parser.next()) {
        if (event === HEAD) {
          events.push({
            method: parser.method,
            target: parser.target,
            version: parser.minorVersion,
            authority: parser.authority,
            fields: new FieldSection(parser.fields).list,
            keepAlive: parser.keepAlive,
            expectsContinue: parser.expectsContinue,
            bodyLength: parser.bodyLength,
          });
        } else if (event === DATA) {
          body += Buffer.from(parser.data).toString("latin1");
        } else if (event === END) {
          events.push({ body, trailers: parser.trailers?.list ?? null });
          body = "";
        }
      }
    }
    if (parser.midRequest) events.push({ incomplete: true, body });
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    events.push({ status: error.status, code: error.code });
  }
  return events;
}

/** Parses whole, byte by byte, and cut in two at each position; all must agree. */
function parseAnyhow(text: string, limits?: Partial<ParserLimits>): unknown[] {
  const bytes = Buffer.from(text, "latin1");
  const whole = parse([bytes], limits);
  expect(
    parse(
      [...bytes].map((byte) => Uint8Array.of(byte)),
      limits,
    ),
  ).toEqual(whole);
  for (let cut = 1; cut < bytes.length; cut++) {
    expect(parse([bytes.subarray(0, cut), bytes.subarray(cut)], limits), `cut at ${cut}`).toEqual(whole);
  }
  return whole;
}

const get = (lines = "", line = "GET / HTTP/1.1") => `${line}\r\nHost: a\r\n${lines}\r\n`;
const post = (lines: string, body: string) => `POST / HTTP/1.1\r\nHost: a\r\n${lines}\r\n${body}`;
const chunked = (body: string) => post("Transfer-Encoding: chunked\r\n", body);

describe("requests", () => {
  test("a plain GET", () => {
    expect(parseAnyhow("GET /a?b=c HTTP/1.1\r\nHost: Example.COM:80\r\nX-A:  b c\t \r\n\r\n")).toEqual([
      {
        method: "GET",
        target: "/a?b=c",
        version: 1,
        authority: "example.com:80",
        fields: ["host", "Example.COM:80", "x-a", "b c"],
        keepAlive: true,
        expectsContinue: false,
        bodyLength: 0,
      },
      { body: "", trailers: null },
    ]);
  });

  test("pipelined requests, with bodies between, and one empty line before each", () => {
    const events = parseAnyhow(
      `${post("Content-Length: 3\r\n", "abc")}\r\n${chunked("1\r\nx\r\n2;a=b\r\nyz\r\n0\r\nX-T: 1\r\n\r\n")}\r\n${get()}`,
    );
    expect(events.filter((event) => "body" in (event as object))).toEqual([
      { body: "abc", trailers: null },
      { body: "xyz", trailers: ["x-t", "1"] },
      { body: "", trailers: null },
    ]);
  });

  test("a trailing header with every field-value byte", () => {
    const value = Array.from({ length: 0x80 }, (_, i) => String.fromCharCode(0x80 + i)).join("");
    const [head] = parseAnyhow(get(`X: a${value}\r\n`)) as [{ fields: string[] }];
    expect(head.fields[3]).toBe(`a${value}`);
  });

  test.each([
    ["GET / HTTP/1.1", "", true],
    ["GET / HTTP/1.0", "", false],
    ["GET / HTTP/1.1", "Connection: close\r\n", false],
    ["GET / HTTP/1.1", "Connection: Foo, CLOSE\r\n", false],
    ["GET / HTTP/1.1", "Connection: foo\r\nConnection: close\r\n", false],
    ["GET / HTTP/1.0", "Connection: Keep-Alive\r\n", true],
    ["GET / HTTP/1.0", "Connection: keep-alive, close\r\n", false],
  ])("keep-alive of %j with %j is %s", (line, lines, keepAlive) => {
    expect(parseAnyhow(get(lines, line))[0]).toMatchObject({ keepAlive });
  });

  test.each([
    ["http://b/x?y", "b", "/x?y"],
    ["HTTP://B:8080", "b:8080", "/"],
    ["https://b?q", "b", "/?q"],
  ])("the absolute-form %s names host %s and target %s", (target, authority, origin) => {
    const text = `GET ${target} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`;
    expect(parseAnyhow(text)[0]).toMatchObject({ authority, target: origin });
  });

  test("OPTIONS * and a Host that is an IPv6 address", () => {
    expect(parseAnyhow("OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\n\r\n")[0]).toMatchObject({
      target: "*",
      authority: "[::1]:80",
    });
  });

  test("HTTP/1.0 may lack Host, and its expectations are ignored", () => {
    expect(parseAnyhow("GET / HTTP/1.0\r\nExpect: nonsense\r\n\r\n")[0]).toMatchObject({
      authority: "",
      expectsContinue: false,
    });
  });

  test("a coding's name is case-insensitive", () => {
    expect(parseAnyhow(post("Transfer-Encoding: ChunKed\r\n", "0\r\n\r\n"))[0]).toMatchObject({
      bodyLength: -1,
    });
  });
});

describe("what is refused", () => {
  test.each<[string, string, number, string]>([
    // The request line.
    ["no method", " / HTTP/1.1\r\n", 400, "bad-method"],
    ["a method that is no token", "G=T(x / HTTP/1.1\r\n", 400, "bad-method"],
    ["TLS spoken to a plain port", "\x16\x03\x01\x02\x00\x01", 400, "bad-method"],
    ["two spaces", "GET  / HTTP/1.1\r\n", 400, "bad-target"],
    ["a tab", "GET\t/ HTTP/1.1\r\n", 400, "bad-method"],
    ["HTTP/0.9", "GET /\r\n", 400, "bad-request-line"],
    ["a fragment", "GET /#a HTTP/1.1\r\n", 400, "bad-target"],
    ["a bare non-ASCII byte", "GET /\xe9 HTTP/1.1\r\n", 400, "bad-target"],
    ["NUL in the target", "GET /\0 HTTP/1.1\r\n", 400, "bad-target"],
    ["a backslash in the path", "GET /a\\b HTTP/1.1\r\n", 400, "bad-target"],
    ["a lower-case version", "GET / http/1.1\r\n", 400, "bad-version"],
    ["HTTP/2", "GET / HTTP/2.0\r\n", 505, "unsupported-version"],
    ["HTTP/1.2", "GET / HTTP/1.2\r\n", 505, "unsupported-version"],
    ["HTTP/1.10", "GET / HTTP/1.10\r\n", 400, "bad-version"],
    ["a space behind the version", "GET / HTTP/1.1 \r\n", 400, "bad-version"],
    ["a bare LF behind the line", "GET / HTTP/1.1\nHost: a\n\n", 400, "bare-lf"],
    ["a bare CR behind the line", "GET / HTTP/1.1\rHost", 400, "bare-cr"],
    ["two empty lines before it", "\r\n\r\nGET / HTTP/1.1\r\n", 400, "bad-method"],
    ["a bare LF before it", "\nGET / HTTP/1.1\r\n", 400, "bad-method"],
    ["authority-form", "GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-target"],
    ["another scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-target"],
    ["* for GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-target"],
    ["CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", 501, "connect"],
    // Host.
    ["no Host", "GET / HTTP/1.1\r\n\r\n", 400, "no-host"],
    ["two Hosts", get("Host: a\r\n"), 400, "bad-host"],
    ["an empty Host", "GET / HTTP/1.1\r\nHost: \r\n\r\n", 400, "bad-host"],
    ["a Host list", "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", 400, "bad-host"],
    ["a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "bad-host"],
    ["a Host with user information", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400, "bad-host"],
    ["a port that is none", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400, "bad-host"],
    ["a port out of range", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", 400, "bad-host"],
    ["an unclosed bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400, "bad-host"],
    ["user information in the target", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-host"],
    ["a target that contradicts Host", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-host"],
    // Fields.
    ["a space before the colon", get("X : a\r\n"), 400, "bad-field-name"],
    ["a folded line", get("X: a\r\n b\r\n"), 400, "line-folding"],
    ["a folded first line", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400, "line-folding"],
    ["a line without a colon", get("Xa\r\n"), 400, "no-colon"],
    ["an empty name", get(": a\r\n"), 400, "bad-field-name"],
    ["a name with a byte above 7F", get("X\x85: a\r\n"), 400, "bad-field-name"],
    ["NUL in a value", get("X: a\0b\r\n"), 400, "bad-field-value"],
    ["DEL in a value", get("X: a\x7f\r\n"), 400, "bad-field-value"],
    ["a bare CR in a value", get("X: a\rb\r\n"), 400, "bare-cr"],
    ["a bare LF in a value", get("X: a\nb: c\r\n"), 400, "bare-lf"],
    ["CRLF CR X", "GET / HTTP/1.1\r\nHost: a\r\n\rX", 400, "bare-cr"],
    ["a bare LF that would end the fields", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400, "bare-lf"],
    ["an unknown expectation", get("Expect: 100-continue, x\r\n"), 417, "unknown-expectation"],
    // Content-Length.
    ...[
      "+1",
      "-1",
      "-0",
      "0x10",
      "010",
      "1Z",
      "",
      "1 1",
      "1_0",
      "1.0",
      "9007199254740992",
      "99999999999999999999",
    ].map((value): [string, string, number, string] => [
      `Content-Length ${JSON.stringify(value)}`,
      get(`Content-Length: ${value}\r\n`),
      400,
      "bad-content-length",
    ]),
    ["a Content-Length list", get("Content-Length: 1, 1\r\n"), 400, "bad-content-length"],
    ["two Content-Lengths", get("Content-Length: 1\r\nContent-Length: 1\r\n"), 400, "bad-content-length"],
    ["an empty and a valid one", get("Content-Length:\r\nContent-Length: 1\r\n"), 400, "bad-content-length"],
    // Transfer-Encoding.
    ...[
      "",
      "xchunked",
      "identity",
      "chunked, gzip",
      "chunked, chunked",
      ",chunked",
      "chunked,",
      "chunked;a=b",
      '"chunked"',
      "\xa0chunked\x85",
      "chunked\x0b",
    ].map((value): [string, string, number, string] => [
      `Transfer-Encoding ${JSON.stringify(value)}`,
      get(`Transfer-Encoding: ${value}\r\n`),
      400,
      value.includes("\x0b") ? "bad-field-value" : "bad-transfer-encoding",
    ]),
    [
      "two chunked lines",
      get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
      400,
      "bad-transfer-encoding",
    ],
    [
      "a second line identity",
      get("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"),
      400,
      "bad-transfer-encoding",
    ],
    ["gzip, chunked", get("Transfer-Encoding: gzip, chunked\r\n"), 501, "unknown-transfer-coding"],
    ["both lengths", get("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), 400, "length-and-encoding"],
    [
      "chunked in HTTP/1.0",
      get("Transfer-Encoding: chunked\r\n", "POST / HTTP/1.0"),
      400,
      "encoding-in-http-1.0",
    ],
    // Chunks.
    ...[
      "0x1\r\na\r\n",
      "+1\r\na\r\n",
      "-1\r\n",
      "\r\n",
      ";a\r\n",
      " 1\r\na\r\n",
      "1 \r\na\r\n",
      "1 ;a\r\na\r\n",
      "1\na\r\n",
      "1\rXa\r\n",
      "g\r\n",
      "1_0\r\n",
      "1\r\nab\r\n",
      "1\r\na\rX",
      "1\r\na\n",
      "1\r\na1\r\n",
      "1;a\0\r\na\r\n",
      "1;a\rb\r\na\r\n",
      "1;a\nb\r\na\r\n",
      "20000000000000\r\n",
      "00000000000000000\r\n",
    ].map((body): [string, string, number, string] => [
      `the chunk ${JSON.stringify(body)}`,
      chunked(body),
      400,
      "bad-chunk",
    ]),
    ["a trailer that may be none", chunked("0\r\nContent-Length: 1\r\n\r\n"), 400, "bad-trailer"],
    ["a folded trailer", chunked("0\r\nX: a\r\n b\r\n\r\n"), 400, "line-folding"],
    ["a bare LF behind the last chunk", chunked("0\r\n\n"), 400, "bare-lf"],
  ])("%s", (_, text, status, code) => {
    expect(parseAnyhow(text).at(-1)).toEqual({ status, code });
  });

  test("the request before a bad one is still told", () => {
    expect(parseAnyhow(`${get()}GET  / HTTP/1.1\r\n`)).toMatchObject([
      { method: "GET" },
      { body: "" },
      { status: 400 },
    ]);
  });
});

describe("limits cut at one byte, however the bytes come", () => {
  test("the request line", () => {
    const limits = { maxRequestLineBytes: 20 };
    expect(parseAnyhow(get("", "GET /234567 HTTP/1.1"), limits)[0]).toMatchObject({ target: "/234567" });
    expect(parseAnyhow(get("", "GET /2345678 HTTP/1.1"), limits)).toEqual([
      { status: 414, code: "target-too-long" },
    ]);
    expect(parseAnyhow("M".repeat(30), limits)).toEqual([{ status: 501, code: "method-too-long" }]);
  });

  test("header bytes and count", () => {
    const fits = "Host: a\r\nX: aaa\r\n".length + 2;
    expect(parseAnyhow(get("X: aaa\r\n"), { maxHeaderBytes: fits })[0]).toMatchObject({ method: "GET" });
    expect(parseAnyhow(get("X: aaaa\r\n"), { maxHeaderBytes: fits })).toEqual([
      { status: 431, code: "fields-too-large" },
    ]);
    expect(parseAnyhow(get("X: a\r\n"), { maxHeaderCount: 2 })[0]).toMatchObject({ method: "GET" });
    expect(parseAnyhow(get("X: a\r\nY: a\r\n"), { maxHeaderCount: 2 })).toEqual([
      { status: 431, code: "too-many-fields" },
    ]);
  });

  test("chunk extensions over the whole body, and trailers", () => {
    const limits = { maxChunkExtensionBytes: 8, maxTrailerCount: 1, maxTrailerBytes: 20 };
    expect(parseAnyhow(chunked("1;abc\r\nx\r\n1;abc\r\ny\r\n0\r\n\r\n"), limits).at(-1)).toMatchObject({
      body: "xy",
    });
    expect(parseAnyhow(chunked("1;abc\r\nx\r\n1;abcd\r\ny\r\n0\r\n\r\n"), limits).at(-1)).toMatchObject({
      status: 400,
    });
    expect(parseAnyhow(chunked("0\r\nX: a\r\nY: a\r\n\r\n"), limits).at(-1)).toMatchObject({ status: 431 });
    expect(parseAnyhow(chunked(`0\r\nX: ${"a".repeat(30)}\r\n\r\n`), limits).at(-1)).toMatchObject({
      status: 431,
    });
  });
});

test("bytes that were not used yet can be retained, and taken over", () => {
  const parser = new RequestParser();
  const chunk = Buffer.from(`${get()}rest`);
  parser.feed(chunk);
  expect(parser.next()).toBe(HEAD);
  parser.retain();
  chunk.fill(0);
  expect(parser.next()).toBe(END);
  expect(Buffer.from(parser.takeRest()).toString()).toBe("rest");
});

test("a head that drips in costs time in proportion to its size", () => {
  const parser = new RequestParser({ maxHeaderBytes: 1 << 20, maxHeaderCount: 1 << 20 });
  const bytes = Buffer.from(get("X: y\r\n".repeat(100_000)));
  for (const byte of bytes) {
    parser.feed(Uint8Array.of(byte));
    if (parser.next() === HEAD) break;
  }
  expect(parser.next()).toBe(END);
  expect(parser.midRequest).toBe(false);
});

import { describe, expect, test } from "vitest";
import { type HeadEvent, type ParseEvent, parseInEverySplit } from "../../test/http/parse-events.ts";
import { END, HEAD, NEED_DATA, RequestParser } from "./request-parser.ts";

const get = (lines = "", line = "GET / HTTP/1.1") => `${line}\r\nHost: a\r\n${lines}\r\n`;
const post = (lines: string, body: string) => `POST / HTTP/1.1\r\nHost: a\r\n${lines}\r\n${body}`;
const chunked = (body: string) => post("Transfer-Encoding: chunked\r\n", body);
const head = (text: string) => parseInEverySplit(text)[0] as HeadEvent;
const content = (events: ParseEvent[]) => events.filter((event) => "body" in event);

describe("requests", () => {
  test("a plain GET", () => {
    expect(parseInEverySplit("GET /a?b=c HTTP/1.1\r\nHost: Example.COM:80\r\nX-A:  b c\t \r\n\r\n")).toEqual([
      {
        method: "GET",
        target: "/a?b=c",
        scheme: "",
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
    const events = parseInEverySplit(
      `\r\n${post("Content-Length: 3\r\n", "abc")}\r\n${chunked("1\r\nx\r\n2;a=b\r\nyz\r\n0\r\nX-T: 1\r\n\r\n")}\r\n${get()}`,
    );
    expect(content(events)).toEqual([
      { body: "abc", trailers: null },
      { body: "xyz", trailers: ["x-t", "1"] },
      { body: "", trailers: null },
    ]);
  });

  test("methods are tokens, case-sensitive, known or not", () => {
    expect(head(get("", "get / HTTP/1.1")).method).toBe("get");
    expect(head(get("", "!#$%&'*+-.^_`|~09azAZ / HTTP/1.1")).method).toBe("!#$%&'*+-.^_`|~09azAZ");
  });

  test("a request without a length has no content, whatever its method", () => {
    expect(content(parseInEverySplit(get("", "POST / HTTP/1.1") + get()))).toEqual([
      { body: "", trailers: null },
      { body: "", trailers: null },
    ]);
  });

  test("content of any method is read by its length and is not taken for a request", () => {
    const inner = get("", "GET /inner HTTP/1.1");
    for (const method of ["GET", "HEAD", "OPTIONS", "DELETE"]) {
      const events = parseInEverySplit(
        `${get(`Content-Length: ${inner.length}\r\n`, `${method} / HTTP/1.1`)}${inner}${get()}`,
      );
      expect(content(events)).toEqual([
        { body: inner, trailers: null },
        { body: "", trailers: null },
      ]);
    }
  });

  test("the bytes behind a Content-Length of 0 are the next request", () => {
    const events = parseInEverySplit(`${post("Content-Length: 0\r\n", "")}${get("", "GET /2 HTTP/1.1")}`);
    expect(events).toMatchObject([{ bodyLength: 0 }, { body: "" }, { target: "/2" }, { body: "" }]);
  });

  test("a request line of 8,000 bytes", () => {
    const target = `/${"a".repeat(8000)}`;
    const parser = new RequestParser();
    parser.feed(Buffer.from(get("", `GET ${target} HTTP/1.1`)));
    expect(parser.next()).toBe(HEAD);
    expect(parser.target).toBe(target);
  });
});

describe("fields", () => {
  test("a value may have every byte but control characters; the whitespace around it is SP and HTAB only", () => {
    const high = Array.from({ length: 0x80 }, (_, i) => String.fromCharCode(0x80 + i)).join("");
    const visible = Array.from({ length: 0x7f - 0x21 }, (_, i) => String.fromCharCode(0x21 + i)).join("");
    expect(head(get(`X:\t \xa0a${high}${visible}\t b\xa0 \t\r\n`)).fields[3]).toBe(
      `\xa0a${high}${visible}\t b\xa0`,
    );
  });

  test("an empty value, a value without whitespace before it, and a name of every token character", () => {
    expect(head(get("X:\r\nY:y\r\n!#$%&'*+-.^_`|~09aZ: \t\r\n")).fields.slice(2)).toEqual([
      "x",
      "",
      "y",
      "y",
      "!#$%&'*+-.^_`|~09az",
      "",
    ]);
  });

  test("lines of one name stay apart and in order", () => {
    expect(head(get("X: 1\r\nY: 2\r\nx: 3\r\n")).fields.slice(2)).toEqual(["x", "1", "y", "2", "x", "3"]);
  });

  test("names that resemble those of objects are names like others", () => {
    expect(head(get("__proto__: 1\r\nconstructor: 2\r\n")).fields.slice(2)).toEqual([
      "__proto__",
      "1",
      "constructor",
      "2",
    ]);
  });
});

describe("persistence", () => {
  test.each([
    ["GET / HTTP/1.1", "", true],
    ["GET / HTTP/1.0", "", false],
    ["GET / HTTP/1.1", "Connection: close\r\n", false],
    ["GET / HTTP/1.1", "Connection: Foo, CLOSE\r\n", false],
    ["GET / HTTP/1.1", "Connection:,\t close\t,,\r\n", false],
    ["GET / HTTP/1.1", "Connection: foo\r\nConnection: close\r\n", false],
    ["GET / HTTP/1.1", "Connection: closed\r\n", true],
    ["GET / HTTP/1.1", "Connection: \xa0close\r\n", true],
    ["GET / HTTP/1.1", "Connection:\r\n", true],
    ["GET / HTTP/1.1", "Connection: keep-alive, Upgrade\r\n", true],
    ["GET / HTTP/1.1", "Keep-Alive: timeout=1\r\nProxy-Connection: close\r\n", true],
    ["GET / HTTP/1.0", "Connection: Keep-Alive\r\n", true],
    ["GET / HTTP/1.0", "Connection: keep-alive, close\r\n", false],
    ["GET / HTTP/1.0", "Connection: close, keep-alive\r\n", false],
  ])("keep-alive of %j with %j is %s", (line, lines, keepAlive) => {
    expect(head(get(lines, line))).toMatchObject({ keepAlive });
  });
});

describe("targets and hosts", () => {
  test.each([
    ["http://b/x?y", "b", "/x?y"],
    ["HTTP://B:8080", "b:8080", "/"],
    ["https://b?q", "b", "/?q"],
    ["http://b/?", "b", "/?"],
    ["http://b//x", "b", "//x"],
    ["http://[::1]:80/", "[::1]:80", "/"],
    ["http://b:/", "b", "/"],
  ])("the absolute-form %s names host %s and target %s", (target, authority, origin) => {
    const text = `GET ${target} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`;
    expect(head(text)).toMatchObject({
      authority,
      target: origin,
      scheme: target.slice(0, -1).split(":")[0]?.toLowerCase(),
    });
  });

  test("the absolute-form overrides Host, which may differ in case and by the default port only", () => {
    const absolute = (target: string, host: string) =>
      head(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`).authority;
    expect(absolute("http://B/", "b:80")).toBe("b");
    expect(absolute("http://b:80/", "B")).toBe("b:80");
    expect(absolute("https://b/", "b:443")).toBe("b");
  });

  test("an HTTP/1.0 request without Host has the absolute-form's", () => {
    expect(head("GET http://b/x HTTP/1.0\r\n\r\n")).toMatchObject({ authority: "b", target: "/x" });
  });

  test("OPTIONS * and OPTIONS of a host without a path are for the whole server", () => {
    expect(head("OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\n\r\n")).toMatchObject({
      target: "*",
      authority: "[::1]:80",
    });
    expect(head("OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n").target).toBe("*");
    expect(head("OPTIONS http://a/ HTTP/1.1\r\nHost: a\r\n\r\n").target).toBe("/");
  });

  test.each([
    ["a.example", "a.example"],
    ["A.Example:8080", "a.example:8080"],
    ["a:", "a"],
    ["127.0.0.1:1", "127.0.0.1:1"],
    ["a:65535", "a:65535"],
    ["[2001:DB8::1]", "[2001:db8::1]"],
    ["[::ffff:127.0.0.1]:443", "[::ffff:127.0.0.1]:443"],
    ["[::1]:", "[::1]"],
    ["x_y-z.example.", "x_y-z.example."],
  ])("Host %s is %s", (host, authority) => {
    expect(head(`GET / HTTP/1.1\r\nHost:${host}\r\n\r\n`)).toMatchObject({ authority });
  });

  test("an empty Host goes only with HTTP/1.0, by not being there", () => {
    expect(head("GET / HTTP/1.0\r\n\r\n").authority).toBe("");
  });

  test("the target is handed up as it was sent, with what browsers leave unencoded", () => {
    const target = "/%2F%00%zz/../[]|^;a=b/?\\^`{}|[]?/";
    expect(head(get("", `GET ${target} HTTP/1.1`)).target).toBe(target);
  });
});

describe("expectations", () => {
  test.each([
    ["GET / HTTP/1.1", "Expect: 100-Continue\r\n", true],
    ["GET / HTTP/1.1", "Expect: 100-continue, 100-continue\r\n", true],
    ["GET / HTTP/1.1", "Expect: 100-continue\r\nExpect: 100-continue\r\n", true],
    ["GET / HTTP/1.1", "Expect:\r\n", false],
    ["GET / HTTP/1.0", "Expect: 100-continue\r\n", false],
    ["GET / HTTP/1.0", "Expect: nonsense\r\n", false],
  ])("%j with %j waits for 100: %s", (line, lines, expectsContinue) => {
    expect(head(get(lines, line))).toMatchObject({ expectsContinue });
  });
});

describe("content", () => {
  test.each(["chunked", "ChunKed", " \tchunked\t "])("Transfer-Encoding %j is chunked", (coding) => {
    expect(head(post(`Transfer-Encoding:${coding}\r\n`, "0\r\n\r\n"))).toMatchObject({ bodyLength: -1 });
  });

  test.each(["0", "3", " 3", "3 \t"])("Content-Length %j is taken", (length) => {
    expect(head(post(`Content-Length:${length}\r\n`, "abc"))).toMatchObject({ bodyLength: Number(length) });
  });

  test("chunk sizes in both cases, with leading zeros", () => {
    const events = parseInEverySplit(chunked(`A\r\n0123456789\r\n00b\r\n0123456789a\r\n000\r\n\r\n`));
    expect(content(events)).toEqual([{ body: "01234567890123456789a", trailers: null }]);
  });

  test.each([
    ";a",
    ";a=b",
    ";a=b;c;d=e",
    " ;a",
    "; a",
    "\t;\ta = \tb ;c",
    ';a="b;c=\\"d\\"\\\\ \t\xff"',
    ';a="";b',
    ';a="b" ;c',
  ])("the chunk extension %j is ignored", (extension) => {
    const events = parseInEverySplit(chunked(`1${extension}\r\nx\r\n0${extension}\r\n\r\n`));
    expect(content(events)).toEqual([{ body: "x", trailers: null }]);
  });

  test("trailers are kept apart from the header", () => {
    const events = parseInEverySplit(chunked("0\r\nX-Sum: 1\r\nX-Sum: 2\r\n\r\n"));
    expect(events[0]).toMatchObject({ fields: ["host", "a", "transfer-encoding", "chunked"] });
    expect(events[1]).toEqual({ body: "", trailers: ["x-sum", "1", "x-sum", "2"] });
  });

  test.each([
    ["within the content", post("Content-Length: 3\r\n", "ab"), "ab"],
    ["within a chunk", chunked("3\r\nab"), "ab"],
    ["before the last chunk", chunked("2\r\nab\r\n"), "ab"],
    ["before the end of the trailers", chunked("2\r\nab\r\n0\r\nX: y\r\n"), "ab"],
    ["within the head", "GET / HTTP/1.1\r\nHost: a\r\n", ""],
  ])("bytes that end %s are no complete request", (_, text, body) => {
    expect(parseInEverySplit(text).at(-1)).toEqual({ incomplete: true, body });
  });
});

describe("limits cut at one byte, however the bytes come", () => {
  test("the request line", () => {
    const limits = { maxRequestLineBytes: 20 };
    expect(parseInEverySplit(get("", "GET /234567 HTTP/1.1"), limits)[0]).toMatchObject({
      target: "/234567",
    });
    expect(parseInEverySplit(get("", "GET /2345678 HTTP/1.1"), limits)).toEqual([
      { status: 414, code: "target-too-long" },
    ]);
    expect(parseInEverySplit("M".repeat(30), limits)).toEqual([{ status: 501, code: "method-too-long" }]);
  });

  test("header bytes and count", () => {
    const fits = "Host: a\r\nX: aaa\r\n".length + 2;
    expect(parseInEverySplit(get("X: aaa\r\n"), { maxHeaderBytes: fits })[0]).toMatchObject({
      method: "GET",
    });
    expect(parseInEverySplit(get("X: aaaa\r\n"), { maxHeaderBytes: fits })).toEqual([
      { status: 431, code: "fields-too-large" },
    ]);
    expect(parseInEverySplit(get("X: a\r\n"), { maxHeaderCount: 2 })[0]).toMatchObject({ method: "GET" });
    expect(parseInEverySplit(get("X: a\r\nY: a\r\n"), { maxHeaderCount: 2 })).toEqual([
      { status: 431, code: "too-many-fields" },
    ]);
  });

  test("chunk extensions over the whole body, and trailers", () => {
    const limits = { maxChunkExtensionBytes: 8, maxTrailerCount: 1, maxTrailerBytes: 20 };
    const last = (body: string) => parseInEverySplit(chunked(body), limits).at(-1);
    expect(last("1;abc\r\nx\r\n1;abc\r\ny\r\n0\r\n\r\n")).toMatchObject({ body: "xy" });
    expect(last("1;abc\r\nx\r\n1;abcd\r\ny\r\n0\r\n\r\n")).toMatchObject({ status: 400 });
    expect(last("0\r\nX: a\r\nY: a\r\n\r\n")).toMatchObject({ status: 431 });
    expect(last(`0\r\nX: ${"a".repeat(30)}\r\n\r\n`)).toMatchObject({ status: 431 });
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

test("the method is known as soon as it has come whole, also of what is refused", () => {
  const parser = new RequestParser();
  const feed = (text: string) => {
    parser.feed(Buffer.from(text));
    return parser.next();
  };
  expect([feed("HEA"), parser.methodSoFar]).toEqual([NEED_DATA, ""]);
  expect([feed("D /"), parser.methodSoFar]).toEqual([NEED_DATA, "HEAD"]);
  expect(() => feed(" HTTP/1.1\r\n\r\n")).toThrow("Host");
  expect(parser.methodSoFar).toBe("HEAD");
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

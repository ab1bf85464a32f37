/** What is refused, with its status and code; the first faults of HTTP servers on record are all among it. */
import { describe, expect, test } from "vitest";
import { lastEvent, parseInEverySplit } from "../../test/http/parse-events.ts";

const get = (lines = "", line = "GET / HTTP/1.1") => `${line}\r\nHost: a\r\n${lines}\r\n`;
const chunked = (body: string) => `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body}`;

type Row = [what: string, text: string, status: number, code: string];

describe("the request line", () => {
  test.each<Row>([
    ["no method", " / HTTP/1.1\r\n", 400, "bad-method"],
    ["a method that is no token", "G=T(x / HTTP/1.1\r\n", 400, "bad-method"],
    ["a method with quotes and brackets", 'G=":<>[]{}" / HTTP/1.1\r\n', 400, "bad-method"],
    ["a method with a byte above 7F", "G\xcb\x99T / HTTP/1.1\r\n", 400, "bad-method"],
    ["a method with NUL", "GET\0 / HTTP/1.1\r\n", 400, "bad-method"],
    ["TLS spoken to a plain port", "\x16\x03\x01\x02\x00\x01", 400, "bad-method"],
    ["whitespace alone", "   \r\n\r\n", 400, "bad-method"],
    ["two spaces", "GET  / HTTP/1.1\r\n", 400, "bad-target"],
    ["two spaces before the version", "GET /  HTTP/1.1\r\n", 400, "bad-version"],
    ["a tab", "GET\t/ HTTP/1.1\r\n", 400, "bad-method"],
    ["a tab before the version", "GET /\tHTTP/1.1\r\n", 400, "bad-target"],
    ["a line feed as the separator", "GET\n/ HTTP/1.1\r\n", 400, "bad-method"],
    ["a form feed as the separator", "GET /\x0cHTTP/1.1\r\n", 400, "bad-target"],
    ["no target", "GET HTTP/1.1\r\n", 400, "bad-request-line"],
    ["HTTP/0.9", "GET /\r\n", 400, "bad-request-line"],
    ["no version behind the space", "GET / \r\n\r\n", 400, "bad-version"],
    ["whitespace in the target", "GET /a b HTTP/1.1\r\n", 400, "bad-version"],
    ["a fragment", "GET /#a HTTP/1.1\r\n", 400, "bad-target"],
    ["a bare non-ASCII byte", "GET /\xe9 HTTP/1.1\r\n", 400, "bad-target"],
    ["overlong UTF-8", "GET /\xc0\xaf HTTP/1.1\r\n", 400, "bad-target"],
    ["NUL in the target", "GET /\0 HTTP/1.1\r\n", 400, "bad-target"],
    ["DEL in the query", "GET /?\x7f HTTP/1.1\r\n", 400, "bad-target"],
    ["a bare CR in the target", "GET /\r/a HTTP/1.1\r\n", 400, "bad-request-line"],
    ["a backslash in the path", "GET /a\\b HTTP/1.1\r\n", 400, "bad-target"],
    ["quotes and angle brackets", 'GET /"<> HTTP/1.1\r\n', 400, "bad-target"],
    ["a lower-case version", "GET / http/1.1\r\n", 400, "bad-version"],
    ["another protocol", "GET / HTTPS/1.1\r\n", 400, "bad-version"],
    ["HTTP/2", "GET / HTTP/2.0\r\n", 505, "unsupported-version"],
    ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "unsupported-version"],
    ["HTTP/0.1", "GET / HTTP/0.1\r\n", 505, "unsupported-version"],
    ["HTTP/1.2", "GET / HTTP/1.2\r\n", 505, "unsupported-version"],
    ["HTTP/1.10", "GET / HTTP/1.10\r\n", 400, "bad-version"],
    ["HTTP/2.", "GET / HTTP/2.\r\n", 400, "bad-version"],
    ["HTTP/20.0", "GET / HTTP/20.0\r\n", 400, "bad-version"],
    ["HTTP/2.0 with a bare LF", "GET / HTTP/2.0\n", 400, "bare-lf"],
    ["HTTP/11.1", "GET / HTTP/11.1\r\n", 400, "bad-version"],
    ["HTTP/1", "GET / HTTP/1\r\n", 400, "bad-version"],
    ["HTTP/1.", "GET / HTTP/1.\r\n", 400, "bad-version"],
    ["HTTP/01.01", "GET / HTTP/01.01\r\n", 400, "bad-version"],
    ["whitespace in the version", "GET / HTTP/ 1.1\r\n", 400, "bad-version"],
    ["carriage returns in the version", "GET / HTTP/\r\r1.1\r\n", 400, "bad-version"],
    ["a space behind the version", "GET / HTTP/1.1 \r\n", 400, "bad-version"],
    ["a bare LF behind the line", "GET / HTTP/1.1\nHost: a\n\n", 400, "bare-lf"],
    ["a bare CR behind the line", "GET / HTTP/1.1\rHost", 400, "bare-cr"],
    ["two empty lines before it", "\r\n\r\nGET / HTTP/1.1\r\n", 400, "bad-method"],
    ["a bare LF before it", "\nGET / HTTP/1.1\r\n", 400, "bad-method"],
    ["a bare CR before it", "\rGET / HTTP/1.1\r\n", 400, "bad-method"],
  ])("%s", (_, text, status, code) => {
    expect(lastEvent(text)).toEqual({ status, code });
  });
});

describe("the target", () => {
  const line = (start: string, host = "a") => `${start} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  test.each<Row>([
    ["authority-form", line("GET a:80"), 400, "bad-target"],
    ["no slash before the path", line("GET a/b"), 400, "bad-target"],
    ["a query alone", line("GET ?a"), 400, "bad-target"],
    ["another scheme", line("GET ftp://a/"), 400, "bad-target"],
    ["a scheme with one slash", line("GET http:/a/"), 400, "bad-target"],
    ["an absolute-form without a host", line("GET http:///a"), 400, "bad-host"],
    ["an absolute-form with a port alone", line("GET http://:80/"), 400, "bad-host"],
    ["an absolute-form with two ports", line("GET http://a:80:80/"), 400, "bad-host"],
    ["user information in the target", line("GET http://u@a/"), 400, "bad-host"],
    ["user information before a host like ours", line("GET http://a:80@b/"), 400, "bad-host"],
    ["a target that contradicts Host", line("GET http://b/"), 400, "bad-host"],
    ["a target that contradicts Host in the port", line("GET http://a:81/"), 400, "bad-host"],
    ["the other scheme's default port", line("GET https://a:80/"), 400, "bad-host"],
    ["an absolute-form without Host", "GET http://a/ HTTP/1.1\r\n\r\n", 400, "no-host"],
    ["* for GET", line("GET *"), 400, "bad-target"],
    ["* for options in lower case", line("options *"), 400, "bad-target"],
    ["* with a query", line("OPTIONS *?a"), 400, "bad-target"],
    ["CONNECT", line("CONNECT a:80", "a:80"), 501, "connect"],
    ["CONNECT in origin-form", line("CONNECT /"), 501, "connect"],
    ["CONNECT in absolute-form", line("CONNECT http://a/"), 501, "connect"],
    [
      "TRACE with content",
      "TRACE / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx",
      400,
      "trace-with-content",
    ],
  ])("%s", (_, text, status, code) => {
    expect(lastEvent(text)).toEqual({ status, code });
  });
});

describe("Host", () => {
  test.each<Row>([
    ["no Host", "GET / HTTP/1.1\r\n\r\n", 400, "no-host"],
    ["two Hosts", get("Host: b\r\n"), 400, "bad-host"],
    ["the same Host twice", get("Host: a\r\n"), 400, "bad-host"],
    ["two Hosts in HTTP/1.0", get("Host: a\r\n", "GET / HTTP/1.0"), 400, "bad-host"],
  ])("%s", (_, text, status, code) => {
    expect(lastEvent(text)).toEqual({ status, code });
  });

  test.each([
    "",
    ":",
    ":80",
    "a,b",
    "a, a",
    "a b",
    "a/b",
    "a?b",
    "a#b",
    "a\\b",
    "u@a",
    "u:p@a",
    "http://a",
    "a:b",
    "a:0",
    "a:080",
    "a:+80",
    "a:65536",
    "a:999999",
    "a:80:80",
    "::1",
    "[::1",
    "::1]",
    "[::1]a",
    "[]",
    "[:]",
    "[1:2]",
    "[::1::2]",
    "[::1%25lo]",
    "[v1.a]",
    "[127.0.0.1]",
    "a%41",
    "a*",
    "\xe4",
    "a\tb",
    '"a"',
  ])("Host %j", (host) => {
    expect(lastEvent(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).toEqual({ status: 400, code: "bad-host" });
  });
});

describe("fields", () => {
  test.each<Row>([
    ["a space before the colon", get("X : a\r\n"), 400, "bad-field-name"],
    ["a tab before the colon", get("X\t: a\r\n"), 400, "bad-field-name"],
    ["a space before Content-Length's colon", get("Content-Length : 1\r\n"), 400, "bad-field-name"],
    [
      "a space before Transfer-Encoding's colon",
      get("Transfer-Encoding : chunked\r\n"),
      400,
      "bad-field-name",
    ],
    ["a folded line", get("X: a\r\n b\r\n"), 400, "line-folding"],
    ["a line folded by a tab", get("X: a\r\n\tb\r\n"), 400, "line-folding"],
    ["a folded Transfer-Encoding", get("Transfer-Encoding:\r\n chunked\r\n"), 400, "line-folding"],
    ["a length behind a space", get("X: a\r\n Content-Length: 5\r\n"), 400, "line-folding"],
    ["a folded first line", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400, "line-folding"],
    ["a line of whitespace", "GET / HTTP/1.1\r\n \r\nHost: a\r\n\r\n", 400, "line-folding"],
    ["a line without a colon", get("Xa\r\n"), 400, "no-colon"],
    ["a space for the colon", get("X a\r\n"), 400, "bad-field-name"],
    ["an empty name", get(": a\r\n"), 400, "bad-field-name"],
    ["a name that goes on in the next line", get("X\r\n-Y: a\r\n"), 400, "no-colon"],
    ["brackets in a name", get("X[]: a\r\n"), 400, "bad-field-name"],
    ["NUL in a name", get("X\0: a\r\n"), 400, "bad-field-name"],
    ["a tab in a name", get("Content\tLength: 1\r\n"), 400, "bad-field-name"],
    ["a name with a byte above 7F", get("X\x85: a\r\n"), 400, "bad-field-name"],
    ["Content-Length with an underscore", get("Content_Length: 1\r\n"), 400, "bad-field-name"],
    ["Transfer-Encoding with an underscore", get("transfer_Encoding: chunked\r\n"), 400, "bad-field-name"],
    ["NUL in a value", get("X: a\0b\r\n"), 400, "bad-field-value"],
    ["NUL at the end of a value", get("X: a\0\r\n"), 400, "bad-field-value"],
    ["DEL in a value", get("X: a\x7f\r\n"), 400, "bad-field-value"],
    ["BEL in a value", get("X: a\x07\r\n"), 400, "bad-field-value"],
    ["a vertical tab in a value", get("X:\x0ba\r\n"), 400, "bad-field-value"],
    ["a bare CR in a value", get("X: a\rb\r\n"), 400, "bare-cr"],
    ["a bare CR that would end a line", get("X: a\rContent-Length: 1\r\n"), 400, "bare-cr"],
    ["a bare LF in a value", get("X: a\nb: c\r\n"), 400, "bare-lf"],
    ["two CRs at the end of a line", get("X: a\r\r\n"), 400, "bare-cr"],
    ["CRLF CR X", "GET / HTTP/1.1\r\nHost: a\r\n\rX", 400, "bare-cr"],
    ["a bare LF that would end the fields", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400, "bare-lf"],
    ["two bare LFs that would end the fields", "GET / HTTP/1.1\r\nHost: a\n\nX", 400, "bare-lf"],
    ["two Content-Types", get("Content-Type: a/b\r\nContent-Type: c/d\r\n"), 400, "bad-content-type"],
    ["an unknown expectation", get("Expect: 200-ok\r\n"), 417, "unknown-expectation"],
    [
      "an unknown expectation beside 100-continue",
      get("Expect: 100-continue, x\r\n"),
      417,
      "unknown-expectation",
    ],
    [
      "an expectation in a second line",
      get("Expect: 100-continue\r\nExpect: x\r\n"),
      417,
      "unknown-expectation",
    ],
    ["100-continue with a parameter", get("Expect: 100-continue;a=b\r\n"), 417, "unknown-expectation"],
    ["100-continue behind U+00A0", get("Expect: \xa0100-continue\r\n"), 417, "unknown-expectation"],
  ])("%s", (_, text, status, code) => {
    expect(lastEvent(text)).toEqual({ status, code });
  });

  test("no control character may stand in a value, and none but letters, digits and a few signs in a name", () => {
    for (let byte = 0; byte < 256; byte++) {
      const character = String.fromCharCode(byte);
      const isControl = (byte < 0x20 && byte !== 0x09) || byte === 0x7f;
      expect("status" in (lastEvent(get(`X: a${character}b\r\n`)) ?? {}), `value ${byte}`).toBe(isControl);
      const isToken = /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(character);
      // A colon ends the name.
      if (character === ":") continue;
      expect("status" in (lastEvent(get(`X${character}Y: a\r\n`)) ?? {}), `name ${byte}`).toBe(!isToken);
    }
  });
});

describe("Content-Length", () => {
  test.each([
    "+1",
    "-1",
    "-48",
    "-0",
    "+0",
    "0x10",
    "0o5",
    "010",
    "005",
    "00",
    "1Z",
    "abc",
    "",
    "1 1",
    "1\t1",
    "1_0",
    "+1_0",
    "1.0",
    "1e3",
    "1,",
    ",1",
    "1, 1",
    "1, 2",
    "1;a",
    '"1"',
    "\xa01",
    "1\xa0",
    "\xb2",
    "9007199254740992",
    "18446744073709551617",
    "99999999999999999999",
  ])("Content-Length %j", (value) => {
    const text = `${get(`Content-Length: ${value}\r\n`, "POST / HTTP/1.1")}${"x".repeat(20)}`;
    expect(lastEvent(text)).toEqual({ status: 400, code: "bad-content-length" });
  });

  test.each<[string, string, string]>([
    ["two equal ones", "1", "1"],
    ["two different ones", "1", "2"],
    ["an empty and a valid one", "", "1"],
    ["a valid and an empty one", "1", ""],
    ["a valid one and nonsense", "1", "x"],
  ])("%s", (_, first, second) => {
    const text = `${get(`Content-Length: ${first}\r\ncontent-length: ${second}\r\n`, "POST / HTTP/1.1")}xx`;
    expect(lastEvent(text)).toEqual({ status: 400, code: "bad-content-length" });
  });
});

describe("Transfer-Encoding", () => {
  test.each([
    "",
    ",",
    "xchunked",
    "chunkedx",
    "identity",
    "gzip",
    "chunked, gzip",
    "chunked, identity",
    "chunked, chunked",
    ",chunked",
    "chunked,",
    "chunked,,",
    "chunked;a=b",
    "chunked ;",
    "chunked chunked",
    "gzip chunked",
    '"chunked"',
    '"a,chunked"',
    "\xa0chunked",
    "chunked\xa0",
    "\xa0chunked\x85",
    "chunke\xe4",
    "chun\tked",
  ])("Transfer-Encoding %j", (value) => {
    const text = get(`Transfer-Encoding: ${value}\r\n`, "POST / HTTP/1.1");
    expect(lastEvent(`${text}0\r\n\r\n`)).toEqual({ status: 400, code: "bad-transfer-encoding" });
  });

  test.each<Row>([
    ["a vertical tab", get("Transfer-Encoding: \x0bchunked\r\n"), 400, "bad-field-value"],
    ["a form feed", get("Transfer-Encoding: chunked\x0c\r\n"), 400, "bad-field-value"],
    ["a NUL", get("Transfer-Encoding: chunked\0\r\n"), 400, "bad-field-value"],
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
    [
      "a second line that is empty",
      get("Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n"),
      400,
      "bad-transfer-encoding",
    ],
    ["gzip, chunked", get("Transfer-Encoding: gzip, chunked\r\n"), 501, "unknown-transfer-coding"],
    [
      "a line gzip and a line chunked",
      get("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"),
      501,
      "unknown-transfer-coding",
    ],
    ["both lengths", get("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), 400, "length-and-encoding"],
    [
      "both the other way",
      get("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"),
      400,
      "length-and-encoding",
    ],
    [
      "identity with a length",
      get("Transfer-Encoding: identity\r\nContent-Length: 1\r\n"),
      400,
      "length-and-encoding",
    ],
    [
      "chunked in HTTP/1.0",
      get("Transfer-Encoding: chunked\r\n", "POST / HTTP/1.0"),
      400,
      "encoding-in-http-1.0",
    ],
    [
      "both in HTTP/1.0",
      get("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "POST / HTTP/1.0"),
      400,
      "length-and-encoding",
    ],
  ])("%s", (_, text, status, code) => {
    expect(lastEvent(text)).toEqual({ status, code });
  });
});

describe("chunks", () => {
  test.each([
    // Sizes.
    "0x1\r\na\r\n",
    "0x\r\n\r\n",
    "x1\r\na\r\n",
    "+1\r\na\r\n",
    "+0\r\n\r\n",
    "-1\r\n",
    "-0\r\n\r\n",
    "\r\n",
    ";a\r\n",
    " 1\r\na\r\n",
    "\t1\r\na\r\n",
    "1 \r\na\r\n",
    "1\t\r\na\r\n",
    "1 1\r\na\r\n",
    "g\r\n",
    "1g\r\n",
    "1h\r\n",
    "1_0\r\n",
    "0_2e\r\n",
    "1.0\r\n",
    "1,\r\n",
    "\xb2\r\n",
    "1\0\r\n",
    "20000000000000\r\n",
    "ffffffffffffffff0\r\n",
    "00000000000000000\r\n",
    // The end of the size's line.
    "1\na\r\n",
    "1\r\r\na\r\n",
    "1\rXa\r\n",
    "1\ra\r\n",
    // The end of a chunk.
    "1\r\nab\r\n",
    "1\r\na\rX",
    "1\r\na\n",
    "1\r\na1\r\n",
    "1\r\na0\r\n\r\n",
    "1\r\na\r\n\r\n0\r\n\r\n",
    "1\r\na\r\nXX0\r\n\r\n",
    "2\r\na\r\n0\r\n\r\n",
  ])("the chunk %j", (body) => {
    expect(lastEvent(chunked(body))).toEqual({ status: 400, code: "bad-chunk" });
  });

  test.each([
    ";",
    "; ",
    ";;a",
    ";a;",
    ";a=",
    ";a= ",
    ";=b",
    ";a=b=c",
    ";a b",
    ";a =",
    ";a ",
    ";a=b ",
    ';a="b',
    ';a="b"c',
    ';a="b" ',
    ';a="\\',
    ";a='b c'",
    ";bad[=x",
    ";a=b\x85",
    ";\xa0a",
    ";a\0",
    ';a="\0"',
    ';a="\x7f"',
    ";a\n",
    ";a\rb",
    ' \r;a="',
    ";a=b\rX",
  ])("the chunk extension %j", (extension) => {
    expect(lastEvent(chunked(`1${extension}\r\na\r\n0\r\n\r\n`))).toEqual({
      status: 400,
      code: "bad-chunk",
    });
  });

  test.each<Row>([
    ["a folded trailer", chunked("0\r\nX: a\r\n b\r\n\r\n"), 400, "line-folding"],
    ["a trailer without a colon", chunked("0\r\nXa\r\n\r\n"), 400, "no-colon"],
    ["a trailer with a space before its colon", chunked("0\r\nX : a\r\n\r\n"), 400, "bad-field-name"],
    ["a trailer that ends with a bare LF", chunked("0\r\nX: a\n\r\n"), 400, "bare-lf"],
    ["a bare LF behind the last chunk", chunked("0\r\n\n"), 400, "bare-lf"],
    ["a bare CR behind the last chunk", chunked("0\r\n\rX"), 400, "bare-cr"],
    [
      "a request behind the last chunk without the empty line",
      chunked(`0\r\n${get()}`),
      400,
      "bad-field-name",
    ],
  ])("%s", (_, text, status, code) => {
    expect(lastEvent(text)).toEqual({ status, code });
  });

  test.each(["Content-Length", "Transfer-Encoding", "Host", "Authorization", "Content-Type", "Cookie", "TE"])(
    "the trailer %s",
    (name) => {
      expect(lastEvent(chunked(`0\r\n${name}: 1\r\n\r\n`))).toEqual({ status: 400, code: "bad-trailer" });
    },
  );
});

test("the request before a bad one is still told", () => {
  expect(parseInEverySplit(`${get()}GET  / HTTP/1.1\r\n`)).toMatchObject([
    { method: "GET" },
    { body: "" },
    { status: 400 },
  ]);
});

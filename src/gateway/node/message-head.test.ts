import { expect, test } from "vitest";
import { parseFields, parseHead } from "./message-head.ts";

const line = "HTTP/1.1 200 OK\r\n";

test("gives the fields in their order, and repeated ones as often as they come", () => {
  const head = `${line}X-A: 1\r\nSet-Cookie: a=1; b\r\nset-cookie: c=2\r\nX-Empty: \r\n\r\n`;
  expect(parseFields(head, line.length)).toEqual({
    headers: ["X-A", "1", "Set-Cookie", "a=1; b", "set-cookie", "c=2", "X-Empty", ""],
    contentLength: -1,
    isFramed: false,
    closes: false,
  });
});

test("leaves out what frames the message and what speaks of the connection", () => {
  const hop = [
    "Connection: close",
    "Keep-Alive: timeout=5",
    "Proxy-Connection: x",
    "Trailer: X",
    "Transfer-Encoding: chunked",
  ];
  const fields = parseFields(`${line}${hop.join("\r\n")}\r\n\r\n`, line.length);
  expect(fields).toMatchObject({ headers: [], closes: true });
});

test.each([
  ["Connection: close", true],
  ["connection: Keep-Alive, CLOSE", true],
  ["Connection: disclosed", false],
  ["Keep-Alive: close", false],
])("%s asks for the connection's end: %s", (field, closes) => {
  expect(parseFields(`${line}${field}\r\n\r\n`, line.length).closes).toBe(closes);
  const headers = closes ? ["connection", "close"] : [];
  expect(parseHead(`${line}${field}\r\n\r\n`)).toMatchObject({ headers });
});

test.each([
  ["200 OK", 200, undefined],
  ["200 Fine", 200, "Fine"],
  ["200 ", 200, ""],
  ["413 Payload Too Large", 413, "Payload Too Large"],
  ["101 Switching Protocols", 101, "Switching Protocols"],
  ["700 custom status", 700, "custom status"],
])("of %s the reason is told where it is no standard one", (text, status, reason) => {
  expect(parseHead(`HTTP/1.1 ${text}\r\nContent-Length: 0\r\n\r\n`)).toMatchObject({ status, reason });
});

test("205 that nothing else says to be empty ends with the connection", () => {
  const head = "HTTP/1.1 205 Reset Content\r\nX: y\r\n";
  expect(parseHead(`${head}\r\n`).headers).toEqual(["X", "y", "connection", "close"]);
  expect(parseHead(`${head}Content-Length: 0\r\n\r\n`).headers).toEqual(["X", "y"]);
  expect(parseHead(`${head}Transfer-Encoding: chunked\r\n\r\n`).headers).toEqual(["X", "y"]);
});

test("tells a Transfer-Encoding of the application's from Node's, which is the last line", () => {
  const chunked = "Transfer-Encoding: chunked\r\n";
  expect(parseFields(`${line}${chunked}Date: x\r\n\r\n`, line.length).isFramed).toBe(true);
  expect(parseFields(`${line}Date: x\r\n${chunked}\r\n`, line.length).isFramed).toBe(false);
});

test("reads the length, or leaves it out", () => {
  const head = `${line}content-length: 12\r\n\r\n`;
  expect(parseFields(head, line.length)).toMatchObject({
    headers: ["content-length", "12"],
    contentLength: 12,
  });
  expect(parseFields(head, line.length, true)).toMatchObject({ headers: [], contentLength: -1 });
  expect(parseFields(`${line}Content-Length: abc\r\n\r\n`, line.length).contentLength).toBe(-1);
});

test("of a head without fields there are none", () => {
  expect(parseFields(`${line}\r\n`, line.length).headers).toEqual([]);
});

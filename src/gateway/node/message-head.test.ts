import { expect, test } from "vitest";
import { parseFields } from "./message-head.ts";

const line = "HTTP/1.1 200 OK\r\n";

test("gives the fields in their order, and repeated ones as often as they come", () => {
  const head = `${line}X-A: 1\r\nSet-Cookie: a=1; b\r\nset-cookie: c=2\r\nX-Empty: \r\n\r\n`;
  expect(parseFields(head, line.length)).toEqual({
    headers: ["X-A", "1", "Set-Cookie", "a=1; b", "set-cookie", "c=2", "X-Empty", ""],
    contentLength: -1,
    isFramed: false,
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
  expect(parseFields(`${line}${hop.join("\r\n")}\r\n\r\n`, line.length).headers).toEqual([]);
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

import { describe, expect, it } from "vitest";
import { decodePath } from "./request-path.ts";

describe("decodePath", () => {
  it.each([
    ["/", "/"],
    ["/a/b/", "/a/b/"],
    ["/a.b/..c/.d/e..", "/a.b/..c/.d/e.."],
    ["/a%20b%2Bc+d", "/a b+c+d"],
    ["/%E4%BD%A0%e5%a5%bd", "/你好"],
    ["/%F0%9F%98%80", "/😀"],
    ["/100%25", "/100%"],
    ["/%252f", "/%2f"],
    ["/a:b@c;d=1,2!$&'()*~[]|", "/a:b@c;d=1,2!$&'()*~[]|"],
    ["/%3Cb%3E", "/<b>"],
  ])("%s is %s", (path, decoded) => {
    expect(decodePath(path)).toBe(decoded);
  });

  it.each([
    ["AMBIGUOUS_EMPTY_SEGMENT", "//", /empty segment/],
    ["AMBIGUOUS_EMPTY_SEGMENT", "/a//b", /empty segment/],
    ["AMBIGUOUS_PATH_SEGMENT", "/.", /segment \. or \.\./],
    ["AMBIGUOUS_PATH_SEGMENT", "/a/../b", /segment \. or \.\./],
    ["AMBIGUOUS_PATH_SEGMENT", "/a/..", /segment \. or \.\./],
    ["AMBIGUOUS_PATH_SEGMENT", "/a/%2e%2E/b", /segment \. or \.\./],
    ["AMBIGUOUS_PATH_SEGMENT", "/.%2e", /segment \. or \.\./],
    ["AMBIGUOUS_PATH_SEPARATOR", "/a%2fb", /%2f/],
    ["AMBIGUOUS_PATH_SEPARATOR", "/a%2Fb", /%2F/],
    ["AMBIGUOUS_PATH_SEPARATOR", "/..%5Cx", /%5C/],
    ["AMBIGUOUS_PATH_SEPARATOR", "/a\\b", /backslash/],
    ["SUSPICIOUS_PATH_CHARACTERS", "/a%00b", /%00/],
    ["SUSPICIOUS_PATH_CHARACTERS", "/a\0b", /percent-encoded/],
    ["ILLEGAL_PATH_CHARACTERS", "/a b", /percent-encoded/],
    ["ILLEGAL_PATH_CHARACTERS", "/caf\u00e9", /percent-encoded/],
    ["AMBIGUOUS_PATH_ENCODING", "/%", /malformed/],
    ["AMBIGUOUS_PATH_ENCODING", "/%2", /malformed/],
    ["AMBIGUOUS_PATH_ENCODING", "/%zz", /malformed/],
    ["UTF16_ENCODINGS", "/%u002f", /malformed/],
    ["BAD_UTF8_ENCODING", "/%ff", /malformed/],
    ["BAD_UTF8_ENCODING, overlong slash", "/%c0%af", /malformed/],
    ["BAD_UTF8_ENCODING, overlong dot", "/%c0%ae%c0%ae/", /malformed/],
    ["BAD_UTF8_ENCODING, surrogate", "/%ed%a0%80", /malformed/],
    ["BAD_UTF8_ENCODING, cut short", "/%e4%bd", /malformed/],
  ])("refuses %s: %j", (_, path, message) => {
    expect(() => decodePath(path)).toThrow(message);
    expect(() => decodePath(path)).toThrow(expect.objectContaining({ name: "HttpError", status: 400 }));
  });
});

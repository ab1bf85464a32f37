import { describe, expect, it } from "vitest";
import { parseJson } from "./json.ts";
import { findJsonError } from "./json-error.ts";

const encode = (text: string) => new TextEncoder().encode(text);

describe("findJsonError", () => {
  it.each([
    ['{"c": }', '"c": expected a JSON value at line 1, column 7'],
    ["", "expected a JSON value at line 1, column 1"],
    ["nul", "expected a JSON value at line 1, column 1"],
    ["[1,2", "[1]: expected , or ] at line 1, column 5"],
    ["[1,]", "[1]: expected a JSON value at line 1, column 4"],
    ["[x", "[0]: expected a JSON value or ] at line 1, column 2"],
    ["{a: 1}", "expected a name in double quotes or } at line 1, column 2"],
    ['{"a": 1,}', "expected a name in double quotes at line 1, column 9"],
    ['{"a" 1}', '"a": expected : after the name at line 1, column 6'],
    ['{"a": 1 "b": 2}', '"a": expected , or } at line 1, column 9'],
    ['{\n  "你好": [{"b": tru}]\n}', '"你好"[0]."b": expected a JSON value at line 2, column 16'],
    ["{} x", "expected nothing more at line 1, column 4"],
    ["01", "expected nothing more at line 1, column 2"],
    ["-", "expected a JSON value at line 1, column 1"],
    ["\u00a01", "expected a JSON value at line 1, column 1"],
    [
      '{"a": "x\ny"}',
      '"a": expected a JSON value (this string has no end, a control character or an unknown escape) at line 1, column 7',
    ],
  ])("%j", (text, message) => {
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(findJsonError(text)).toBe(message);
  });

  it("agrees with JSON.parse on what is JSON", () => {
    const atoms = [
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"a"',
      '"\\u00e4\\n"',
      "1",
      "-0.5e+3",
      "true",
      "null",
      " ",
      "x",
      '"',
    ];
    let seed = 3;
    const random = (n: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * n);
    };
    for (let round = 0; round < 20_000; round++) {
      const text = Array.from({ length: 1 + random(8) }, () => atoms[random(atoms.length)]).join("");
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      // What is JSON has nothing wrong before its end.
      const place = /column (\d+)$/.exec(findJsonError(text)) as RegExpExecArray;
      const atEnd = Number(place[1]) === text.length + 1;
      const message = findJsonError(text);
      expect(atEnd && message.includes("expected nothing more"), text).toBe(valid);
    }
  });

  it("doesn't recurse, and names the innermost keys only", () => {
    const deep = '{"a":'.repeat(100_000);
    expect(findJsonError(deep)).toBe(
      `…${Array(8).fill('"a"').join(".")}: expected a JSON value at line 1, column ${deep.length + 1}`,
    );
  });
});

describe("parseJson", () => {
  it("reads JSON, with or without a byte order mark", () => {
    expect(parseJson(encode('{"msg":"你好"}'))).toEqual({ msg: "你好" });
    expect(parseJson(encode("\ufeff1"))).toBe(1);
    const buffer = encode("xx[1]yy");
    expect(parseJson(buffer.subarray(2, 5))).toEqual([1]);
  });

  it("gives __proto__ no meaning", () => {
    const value = parseJson(encode('{"__proto__":{"polluted":true}}')) as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it.each([
    ["", /the body is empty where JSON was expected/],
    ['{"c": }', /^the body is not JSON: "c": expected a JSON value at line 1, column 7$/],
  ])("refuses %j with 400", (text, message) => {
    expect(() => parseJson(encode(text))).toThrow(message);
    expect(() => parseJson(encode(text))).toThrow(
      expect.objectContaining({ name: "HttpError", status: 400 }),
    );
  });

  it("refuses what is not UTF-8", () => {
    expect(() => parseJson(new Uint8Array([0x22, 0xff, 0x22]))).toThrow(/not UTF-8/);
    expect(() => parseJson(new Uint8Array([0x22, 0xc0, 0xaf, 0x22]))).toThrow(/not UTF-8/);
  });
});

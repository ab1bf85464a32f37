import { describe, expect, it } from "vitest";
import { readParameters } from "./parameters.ts";

describe("readParameters", () => {
  it.each<[string, string[] | undefined]>([
    ["", []],
    ["; ", []],
    ["; a=b", ["a", "b"]],
    [';A="b c" ;\td=e ', ["a", "b c", "d", "e"]],
    ['; a="x;y"; b="="', ["a", "x;y", "b", "="]],
    // A backslash as browsers write it, and as others do.
    ['; a="C:\\x\\"; b=c', ["a", "C:\\x\\", "b", "c"]],
    ['; a="say \\"hi\\""', ["a", 'say "hi"']],
    ['; a="\\"', ["a", "\\"]],
    ['; a=""', ["a", ""]],
    ["; a=", ["a", ""]],
    ["; filename*=UTF-8''%41", ["filename*", "UTF-8''%41"]],
    ["; __proto__=x", ["__proto__", "x"]],
    ["x", undefined],
    ["; a", undefined],
    ["; =b", undefined],
    ["; a b=c", undefined],
    ['; a="b', undefined],
    ['; a="b"c', undefined],
    ['; a=b"c', undefined],
    ["; a=b; A=c", undefined],
    [`; ${"a=".padEnd(70, "=")}`, ["a", "=".repeat(68)]],
    [`; ${"n".repeat(65)}=x`, undefined],
    [Array.from({ length: 17 }, (_, i) => `; p${i}=x`).join(""), undefined],
  ])("reads %j", (text, parameters) => {
    expect(readParameters(text, 0)).toEqual(parameters);
  });

  it("reads what would send a pattern back and forth in one pass", () => {
    const many = 2 ** 20;
    expect(readParameters(`; a="${'\\"'.repeat(many)}x`, 0) === undefined).toBe(true);
    expect(readParameters(`; a="${'" '.repeat(many)}x`, 0) === undefined).toBe(true);
    expect(readParameters(`; a="${"\\".repeat(many)}"`, 0)?.[1]).toHaveLength(many);
    expect(readParameters(`;${" ".repeat(many)}`, 0)).toEqual([]);
    expect(readParameters(";".repeat(many), 0)).toEqual([]);
  });
});

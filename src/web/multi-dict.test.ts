import { describe, expect, expectTypeOf, it } from "vitest";
import { bool, float, int } from "./converters.ts";
import { MultiDict } from "./multi-dict.ts";
import { maxEntries, parseUrlEncoded } from "./url-encoded.ts";

const dict = new MultiDict([
  ["a", "1"],
  ["b", "x"],
  ["a", "2"],
  ["__proto__", "p"],
]);

describe("MultiDict", () => {
  it("gives the first, all, and everything in order", () => {
    expect([dict.get("a"), dict.get("c"), dict.getAll("a"), dict.getAll("c")]).toEqual([
      "1",
      undefined,
      ["1", "2"],
      [],
    ]);
    expect([dict.has("b"), dict.has("toString"), dict.size]).toEqual([true, false, 4]);
    expect([...dict.keys()]).toEqual(["a", "b", "__proto__"]);
    expect([...dict.values()]).toEqual(["1", "x", "2", "p"]);
    expect([...dict]).toEqual([
      ["a", "1"],
      ["b", "x"],
      ["a", "2"],
      ["__proto__", "p"],
    ]);
  });

  it("becomes objects that have no prototype and pollute none", () => {
    const object = dict.toObject();
    expect(Object.getPrototypeOf(object)).toBeNull();
    expect(Object.entries(object)).toEqual([
      ["a", "1"],
      ["b", "x"],
      ["__proto__", "p"],
    ]);
    expect(JSON.stringify(dict)).toBe('{"a":["1","2"],"b":"x","__proto__":"p"}');
    const empty = new MultiDict([
      ["a", ""],
      ["a", "1"],
    ]);
    expect({ ...empty.toObject() }).toEqual({ a: "" });
    expect(({} as Record<string, unknown>)["p"]).toBeUndefined();
  });

  it("reads values with a type, and gives the default for what can't be read", () => {
    expect(dict.get("a", { type: int })).toBe(1);
    expect(dict.get("b", { type: int })).toBeUndefined();
    expect(dict.get("b", { type: int, default: 5 })).toBe(5);
    expect(dict.get("c", { type: int, default: 6 })).toBe(6);
    expect(dict.getAll("a", { type: int })).toEqual([1, 2]);
    expect(dict.getAll("b", { type: int })).toEqual([]);
    const own = (text: string) => (text === "x" ? (["it"] as const) : undefined);
    expect(dict.get("b", { type: own })).toEqual(["it"]);
    expectTypeOf(dict.get("a")).toEqualTypeOf<string | undefined>();
    expectTypeOf(dict.get("a", { type: int })).toEqualTypeOf<number | undefined>();
    expectTypeOf(dict.get("a", { type: int, default: 1 })).toEqualTypeOf<number>();
    expectTypeOf(dict.getAll("a", { type: bool })).toEqualTypeOf<boolean[]>();
  });
});

describe("converters", () => {
  it.each([
    [int, "12", 12],
    [int, "-12", -12],
    [int, "+1", 1],
    [int, "9007199254740993", undefined],
    [int, "1.0", undefined],
    [int, "0x10", undefined],
    [int, " 1", undefined],
    [int, "", undefined],
    [float, "1", 1],
    [float, "-1.5e3", -1500],
    [float, ".5", 0.5],
    [float, "5.", 5],
    [float, "1e999", undefined],
    [float, "NaN", undefined],
    [float, "Infinity", undefined],
    [float, ".", undefined],
    [bool, "TRUE", true],
    [bool, "1", true],
    [bool, "on", true],
    [bool, "off", false],
    [bool, "no", false],
    [bool, "", undefined],
    [bool, "2", undefined],
  ])("%o of %j", (convert, text, value) => {
    expect(convert(text)).toBe(value);
  });

  it("are quick to refuse long texts", () => {
    const started = performance.now();
    for (const convert of [int, float]) expect(convert(`${"1".repeat(1_000_000)}x`)).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe("parseUrlEncoded", () => {
  it.each([
    ["", []],
    [
      "a=1&b=2&a=3",
      [
        ["a", "1"],
        ["b", "2"],
        ["a", "3"],
      ],
    ],
    ["a", [["a", ""]]],
    [
      "a=&=b&&=",
      [
        ["a", ""],
        ["", "b"],
        ["", ""],
      ],
    ],
    ["a=b=c", [["a", "b=c"]]],
    ["a+b=c%2Bd+e", [["a b", "c+d e"]]],
    ["%E4%BD%A0=%e5%a5%bd", [["你", "好"]]],
    ["a=%26%3D", [["a", "&="]]],
    ["a=1;b=2", [["a", "1;b=2"]]],
    ["a[b]=1", [["a[b]", "1"]]],
  ])("%j, as URLSearchParams reads it", (text, entries) => {
    expect([...parseUrlEncoded(text, "query")]).toEqual(entries);
    expect([...new URLSearchParams(text)]).toEqual(entries);
  });

  it.each([
    ["q=100%", 'the value of "q" in the query has malformed percent-encoding'],
    ["q=%zz", 'the value of "q"'],
    ["%=1", 'the name "%"'],
    ["q=%ff", "is not UTF-8"],
    ["q=%c0%af", "is not UTF-8"],
  ])("refuses %j with 400", (text, message) => {
    expect(() => parseUrlEncoded(text, "query")).toThrow(message);
    expect(() => parseUrlEncoded(text, "query")).toThrow(expect.objectContaining({ status: 400 }));
  });

  it("takes a thousand entries and no more", () => {
    const text = "a&".repeat(maxEntries);
    expect(parseUrlEncoded(text, "form").size).toBe(maxEntries);
    expect(() => parseUrlEncoded(`${text}b`, "form")).toThrow(/form has more than 1000 entries/);
  });
});

import { describe, expect, it } from "vitest";
import { json } from "./index.ts";
import { jsonWriter, writeJson } from "./json-writer.ts";

const big = 2n ** 53n;

describe("writeJson", () => {
  it("writes what JSON.stringify writes", () => {
    const value = { at: new Date(0), list: [1, "ä", null, undefined], left: undefined, map: new Map() };
    expect(writeJson(value)).toBe(JSON.stringify(value));
    expect(writeJson("a")).toBe('"a"');
  });

  const places: [unknown, string][] = [
    [big, "for the bigint:"],
    [{ id: big }, 'for the bigint at "id":'],
    [{ users: [{ id: 1 }, { id: big }] }, 'for the bigint at "users"[1]."id":'],
    [[[], [big]], "for the bigint at [1][0]:"],
    [{ a: { toJSON: () => ({ b: big }) } }, 'for the bigint at "a"."b":'],
    [{ ["k".repeat(100)]: big }, `for the bigint at "${"k".repeat(40)}":`],
    [
      Array(20)
        .fill(0)
        .reduce((value) => [value], big),
      `for the bigint at …${"[0]".repeat(8)}:`,
    ],
  ];
  it.each(places)("names the place of a bigint (%#)", (value, message) => {
    for (const write of [writeJson, jsonWriter({ replacer: (_, member) => member })]) {
      expect(() => write(value)).toThrow(TypeError);
      expect(() => write(value)).toThrow(message);
    }
  });

  it("leaves other errors as they are", () => {
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => writeJson(circle)).toThrow(/circular/i);
    const fault = new TypeError("this toJSON has no BigInt");
    const faulty = {
      toJSON() {
        throw fault;
      },
    };
    expect(() => writeJson(faulty)).toThrow(fault);
    for (const value of [undefined, () => 1, Symbol("a"), { toJSON: () => undefined }]) {
      expect(() => writeJson(value)).toThrow("JSON has no form for");
    }
  });
});

describe("jsonWriter", () => {
  it("without options is the plain one", () => {
    expect(jsonWriter({})).toBe(writeJson);
  });

  it("writes bigints as strings", () => {
    const write = jsonWriter({ bigint: "string" });
    expect(write({ a: [big, 1n], b: 1, at: new Date(0) })).toBe(
      '{"a":["9007199254740992","1"],"b":1,"at":"1970-01-01T00:00:00.000Z"}',
    );
    expect(write(1n)).toBe('"1"');
  });

  it("writes bigints as numbers while these are exact", () => {
    const write = jsonWriter({ bigint: "number" });
    expect(write([big - 1n, -5n])).toBe("[9007199254740991,-5]");
    expect(() => write({ id: big })).toThrow('no safe number for the bigint 9007199254740992 in "id"');
    expect(() => write({ id: big })).toThrow(RangeError);
  });

  it("has the replacer called first", () => {
    const write = jsonWriter({
      bigint: "string",
      replacer: (key, value) => (value instanceof Set ? [...value] : key === "secret" ? undefined : value),
    });
    expect(write({ ids: new Set([1n, 2]), secret: 1 })).toBe('{"ids":["1",2]}');
    expect(write({ ids: new Set([1, 2]), secret: 1 })).toBe('{"ids":[1,2]}');
    const holders = jsonWriter({
      replacer(key, value) {
        const holder = this as Record<string, unknown>;
        return holder[key] instanceof Date ? Number(holder[key]) : value;
      },
    });
    expect(holders({ at: new Date(5) })).toBe('{"at":5}');
  });

  it("is what json() writes with", async () => {
    expect(await json({ id: big }, { bigint: "string", status: 201 }).text()).toBe(
      '{"id":"9007199254740992"}',
    );
    expect(() => json({ id: big })).toThrow('the bigint at "id"');
  });
});

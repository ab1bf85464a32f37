import { expect, it } from "vitest";
import {
  bool,
  byteSize,
  type Converter,
  duration,
  float,
  int,
  listOf,
  MultiDict,
  oneOf,
  url,
} from "./index.ts";

const cases: [string, Converter<unknown>, string, unknown][] = [
  ["int", int, "-9007199254740991", -9_007_199_254_740_991],
  ["int", int, "9007199254740992", undefined],
  ["int", int, "1.0", undefined],
  ["float", float, ".5e1", 5],
  ["float", float, "1e999", undefined],
  ["bool", bool, "ON", true],
  ["bool", bool, "", undefined],
  ["duration", duration, "1.5m", 90_000],
  ["duration", duration, "10", undefined],
  ["byteSize", byteSize, "512", 512],
  ["byteSize", byteSize, "512B", 512],
  ["byteSize", byteSize, "64KiB", 65_536],
  ["byteSize", byteSize, "1.5kB", 1500],
  ["byteSize", byteSize, "2Ki", 2048],
  ["byteSize", byteSize, "1TB", 1e12],
  ["byteSize", byteSize, "1 MB", undefined],
  ["byteSize", byteSize, "1mb", undefined],
  ["byteSize", byteSize, "-1", undefined],
  ["byteSize", byteSize, "99999TiB", undefined],
  ["url", url, "redis://localhost", "redis://localhost"],
  ["url", url, "/relative", undefined],
  ["oneOf", oneOf("asc", "desc"), "asc", "asc"],
  ["oneOf", oneOf("asc", "desc"), "ASC", undefined],
  ["listOf", listOf(int), " 1 , 2", [1, 2]],
  ["listOf", listOf(int), "", []],
  ["listOf", listOf(int), "1,,2", undefined],
];
it.each(cases)("%s", (_, converter, text, value) => {
  expect(converter(text)).toEqual(value);
});

it("say what they take", () => {
  expect([
    int.accepts,
    oneOf("a", "b").accepts,
    listOf(float).accepts,
    listOf((text) => text).accepts,
  ]).toEqual(["a whole number", "a or b", "a list, with commas between, each of it a number", "a list"]);
});

it("are for queries as well", () => {
  const query = new MultiDict([["sort", "desc"]]);
  expect(query.get("sort", { type: oneOf("asc", "desc"), default: "asc" })).toBe("desc");
});

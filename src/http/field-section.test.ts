import { expect, test } from "vitest";
import { FieldSection } from "./field-section.ts";

const block = "Host: a\r\nX-Twice:1\r\nx-twice: \t2 \r\nX-Empty:\r\n";

test("names are in lower case, or as they were sent", () => {
  const section = new FieldSection(block);
  expect(section.list).toEqual(["host", "a", "x-twice", "1", "x-twice", "2", "x-empty", ""]);
  expect(section.rawList).toEqual(["Host", "a", "X-Twice", "1", "x-twice", "2", "X-Empty", ""]);
  expect(section.rawList).toBe(section.rawList);
  expect([section.size, section.get("x-twice"), section.getAll("x-twice")]).toEqual([4, "1, 2", ["1", "2"]]);
});

test("of a list the names are as it has them", () => {
  const section = FieldSection.fromList(["a", "1"]);
  expect(section.rawList).toBe(section.list);
});

test("what many messages share can't be changed", () => {
  const section = FieldSection.shared(block);
  expect([Object.isFrozen(section.list), Object.isFrozen(section.rawList)]).toEqual([true, true]);
});

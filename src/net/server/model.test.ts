import { expect, test } from "vitest";
import { checkModel, formatModel, type Model, parseModel } from "./model.ts";

test.each<[string, Model]>([
  ["once", "once"],
  ["serial", "serial"],
  ["events", "events"],
  ["threads:10", { threads: 10 }],
  ["processes:1", { processes: 1 }],
])("%s is a model", (text, model) => {
  expect(parseModel(text)).toEqual(model);
  expect(formatModel(model)).toBe(text);
  expect(checkModel(model)).toEqual(model);
});

test.each([
  "",
  "Events",
  "threads",
  "threads:",
  "threads:0",
  "threads:-1",
  "threads:1.5",
  "threads:1000",
  "process:2",
])("%j is no model", (text) => {
  expect(parseModel(text)).toBeUndefined();
});

test.each([{ threads: 0 }, { threads: 1.5 }, { processes: "2x" }, {}, null, "thread", 4])(
  "the option %j is refused with the models that there are",
  (model) => {
    expect(() => checkModel(model as Model)).toThrow(
      /is none of "once", "serial", "events", \{ threads: n \}/,
    );
  },
);

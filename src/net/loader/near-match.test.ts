import { expect, test } from "vitest";
import { nearMatch } from "./near-match.ts";

test.each([
  ["srve", ["serve", "share"], "serve"],
  ["wrokers", ["bind", "workers"], "workers"],
  ["WEB.ts", ["web.ts"], "web.ts"],
  ["mian", ["main", "maybe"], "main"],
  ["ap", ["app", "api"], "app"],
  ["x", ["main"], undefined],
  ["database", ["main", "default"], undefined],
  ["anything", [], undefined],
])("%s among %j is %s", (typed, known, expected) => {
  expect(nearMatch(typed, known)).toBe(expected);
});

import { expect, test } from "vitest";
import { colourLines } from "./dev-code-colours.ts";

test("words, texts, numbers and comments are told apart, and nothing is markup that was none", () => {
  expect(colourLines(['const a = "<b>" + 12; // & so on', "x.new = newer;"])).toEqual([
    '<i class="word">const</i> a = <i class="text">&quot;&lt;b&gt;&quot;</i> + <i class="number">12</i>; <i class="comment">// &amp; so on</i>',
    "x.new = newer;",
  ]);
});

test("what goes over several lines is told in each of them", () => {
  expect(colourLines(["/* a", "b */ c", "`d", "e`"])).toEqual([
    '<i class="comment">/* a</i>',
    '<i class="comment">b */</i> c',
    '<i class="text">`d</i>',
    '<i class="text">e`</i>',
  ]);
});

test("a text, a comment and a template without end are no obstacle", () => {
  expect(colourLines(["'a", "`b", "c"]).length).toBe(3);
  expect(colourLines(["/* a", "b"]).length).toBe(2);
});

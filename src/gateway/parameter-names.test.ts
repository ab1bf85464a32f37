import { runInThisContext } from "node:vm";
import { expect, test } from "vitest";
import { parameterNames } from "./parameter-names.ts";

// From their text, so that no compiler gets between the source and what is read.
test.each<[source: string, names: readonly string[] | undefined]>([
  ["() => 1", []],
  ["req => 1", ["req"]],
  ["async req => 1", ["req"]],
  ["(req) => 1", ["req"]],
  ["async (req, res) => 1", ["req", "res"]],
  ["function (req, res, next) {}", ["req", "res", "next"]],
  ["function app(a, b) { return (c, d) => 1; }", ["a", "b"]],
  ["function* app(environ, startResponse) {}", ["environ", "startResponse"]],
  ["async function* app(environ, startResponse,) {}", ["environ", "startResponse"]],
  ["({ fetch(request, env) {} }).fetch", ["request", "env"]],
  ["({ async *pieces(a) {} }).pieces", ["a"]],
  ["(new (class { handle(a, b) {} })()).handle", ["a", "b"]],
  ["({ method, url }, { ip }) => 1", ["{}", "{}"]],
  ["([a, b], c) => 1", ["{}", "c"]],
  ["(a = (1, [2, 3]), b = { c: ')' }) => 1", ["a", "b"]],
  ["(a = ',', b = \"(\", c = `)`) => 1", ["a", "b", "c"]],
  ["(...rest) => 1", ["...rest"]],
  ["(a, ...rest) => 1", ["a", "...rest"]],
  ["function /* ( */ app(a /* , b */, c // )\n) {}", ["a", "c"]],
  ["($, _, größe) => 1", ["$", "_", "größe"]],
  ["({ [String('a')](b) {} }).a", undefined],
  ["((req, res) => 1).bind(null)", undefined],
  ["Math.max", undefined],
])("%s", (source, names) => {
  expect(parameterNames(runInThisContext(`(${source})`))).toEqual(names);
});

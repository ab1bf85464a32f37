/** docs/http-conformance.md names tests: they are there, so that the list can't rot. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const root = new URL("../../", import.meta.url);
const page = readFileSync(new URL("docs/http-conformance.md", root), "utf8");

/** The test files by the keys that the page gives them. */
const files = new Map(
  [...page.matchAll(/^\| (\w+) \| `(\S+\.test\.ts)` \|$/gm)].map(([, key, path]) => [
    key as string,
    readFileSync(new URL(path as string, root), "utf8"),
  ]),
);
/** The rows of the page's tables. */
const rows = page.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| §"));

/** The tests that a text names. */
function named(text: string): { key: string; title: string }[] {
  return [...text.matchAll(/`(\w+) › ([^`]+)`/g)].map(([, key, title]) => ({
    key: key as string,
    title: title as string,
  }));
}

/** How a file has a title: as that of a test or a group of them, or as the first value of a row of a table of tests. */
function usesOf(source: string, title: string): string[] {
  const quoted = [JSON.stringify(title), `'${title}'`, `\`${title}\``].map((text) =>
    text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"),
  );
  const use = new RegExp(
    `(\\b(?:test|describe)(?:\\.\\w+)*\\(|\\)\\(|\\[)\\s*(?:${quoted.join("|")})\\s*,`,
    "g",
  );
  return [...source.matchAll(use)].map(([, before]) => before as string);
}

describe("docs/http-conformance.md", () => {
  test("names tests that are there", () => {
    const all = named(page);
    expect(all.length).toBeGreaterThan(100);
    const missing = all.filter(({ key, title }) => usesOf(files.get(key) ?? "", title).length === 0);
    expect(missing).toEqual([]);
  });

  test("has a test in each row", () => {
    const requirements = rows.filter((row) => !/^\| (?:key|what|\w+ \| `\S+\.test\.ts`) /.test(row));
    expect(requirements.length).toBeGreaterThan(80);
    expect(requirements.filter((row) => named(row).length === 0)).toEqual([]);
  });

  test("says what is not held yet, and that only", () => {
    const failing = (row: string) =>
      named(row).some(({ key, title }) => usesOf(files.get(key) ?? "", title).includes("test.fails("));
    expect(rows.filter((row) => failing(row) !== row.includes("not held yet"))).toEqual([]);
  });
});

import { mkdir, mkdtemp, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../../test/support/until.ts";
import { fileStamp } from "./dev-file-stamp.ts";
import { FileWatch } from "./dev-watch.ts";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "socle-watch-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const at = (name: string): string => join(directory, name);

/** A watch, and what it has told: "change", then the names. */
function watchAll(always: string[] = []): { watch: FileWatch; told: string[]; [Symbol.dispose](): void } {
  const told: string[] = [];
  const watch = new FileWatch({
    always: always.map(at),
    onChange: () => told.push("change"),
    onSettled: (paths) =>
      told.push(
        paths
          .map((path) => path.slice(directory.length + 1))
          .sort()
          .join(" "),
      ),
  });
  return { watch, told, [Symbol.dispose]: () => watch.close() };
}

const watched = (...names: string[]): { path: string; stamp: string }[] =>
  names.map((name) => ({ path: at(name), stamp: fileStamp(at(name)) }));

test("a change is told at once, and what has changed once it is quiet; others' files are not", async () => {
  await writeFile(at("a"), "1");
  using it = watchAll();
  it.watch.add(watched("a"));
  await writeFile(at("other"), "1");
  await writeFile(at("a"), "2");
  await until(() => it.told.length === 2);
  expect(it.told).toEqual(["change", "a"]);
});

test("a file that has changed since its mark was made, before it was watched, has changed", async () => {
  await writeFile(at("a"), "1");
  using it = watchAll();
  const before = watched("a");
  await writeFile(at("a"), "12");
  it.watch.add(before);
  await until(() => it.told.length === 2);
  expect(it.told).toEqual(["change", "a"]);
});

test("a folder that is not there yet, and one that another takes the place of, are followed", async () => {
  using it = watchAll();
  it.watch.add(watched("x/y/a"));
  await mkdir(at("x/y"), { recursive: true });
  await writeFile(at("x/y/a"), "1");
  await until(() => it.told.includes("x/y/a"));
  await rename(at("x"), at("z"));
  await until(() => it.told.filter((each) => each === "x/y/a").length === 2);
  await mkdir(at("x/y"), { recursive: true });
  await writeFile(at("x/y/a"), "2");
  await until(() => it.told.filter((each) => each === "x/y/a").length === 3);
});

test("what was set aside is not watched any more, and what is always watched is", async () => {
  await mkdir(at("views/node_modules"), { recursive: true });
  for (const name of ["a", "b", "views/c", "views/node_modules/d", "views/.e"])
    await writeFile(at(name), "1");
  using it = watchAll(["views"]);
  it.watch.add(watched("a", "b"));
  it.watch.replace(watched("b"));
  for (const name of ["a", "views/node_modules/d", "views/.e"]) await writeFile(at(name), "22");
  await writeFile(at("views/c"), "22");
  await until(() => it.told.length === 2);
  await utimes(at("b"), 1, 1);
  await until(() => it.told.length === 4);
  expect(it.told).toEqual(["change", "views/c", "change", "b"]);
});

/** The documentation's code works: every snippet is compiled and run (test/support/snippets.ts says how to write them). */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Page, programsOf, readPage, type Session, Workspace } from "./support/snippets.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

const paths = globSync(["README.md", "CONTRIBUTING.md", "docs/**/*.md"], { cwd: root }).sort();
const pages = paths.map((path) =>
  readPage(path.replaceAll("\\", "/"), readFileSync(`${root}${path}`, "utf8")),
);

const folders: string[] = [];

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** Writes pages into a folder of their own inside the package. */
async function openWorkspace(pages: Page[]): Promise<Workspace> {
  await mkdir(`${root}.tmp`, { recursive: true });
  const folder = await mkdtemp(`${root}.tmp/snippets-`);
  folders.push(folder);
  const workspace = new Workspace(folder, root);
  await workspace.write(pages);
  return workspace;
}

/** The programs that a session needs and that this machine has not. */
function missingPrograms(session: Session): string[] {
  const own = ["socle", "npx"];
  const others = programsOf(session).filter((program) => !own.includes(program));
  return others.filter((program) => spawnSync("sh", ["-c", `command -v ${program}`]).status !== 0);
}

describe("the documentation", () => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await openWorkspace(pages);
  });

  it("compiles", async () => {
    expect(await workspace.compile(pages)).toEqual([]);
  });

  for (const snippet of pages.flatMap(({ snippets }) => snippets)) {
    it(`${snippet.page}:${snippet.line} runs`, () => workspace.runSnippet(snippet));
  }

  for (const session of pages.flatMap(({ sessions }) => sessions)) {
    const missing = missingPrograms(session);
    const why = missing.length === 0 ? "" : ` (missing: ${missing.join(", ")})`;
    it.skipIf(missing.length > 0)(`${session.page}:${session.line} does what it says${why}`, () =>
      workspace.runSession(session),
    );
  }
});

describe("readPage", () => {
  const page = (...lines: string[]): Page => readPage("page.md", lines.join("\n"));

  it("takes whole modules, their lines and their names", () => {
    const { snippets } = page(
      "# Title",
      "```ts",
      "export const a = 1;",
      "```",
      "- in a list:",
      "  ````ts",
      "  // file: web.ts",
      "    // ```",
      "  ````",
      "```sh",
      "ls",
      "```",
      "    ~~~text",
      "    ```ts",
      "    ~~~",
    );
    expect(snippets).toEqual([
      { page: "page.md", line: 3, file: "line-3.ts", code: "export const a = 1;\n" },
      { page: "page.md", line: 7, file: "web.ts", code: "// file: web.ts\n  // ```\n" },
    ]);
  });

  it("takes sessions, with commands over several lines, in the background and without output", () => {
    const { sessions } = page(
      "```console",
      "$ not run",
      "```",
      "```console run",
      "$ serve &",
      "Serving …",
      "$ curl \\",
      "    -X POST",
      "one",
      "",
      "two",
      "$ true",
      "```",
    );
    expect(sessions).toEqual([
      {
        page: "page.md",
        line: 5,
        steps: [
          { command: "serve", background: true, expected: "Serving …\n" },
          { command: "curl \\\n    -X POST", background: false, expected: "one\n\ntwo\n" },
          { command: "true", background: false, expected: "" },
        ],
      },
    ]);
  });

  it.each([
    ["an open block", ["", "```ts", "x"], "page.md:2: this code block is never closed"],
    ["another name for ts", ["```typescript", "```"], 'page.md:1: fenced as "typescript": write "ts"'],
    ["an unknown mark", ["```ts no-run", "```"], 'page.md:1: fenced as "ts no-run": write "ts"'],
    ["an unknown session", ["```console runs", "```"], 'page.md:1: fenced as "console runs"'],
    ["a file outside", ["```ts", "// file: ../x.ts", "```"], 'page.md:2: "../x.ts" is no name'],
    ["output first", ["```console run", "hello", "```"], "page.md:2: a session starts with a command"],
    [
      "a name twice",
      ["```ts", "// file: a.ts", "```", "```ts", "// file: a.ts", "```"],
      "page.md:5: the page has a a.ts already",
    ],
  ])("refuses %s", (_, lines, message) => {
    expect(() => page(...lines)).toThrow(message);
  });
});

describe("a page", () => {
  const [good, bad] = [
    readPage(
      "docs/good.md",
      [
        "```ts",
        "// file: one.ts",
        "export const one: number = 1;",
        "```",
        "```ts",
        'import { writeFileSync } from "node:fs";',
        'import { one } from "./one.ts";',
        'export function main(): void { writeFileSync("called", String(one)); }',
        "```",
        "```console run",
        '$ node -e \'console.log("on 8000"); process.on("SIGINT", () => process.exit()); setInterval(() => {}, 9)\' &',
        "on 8000",
        "$ cat called; echo; ls nothing",
        "1",
        "ls: …nothing…",
        "```",
      ].join("\n"),
    ),
    readPage(
      "bad.md",
      [
        "```ts",
        "",
        'export const text: string = "" as unknown as number;',
        "```",
        "```ts",
        'throw new Error("at run time");',
        "```",
        "```ts",
        "setInterval(() => {}, 1000);",
        "await new Promise(() => {});",
        "```",
        "```console run",
        "$ echo one two",
        "one",
        "```",
        "```console run",
        "$ echo other &",
        "Serving",
        "```",
      ].join("\n"),
    ),
  ] as const;
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await openWorkspace([good, bad]);
  });

  it("is compiled, and errors are shown where they stand in the page", async () => {
    expect(await workspace.compile([good, bad])).toEqual([
      "bad.md:3: error TS2322: Type 'number' is not assignable to type 'string'.",
    ]);
  });

  it("has snippets that are run, their main too, and sessions that see what they did", async () => {
    for (const snippet of good.snippets) await workspace.runSnippet(snippet);
    for (const session of good.sessions) await workspace.runSession(session);
  });

  it("fails when a snippet throws or goes on for ever", async () => {
    await expect(workspace.runSnippet(bad.snippets[1]!)).rejects.toThrow(
      /^bad\.md:6: .*\n(.*\n)*Error: at run time/,
    );
    await expect(workspace.runSnippet(bad.snippets[2]!, 1000)).rejects.toThrow(
      "bad.md:9: did not come to an end",
    );
  });

  it("fails when a command writes something else", async () => {
    await expect(workspace.runSession(bad.sessions[0]!)).rejects.toThrow("`echo one two` wrote\none two");
    await expect(workspace.runSession(bad.sessions[1]!)).rejects.toThrow("ended without saying");
  });
});

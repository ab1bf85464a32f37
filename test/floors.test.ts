/** Holds the source to the rule of its floors: what may import what. */
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { checkImports, importsOf } from "./support/imports.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The shipped source; test files may import what they like. */
function readSources(): Map<string, string> {
  const paths = globSync("**/*.ts", { cwd: `${root}src` }).map((path) => path.replaceAll("\\", "/"));
  const shipped = paths.filter((path) => !path.endsWith(".test.ts")).sort();
  return new Map(shipped.map((path) => [path, readFileSync(`${root}src/${path}`, "utf8")]));
}

describe("the source", () => {
  it("keeps to the import rule", () => {
    const { dependencies = {}, peerDependencies = {} } = JSON.parse(
      readFileSync(`${root}package.json`, "utf8"),
    );
    const sources = readSources();
    expect(sources.size).toBeGreaterThan(0);
    const declared = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)]);
    expect(checkImports(sources, declared)).toEqual([]);
  });
});

describe("importsOf", () => {
  it("finds every way to name a module", () => {
    const text = `
      import "./effect.ts";
      import type { A } from "./type.ts";
      import { type B, c } from './value.ts';
      export * from "./all.ts";
      export type { D } from "./type-export.ts";
      export const e = await import("./dynamic.ts");
      export type F = import("./inline-type.ts").F;
      export const g = new URL("./entry.js", import.meta.url);
    `;
    expect(importsOf("x.ts", text)).toEqual([
      { specifier: "./effect.ts", kind: "import" },
      { specifier: "./type.ts", kind: "import" },
      { specifier: "./value.ts", kind: "import" },
      { specifier: "./all.ts", kind: "import" },
      { specifier: "./type-export.ts", kind: "import" },
      { specifier: "./dynamic.ts", kind: "import" },
      { specifier: "./inline-type.ts", kind: "import" },
      { specifier: "./entry.js", kind: "entry" },
    ]);
  });

  it("is not taken in by comments, strings, computed names and other URLs", () => {
    const text = `
      // import "./comment.ts";
      export const application = (name: string) => import(name);
      /* export * from "./block.ts"; */
      export const s = 'import "./string.ts"', t = \`import("./template.ts")\`;
      export const u = new URL("./page", "http://127.0.0.1/"), v = new URL("./data.json", import.meta.url);
    `;
    expect(importsOf("x.ts", text)).toEqual([]);
  });
});

describe("checkImports", () => {
  const check = (files: Record<string, string>): string[] =>
    checkImports(new Map(Object.entries(files)), new Set(["amaro", "@scope/known"]));

  it("accepts imports of floors below, of the same floor, of context, Node and dependencies", () => {
    expect(
      check({
        "context/local.ts": `import { AsyncLocalStorage } from "node:async_hooks";`,
        "net/listener.ts": `import net from "node:net"; import "../context/local.ts";`,
        "http/server.ts": `import type {} from "../net/listener.ts"; import "./parser.ts"; import "node:http2";`,
        "http/parser.ts": "",
        "cli/main.ts": `import "../http/server.ts"; import "amaro"; import "@scope/known/deep";`,
      }),
    ).toEqual([]);
  });

  it.each([
    ["net", "http"],
    ["http", "gateway"],
    ["gateway", "web"],
    ["web", "files"],
    ["files", "realtime"],
    ["realtime", "observe"],
    ["observe", "supervisor"],
    ["supervisor", "cli"],
  ])("rejects %s importing %s, even a type or an entry", (lower, upper) => {
    const lines = [
      `import "../${upper}/b.ts";`,
      `import type { B } from "../${upper}/b.ts";`,
      `new URL("../${upper}/b.js", import.meta.url);`,
    ];
    for (const line of lines) {
      const complaints = check({ [`${lower}/a.ts`]: line, [`${upper}/b.ts`]: "" });
      expect(complaints).toHaveLength(1);
      expect(complaints[0]).toMatch(`is not below ${lower}`);
    }
  });

  it("rejects context importing a floor", () => {
    expect(check({ "context/a.ts": `import "../net/b.ts";`, "net/b.ts": "" })).toEqual([
      "context/a.ts: imports net/b.ts, but context imports no floor",
    ]);
  });

  it("reports each cycle as a path", () => {
    expect(
      check({
        "net/a.ts": `import "./b.ts";`,
        "net/b.ts": `import type { C } from "./c.ts";`,
        "net/c.ts": `export const a = () => import("./a.ts");`,
        "net/d.ts": `import "./a.ts"; import "./d.ts";`,
      }),
    ).toEqual([
      "import cycle: net/a.ts -> net/b.ts -> net/c.ts -> net/a.ts",
      "import cycle: net/d.ts -> net/d.ts",
    ]);
  });

  it("does not take the entry of a worker for a cycle", () => {
    expect(
      check({
        "net/pool.ts": `new URL("./worker.js", import.meta.url);`,
        "net/worker.ts": `import "./pool.ts";`,
      }),
    ).toEqual([]);
  });

  it("lets the adapter for Node-style applications alone use node:http", () => {
    expect(check({ "gateway/node/a.ts": `import type { Server } from "node:http";` })).toEqual([]);
  });

  it.each(["net", "http", "gateway", "web", "supervisor", "cli"])("rejects node:http in %s", (floor) => {
    const complaints = check({ [`${floor}/a.ts`]: `import type { Server } from "node:https";` });
    expect(complaints).toEqual([`${floor}/a.ts: imports node:https; the engine is ours`]);
    expect(check({ [`${floor}/a.ts`]: `export const h = import("node:http");` })).toHaveLength(1);
  });

  it("rejects undeclared packages, unknown floors and missing files", () => {
    expect(check({ "net/a.ts": `import "@scope/other/x"; import "left-pad/y";` })).toEqual([
      "net/a.ts: imports @scope/other, which package.json does not declare",
      "net/a.ts: imports left-pad, which package.json does not declare",
    ]);
    expect(check({ "attic/a.ts": "" })).toEqual([`attic/a.ts: "attic" is no floor`]);
    expect(check({ "net/a.ts": `import "./gone.ts";` })).toEqual([
      "net/a.ts: imports net/gone.ts, which is not there",
    ]);
  });
});

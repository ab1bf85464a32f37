/** The package as its users get it: packed, installed into an empty folder, served from, compiled against. */
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkPackage, createPackageFromTarballData, type Problem } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { findNodes } from "./support/nodes.ts";
import { runProcess, startProcess, type TestProcess } from "./support/process.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const nodes = await findNodes();

/** The most that the unpacked package may weigh, in bytes. */
const maxUnpackedBytes = 2 * 1024 * 1024;

const app = `import { App } from "socle";
export function main() {
  const app = new App();
  app.get("/items/<int:id>", ({ params }) => ({ next: params.id + 1 }));
  return app;
}
`;

interface Packed {
  filename: string;
  unpackedSize: number;
  files: { path: string }[];
}

let folder: string;
let packed: Packed;
let tarball: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "socle-package-"));
  // Without scripts: "prepare" would build again under the feet of the other tests.
  const pack = await runProcess("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], {
    cwd: root,
  });
  expect(pack.code, pack.stderr).toBe(0);
  [packed] = JSON.parse(pack.stdout) as [Packed];
  tarball = new Uint8Array(await readFile(join(folder, packed.filename)));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the tarball", () => {
  it("was built without an error", () => {
    expect(inject("buildErrors")).toBe("");
  });

  it("holds what is needed and nothing else", () => {
    const paths = packed.files.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(["package.json", "LICENSE", "README.md", "bin/socle.js"]));
    const strange = paths.filter(
      (path) =>
        !/^(package\.json|LICENSE|README\.md|CHANGELOG\.md|bin\/\w+\.js|dist\/.*\.(js|d\.ts))$/.test(path) ||
        /\.test\./.test(path),
    );
    expect(strange).toEqual([]);
  });

  it("points to no source map, as it holds none", async () => {
    const paths = packed.files.map(({ path }) => path).filter((path) => /\.(js|ts)$/.test(path));
    for (const path of paths) {
      expect(await readFile(join(root, path), "utf8"), path).not.toMatch(/^\/\/# sourceMappingURL=/m);
    }
  });

  it(`weighs less than ${maxUnpackedBytes} bytes unpacked`, () => {
    expect(packed.unpackedSize).toBeLessThan(maxUnpackedBytes);
  });

  it("has no complaint from publint", async () => {
    const { messages, pkg } = await publint({ pack: { tarball: tarball.buffer }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  it("has no complaint from are-the-types-wrong", async () => {
    const result = await checkPackage(createPackageFromTarballData(tarball));
    expect(result.types).toEqual({ kind: "included" });
    const problems: Problem[] = result.types === false ? [] : result.problems;
    expect(problems.filter((problem) => !isExpected(problem))).toEqual([]);
  });
});

/** What follows from decisions of ours, and is no mistake. */
function isExpected(problem: Problem): boolean {
  // ES modules only: every supported Node can require() them (20.19 was the first of its line).
  if (problem.kind === "CJSResolvesToESM") return true;
  // TypeScript's "node10" resolution does not read "exports", so finds no subpath. Node.js always does.
  return "resolutionKind" in problem && problem.resolutionKind === "node10";
}

describe("installed into an empty folder", () => {
  let project: string;

  beforeAll(async () => {
    project = join(folder, "project");
    await mkdir(project);
    await writeFile(join(project, "package.json"), `{ "private": true, "type": "module" }\n`);
    await writeFile(join(project, "app.ts"), app);
    const options = ["--prefer-offline", "--no-audit", "--no-fund"];
    const install = await runProcess("npm", ["install", ...options, join(folder, packed.filename)], {
      cwd: project,
    });
    expect(install.code, install.stderr).toBe(0);
    // The package's declarations name Node's types, as those of any server do; its user has them.
    await mkdir(join(project, "node_modules/@types"), { recursive: true });
    await symlink(join(root, "node_modules/@types/node"), join(project, "node_modules/@types/node"), "dir");
  });

  /** Asks the app for one answer and interrupts it; gives the exit code. */
  async function checkServing(server: TestProcess): Promise<number | null> {
    const [url] = await server.waitFor(/http:\/\/127\.0\.0\.1:\d+/);
    const response = await fetch(`${url}/items/41`);
    expect([response.status, await response.json()]).toEqual([200, { next: 42 }]);
    server.killGroup("SIGINT");
    const { code } = await server.exited;
    await expect(fetch(url)).rejects.toThrow();
    return code;
  }

  const serve = ["serve", "app.ts:main()", "-b", "127.0.0.1:0"];

  it("serves an app by `npx socle serve`", async () => {
    await using server = startProcess("npx", ["socle", ...serve], { cwd: project });
    // The exit code is that of npx, which the same Ctrl-C ends.
    await checkServing(server);
  });

  for (const node of nodes) {
    it.skipIf(node.missing !== undefined)(`serves an app on ${node.label}`, async () => {
      const socle = join(project, "node_modules/socle/bin/socle.js");
      await using server = startProcess(node.path, [socle, ...serve], { cwd: project });
      expect(await checkServing(server), server.stderr).toBe(0);
    });
  }

  describe.each([
    { module: "nodenext", moduleResolution: "nodenext" },
    { module: "esnext", moduleResolution: "bundler" },
  ])("compiled with moduleResolution $moduleResolution", ({ module, moduleResolution }) => {
    /** Compiles one file as a strict user would, and gives what the compiler says. */
    async function compile(name: string, text: string): Promise<string> {
      const directory = join(project, `check-${moduleResolution}-${name}`);
      await mkdir(directory);
      await writeFile(join(directory, `${name}.ts`), text);
      const compilerOptions = {
        target: "es2023",
        module,
        moduleResolution,
        strict: true,
        skipLibCheck: false,
        noEmit: true,
        types: ["node"],
      };
      await writeFile(join(directory, "tsconfig.json"), JSON.stringify({ compilerOptions }));
      const tsc = join(root, "node_modules/typescript/bin/tsc");
      return (await runProcess(process.execPath, [tsc, "-p", "."], { cwd: directory })).stdout;
    }

    it("the app has no error", async () => {
      expect(await compile("app", app)).toBe("");
    });

    it("every subpath has types", async () => {
      const { exports } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
      const subpaths = Object.keys(exports).filter((path) => path !== "./package.json");
      const lines = subpaths.map((path, i) => `export * as m${i} from "socle${path.slice(1)}";\n`);
      expect(await compile("subpaths", lines.join(""))).toBe("");
    });

    it("a path parameter is a number", async () => {
      const wrong = app.replace("({ next: params.id + 1 })", "{ const id: string = params.id; return id; }");
      const output = await compile("wrong", wrong);
      expect(output).toMatch(
        /^wrong\.ts\(4,\d+\): error TS2322: Type 'number' is not assignable to type 'string'\./,
      );
      expect(output.match(/error TS/g)).toHaveLength(1);
    });
  });
});

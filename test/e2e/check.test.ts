/** `socle check` on every Node: what it says of an application, and that it ends whatever the application leaves open. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findNodes } from "../support/nodes.ts";
import { runProcess } from "../support/process.ts";

const bin = fileURLToPath(new URL("../../bin/socle.js", import.meta.url));
const built = pathToFileURL(fileURLToPath(new URL("../../dist/web/index.js", import.meta.url))).href;

const files: Readonly<Record<string, string>> = {
  "web.ts": `import { App } from ${JSON.stringify(built)};
export function main(): App {
  const app = new App();
  app.get("/hello", () => "hello");
  app.route("/users/<int:id>", { methods: ["GET", "POST"] }, () => "user");
  app.delete("/users/<int:id>/<path:rest>", () => "gone");
  return app;
}
export const empty: App = new App();
`,
  "one.mjs": `import { App } from ${JSON.stringify(built)};\nexport const app = new App();\napp.get("/", () => "");\n`,
  "open.mjs": `import { createServer } from "node:net";
setInterval(() => {}, 1000);
createServer().listen(0, "127.0.0.1");
console.log("the application's own line");
export default { fetch: () => new Response("") };
`,
  "order.mjs": `export const app = {
  handleExchange() {},
  start() { console.log("starts"); },
  async stop() { await null; console.log("stops"); },
};
`,
  "late.mjs": `export const app = { handleExchange() {}, async start() { throw new RangeError("no database"); } };\n`,
  "stop.mjs": `export const app = { handleExchange() {}, stop() { throw new RangeError("not now"); } };\n`,
  "hangs.mjs": `await new Promise(() => setInterval(() => {}, 1000));\n`,
  "blocks.mjs": "for (;;);\n",
  "exits.mjs": "process.exit(0);\n",
  "throws.mjs": `export default { fetch() {} };\nprocess.nextTick(() => { throw new TypeError("out of nowhere"); });\n`,
  "taken.mjs": `import { createServer } from "node:net";
const first = createServer().listen(0, "127.0.0.1", () => createServer().listen(first.address().port, "127.0.0.1"));
await new Promise(() => {});
`,
};

const found: readonly (readonly [args: string, output: string])[] = [
  [
    "web.ts",
    "web.ts:main() is a Socle App, with 3 routes.\n\n  GET        /hello\n  GET, POST  /users/<int:id>\n  DELETE     /users/<int:id>/<path:rest>\n",
  ],
  ["web.ts:empty", "web.ts:empty is a Socle App, with 0 routes.\n"],
  ["one.mjs", "one.mjs:app is a Socle App, with 1 route.\n\n  GET  /\n"],
  ["order.mjs", "starts\nstops\norder.mjs:app is an Exchange application.\n"],
  [
    "open.mjs",
    "the application's own line\nopen.mjs is a fetch handler (fetch).\n\nIt also listens on a port itself. Leave that to socle serve: several workers can't share the port.\n",
  ],
  [
    "open.mjs --fast-fetch",
    "the application's own line\nopen.mjs is a fetch handler (fetch).\n\nIt also listens",
  ],
];

const wrong: readonly (readonly [args: string, code: number, message: RegExp])[] = [
  [
    "web.ts:mian()",
    1,
    /^can't load "web\.ts:mian\(\)": web\.ts has no export "mian"\. .*Did you mean main\?$/,
  ],
  [
    "web.ts --interface wsgi",
    1,
    /^can't load "web\.ts": what main\(\) returned is an object of class App, and --interface wsgi needs /,
  ],
  ["late.mjs", 1, /^late\.mjs:app could not start: RangeError: no database \(late\.mjs:1:\d+\)$/],
  ["stop.mjs", 1, /^stop\.mjs:app could not stop: RangeError: not now \(stop\.mjs:1:\d+\)$/],
  ["hangs.mjs --timeout 400ms", 1, /^hangs\.mjs could not be loaded, started and stopped within 0\.4 s$/],
  ["blocks.mjs --timeout 400ms", 1, /^blocks\.mjs could not be loaded, started and stopped within 0\.4 s$/],
  [
    "exits.mjs",
    1,
    /^the process that loads it ended with exit code 0 before it was ready \(does the application call/,
  ],
  ["throws.mjs", 1, /^TypeError: out of nowhere \(throws\.mjs:2:\d+\)$/],
  [
    "taken.mjs",
    1,
    /^Error: listen EADDRINUSE: .* The module listens on a port itself: what it exports needs no server of its own under socle serve, and several workers can't share a port$/,
  ],
  ["", 2, /^check needs IMPORT_STRING\. Try 'socle check --help'\.$/],
];

for (const node of await findNodes()) {
  describe.skipIf(node.missing !== undefined)(`socle check on ${node.label}`, () => {
    let cwd = "";
    beforeAll(async () => {
      cwd = await mkdtemp(join(tmpdir(), "socle-check-"));
      for (const [name, text] of Object.entries(files)) {
        await mkdir(join(cwd, name, ".."), { recursive: true });
        await writeFile(join(cwd, name), text);
      }
    });
    afterAll(() => rm(cwd, { recursive: true, force: true }));

    const check = (args: string) =>
      runProcess(node.path, [bin, "check", ...args.split(" ").filter((arg) => arg !== "")], { cwd });

    test.each(found)("%s", async (args, output) => {
      const { code, stdout, stderr } = await check(args);
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout.slice(0, output.length)).toBe(output);
      if (output.endsWith("\n")) expect(stdout).toBe(output);
    });

    test.each(wrong)("%s: exit code %i and one line", async (args, code, message) => {
      const result = await check(args);
      expect([result.code, result.stdout]).toEqual([code, ""]);
      expect(result.stderr).toMatch(/^socle: .*\n$/);
      expect(result.stderr.trimEnd().replace(/^socle: /, "")).toMatch(message);
    });

    test("has help", async () => {
      const { code, stdout } = await check("--help");
      expect(code).toBe(0);
      expect(stdout).toMatch(/^Load a web application, .*\n\nUsage: socle check IMPORT_STRING \[OPTIONS\]\n/);
      for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    });
  });
}

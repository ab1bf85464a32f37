/** `socle routes` on every Node. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
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
function listUsers(): string { return "users"; }
export function main(): App {
  const app = new App();
  app.get("/users", { name: "users" }, listUsers);
  app.route("/users/<int:id>", { methods: ["GET", "POST"] }, () => "user");
  app.all("/<path:rest>", { host: "old.example.com" }, () => "gone");
  const admin = new App();
  admin.delete("/users/<int:id>", { name: "remove" }, () => "");
  admin.mount("/legacy", { fetch: () => new Response("") });
  app.mount("/admin", admin);
  return app;
}
export const empty: App = new App();
export const plain: App = new App();
plain.get("/", () => "");
`,
  "fetch.mjs": `console.log("the application's own line");\nexport default { fetch: () => new Response("") };\n`,
};

const table = `METHOD     PATH                         NAME    HANDLER
GET        /users                       users   listUsers
GET, POST  /users/<int:id>
ALL        old.example.com/<path:rest>
DELETE     /admin/users/<int:id>        remove             in a Socle App at /admin
ALL        /admin/legacy/…                                 in a fetch handler at /admin/legacy
`;

for (const node of await findNodes()) {
  describe.skipIf(node.missing !== undefined)(`socle routes on ${node.label}`, () => {
    let cwd = "";
    beforeAll(async () => {
      cwd = await mkdtemp(join(tmpdir(), "socle-routes-"));
      for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text);
    });
    afterAll(() => rm(cwd, { recursive: true, force: true }));

    const routes = (...args: string[]) => runProcess(node.path, [bin, "routes", ...args], { cwd });

    test.each([
      ["web.ts", table],
      ["web.ts:empty", "no routes\n"],
      ["web.ts:plain", "METHOD  PATH\nGET     /\n"],
    ])("%s", async (app, output) => {
      expect(await routes(app)).toMatchObject({ code: 0, stdout: output, stderr: "" });
    });

    test("as JSON, a route a line", async () => {
      const { code, stdout } = await routes("web.ts", "--json");
      expect(code).toBe(0);
      expect(stdout.split("\n")).toHaveLength(8);
      expect(JSON.parse(stdout)).toEqual([
        { methods: ["GET"], path: "/users", name: "users", handler: "listUsers" },
        { methods: ["GET", "POST"], path: "/users/<int:id>" },
        { methods: ["ALL"], path: "/<path:rest>", host: "old.example.com" },
        {
          methods: ["DELETE"],
          path: "/admin/users/<int:id>",
          name: "remove",
          mount: { path: "/admin", what: "a Socle App" },
        },
        {
          methods: ["ALL"],
          path: "/admin/legacy/…",
          mount: { path: "/admin/legacy", what: "a fetch handler" },
        },
      ]);
      expect(JSON.parse((await routes("web.ts:empty", "--json")).stdout)).toEqual([]);
    });

    test("says what has no routes, and what can't be loaded", async () => {
      expect(await routes("fetch.mjs")).toMatchObject({
        code: 1,
        stderr: "socle: fetch.mjs is a fetch handler, and has no way to tell its routes\n",
      });
      const { code, stderr } = await routes("web.ts:mian");
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^socle: can't load "web\.ts:mian": .*\n$/)]);
    });
  });
}

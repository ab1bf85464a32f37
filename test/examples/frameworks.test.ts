/** Every example of examples/frameworks under the built `socle serve`, by the one command that its README has for it. */
import { globSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { installFrameworks } from "../support/frameworks.ts";
import { runProcess } from "../support/process.ts";
import { nodes, root, startSocle } from "./programs.ts";

interface Example {
  readonly file: string;
  /** What the start-up line says of it. */
  readonly title: string;
  /** What `socle check` says after the file's name. */
  readonly checked: string;
  /** Asks, and looks at the answers. */
  check(url: string): Promise<void>;
}

const examples: readonly Example[] = [
  {
    file: "hono.js",
    title: "hono.js (a Hono app)",
    checked: " is a Hono app (fetch), with 1 route.\n\n  GET  /\n",
    async check(url) {
      expect(await answer(url)).toEqual([200, "text/plain;charset=UTF-8", "Hono!"]);
      const type = expect.stringMatching(/^text\/plain/);
      expect(await answer(`${url}/nowhere`)).toEqual([404, type, "404 Not Found"]);
    },
  },
  {
    file: "h3.js",
    title: "h3.js (an h3 app)",
    checked: " is an h3 app (fetch).\n",
    async check(url) {
      expect(await answer(url)).toEqual([200, expect.stringMatching(/^text\/plain/), "⚡️ Tadaa!"]);
      const [status, type, body] = await answer(`${url}/nowhere`);
      expect([status, type]).toEqual([404, expect.stringMatching(/^application\/json/)]);
      expect(JSON.parse(body)).toMatchObject({ status: 404 });
    },
  },
  {
    file: "elysia.js",
    title: "elysia.js (an Elysia app)",
    checked: " is an Elysia app (fetch), with 2 routes.\n\n  GET   /\n  POST  /\n",
    async check(url) {
      expect(await answer(url)).toEqual([200, expect.any(String), "Hello Vercel Function"]);
      const post = (body: unknown): ReturnType<typeof answer> =>
        answer(url, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        });
      const [status, type, body] = await post({ name: "Ada" });
      expect([status, type, JSON.parse(body)]).toEqual([
        200,
        expect.stringMatching(/^application\/json/),
        { name: "Ada" },
      ]);
      expect((await post({ name: 1 }))[0]).toBe(422);
    },
  },
  {
    file: "itty-router.js",
    title: "itty-router.js (an itty-router app)",
    checked:
      " is an itty-router app (fetch), with 3 routes.\n\n  GET  /hello/:name\n  GET  /json\n  GET  /promises\n",
    async check(url) {
      const type = expect.stringMatching(/^application\/json/);
      expect(await answer(`${url}/hello/Ada`)).toEqual([200, type, '"Hello, Ada!"']);
      expect(await answer(`${url}/json`)).toEqual([200, type, "[1,2,3]"]);
      expect(await answer(`${url}/promises`)).toEqual([200, type, '"foo"']);
      expect((await answer(`${url}/nowhere`))[0]).toBe(404);
    },
  },
  {
    file: "express.js",
    title: "express.js (an Express app)",
    checked: " is an Express app (node), with 1 route.\n\n  GET  /\n",
    async check(url) {
      const response = await fetch(url);
      expect(response.headers.get("x-powered-by")).toBe("Express");
      expect(await response.text()).toBe("Hello World");
      const etag = response.headers.get("etag") as string;
      // With a cache-control of its own, or fetch would ask for no cached answer.
      const headers = { "if-none-match": etag, "cache-control": "max-age=0" };
      expect((await fetch(url, { headers })).status).toBe(304);
      const [status, , body] = await answer(`${url}/nowhere`);
      expect([status, body]).toEqual([404, expect.stringContaining("Cannot GET /nowhere")]);
    },
  },
  {
    file: "koa.cjs",
    title: "koa.cjs (a Koa app)",
    checked: " is a Koa app (node).\n",
    async check(url) {
      expect(await answer(url)).toEqual([200, "text/plain; charset=utf-8", "Hello Koa"]);
    },
  },
  {
    file: "fastify.js",
    title: "fastify.js (a Fastify app)",
    checked: " is a Fastify app (node), with 1 route.\n\n  GET  /\n",
    async check(url) {
      const type = "application/json; charset=utf-8";
      expect(await answer(url)).toEqual([200, type, '{"hello":"world"}']);
      const [status, , body] = await answer(`${url}/nowhere`);
      expect([status, JSON.parse(body)]).toEqual([404, expect.objectContaining({ error: "Not Found" })]);
    },
  },
  {
    file: "connect.cjs",
    title: "connect.cjs (a Connect app)",
    checked: " is a Connect app (node).\n",
    async check(url) {
      expect((await answer(url))[2]).toBe("Hello from Connect!\n");
      const form = new URLSearchParams({ a: "1" });
      expect((await answer(url, { method: "POST", body: form }))[2]).toBe("Hello from Connect!\n");
    },
  },
  {
    file: "fetch.ts",
    title: "fetch.ts (a fetch handler)",
    checked: " is a fetch handler (fetch).\n",
    async check(url) {
      expect((await answer(`${url}/here`))[2]).toBe("Hello from /here!");
    },
  },
  {
    file: "node.ts",
    title: "node.ts (a Node listener)",
    checked: " is a Node listener (node).\n",
    async check(url) {
      expect(await answer(`${url}/here`)).toEqual([200, "text/plain", "Hello from /here!\n"]);
    },
  },
  {
    file: "wsgi.ts",
    title: "wsgi.ts:application (a WSGI application)",
    checked: ":application is a WSGI application (wsgi).\n",
    async check(url) {
      expect(await answer(`${url}/here`)).toEqual([200, "text/plain", "Hello from /here!\n"]);
    },
  },
];

async function answer(url: string, init?: RequestInit): Promise<[number, string | null, string]> {
  const response = await fetch(url, init);
  return [response.status, response.headers.get("content-type"), await response.text()];
}

const trouble = await installFrameworks();
const why = trouble === "" ? "" : ` (${trouble})`;
const readme = readFileSync(`${root}/examples/frameworks/README.md`, "utf8");
/** Those that need nothing installed. */
const plain = /^(fetch|node|wsgi)\.ts$/;

test("the README has a command for every example, and every example is tested", () => {
  const files = globSync("*.{js,cjs,ts}", { cwd: `${root}/examples/frameworks` }).sort();
  expect(examples.map(({ file }) => file).sort()).toEqual(files);
  const commands = [...readme.matchAll(/`npx socle serve examples\/frameworks\/(\S+)`/g)];
  expect(commands.map(([, file]) => file).sort()).toEqual(files);
});

for (const node of nodes) {
  describe.skipIf(node.missing !== undefined)(`on ${node.label}`, () => {
    for (const { file, title, checked, check } of examples) {
      const path = `examples/frameworks/${file}`;
      describe.skipIf(trouble !== "" && !plain.test(file))(`${file}${why}`, () => {
        const options = [
          "-w 1",
          "-w 2",
          "--validate",
          ...(checked.includes("(node)") ? [] : ["--fast-fetch"]),
        ];
        test.each(options)("serves, with %s", async (option) => {
          await using server = await startSocle(node.path, ["serve", path, "-b", "0", ...option.split(" ")]);
          expect(server.process.stdout).toContain(`serving examples/frameworks/${title} on`);
          await check(`http://127.0.0.1:${server.port}`);
          server.process.kill("SIGTERM");
          expect(await server.process.exited).toEqual({ code: 0, signal: null });
          expect(server.process.stderr).toBe("");
        });

        test("is checked", async () => {
          const args = ["bin/socle.js", "check", path];
          const { code, stdout, stderr } = await runProcess(node.path, args, { cwd: root });
          expect([code, stderr]).toEqual([0, ""]);
          expect(stdout).toBe(`${path}${checked}`);
        });
      });
    }
  });
}

/** Every example of examples/frameworks under the built `socle serve`, by the one command that its README has for it. */
import { globSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installFrameworks } from "../support/frameworks.ts";
import { runProcess } from "../support/process.ts";
import { nodes, root, startSocle } from "./programs.ts";

interface Example {
  readonly file: string;
  /** What the start-up line says of it. */
  readonly title: string;
  /** What the program itself says on its standard output: where it listens, as it thinks. */
  readonly says?: RegExp;
  /** The README of the framework that prints the file, in node_modules. */
  readonly printedBy?: string;
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
    title: "express.js (an Express app, found by its listen(3000))",
    checked: " is an Express app, found by its listen(3000) (node), with 1 route.\n\n  GET  /\n",
    says: /^Server is running on http:\/\/localhost:3000\n/,
    printedBy: "express/Readme.md",
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
    title: "koa.cjs (a Koa app, found by its listen(3000))",
    checked: " is a Koa app, found by its listen(3000) (node).\n",
    printedBy: "koa/Readme.md",
    async check(url) {
      expect(await answer(url)).toEqual([200, "text/plain; charset=utf-8", "Hello Koa"]);
    },
  },
  {
    file: "fastify.js",
    title: "fastify.js (a Fastify app, found by its listen(3000))",
    checked: " is a Fastify app, found by its listen(3000) (node), with 1 route.\n\n  GET  /\n",
    says: /"msg":"Server listening at http:\/\/127\.0\.0\.1:\d+"/,
    printedBy: "fastify/README.md",
    async check(url) {
      const type = "application/json; charset=utf-8";
      expect(await answer(url)).toEqual([200, type, '{"hello":"world"}']);
      const [status, , body] = await answer(`${url}/nowhere`);
      expect([status, JSON.parse(body)]).toEqual([404, expect.objectContaining({ error: "Not Found" })]);
    },
  },
  {
    file: "connect.cjs",
    title: "connect.cjs (a Connect app, found by its listen(3000))",
    checked: " is a Connect app, found by its listen(3000) (node).\n",
    printedBy: "connect/README.md",
    async check(url) {
      expect((await answer(url))[2]).toBe("Hello from Connect!\n");
      const form = new URLSearchParams({ a: "1" });
      expect((await answer(url, { method: "POST", body: form }))[2]).toBe("Hello from Connect!\n");
    },
  },
  {
    file: "hono-node.js",
    title: "hono-node.js (a node:http server, found by its listen(3000))",
    checked: " is a node:http server, found by its listen(3000) (node).\n",
    says: /^Listening on http:\/\/localhost:\d+\n/,
    printedBy: "@hono/node-server/README.md",
    async check(url) {
      expect(await answer(url)).toEqual([200, expect.stringMatching(/^text\/plain/), "Hono meets Node.js"]);
      expect((await answer(`${url}/nowhere`))[0]).toBe(404);
    },
  },
  {
    file: "h3-node.js",
    title: "h3-node.js (a node:http server, found by its listen(3000))",
    checked: " is a node:http server, found by its listen(3000) (node).\n",
    async check(url) {
      expect(await answer(url)).toEqual([200, expect.stringMatching(/^text\/plain/), "⚡️ Tadaa!"]);
      expect((await answer(`${url}/nowhere`))[0]).toBe(404);
    },
  },
  {
    file: "node-server.cjs",
    title: "node-server.cjs (a node:http server, found by its listen(3000))",
    checked: " is a node:http server, found by its listen(3000) (node).\n",
    says: /^Server running at http:\/\/127\.0\.0\.1:3000\/\n/,
    async check(url) {
      expect(await answer(url)).toEqual([200, "text/plain", "Hello, World!\n"]);
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
const folder = `${root}/examples/frameworks`;
const readme = readFileSync(`${folder}/README.md`, "utf8");
/** Those that need nothing installed. */
const plain = /^(?:(?:fetch|node|wsgi)\.ts|node-server\.cjs)$/;

/** Holds the port that the examples ask for, on every address: one that bound it would fail. */
const taken = createServer();
beforeAll(async () => {
  const settled = new Promise((resolve) => taken.once("listening", resolve).once("error", resolve));
  taken.listen(3000);
  const error = await settled;
  // Whoever else has it holds it as well.
  if (error !== undefined) expect(error).toMatchObject({ code: "EADDRINUSE" });
});
afterAll(() => taken.close());

test("the README has a command for every example, and every example is tested", () => {
  const files = globSync("*.{js,cjs,ts}", { cwd: folder }).sort();
  expect(examples.map(({ file }) => file).sort()).toEqual(files);
  const commands = [...readme.matchAll(/`npx socle serve examples\/frameworks\/(\S+)`/g)];
  expect(commands.map(([, file]) => file).sort()).toEqual(files);
});

const printed = examples.flatMap(({ file, printedBy }) =>
  printedBy === undefined ? [] : [{ file, printedBy }],
);
test.skipIf(trouble !== "").each(printed)("$file is what $printedBy prints", ({ file, printedBy }) => {
  const text = readFileSync(`${folder}/node_modules/${printedBy}`, "utf8");
  // Where it has a line for each kind of module, one of the two.
  const esm = text.replaceAll(/\/\/ CommonJS\n.*?\n\}\)\n/gs, "");
  expect(esm).toContain(`\n${readFileSync(`${folder}/${file}`, "utf8")}\`\`\`\n`);
});

for (const node of nodes) {
  describe.skipIf(node.missing !== undefined)(`on ${node.label}`, () => {
    for (const { file, title, checked, says, check } of examples) {
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
          const [, said, port] = await server.process.waitFor(
            /serving (.*) on http:\/\/127\.0\.0\.1:(\d+) \(/,
          );
          expect(said).toBe(`examples/frameworks/${title}`);
          if (says !== undefined) expect(server.process.stdout).toMatch(says);
          await check(`http://127.0.0.1:${port}`);
          server.process.kill("SIGTERM");
          expect(await server.process.exited).toEqual({ code: 0, signal: null });
          expect(server.process.stderr).toBe("");
        });

        test("is checked", async () => {
          const args = ["bin/socle.js", "check", path];
          const { code, stdout, stderr } = await runProcess(node.path, args, { cwd: root });
          expect([code, stderr]).toEqual([0, ""]);
          const own = stdout.indexOf(path);
          expect(stdout.slice(own)).toBe(`${path}${checked}`);
          expect(own > 0).toBe(says !== undefined);
        });
      });
    }
  });
}

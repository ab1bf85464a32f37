/** Drives `socle serve` as its users do: the built command, real processes, signals and sockets. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runProcess, startProcess, type TestProcess } from "../support/process.ts";
import { until } from "../support/until.ts";

const bin = fileURLToPath(new URL("../../bin/socle.js", import.meta.url));

/** An application that stands on nothing but the Exchange contract. */
const webTs = `
import { existsSync } from "node:fs";
import type { Server } from "node:net";
import { greet } from "./greet.ts";

interface Exchange { target: string; respond(status: number, headers: string[], body: string): void }

export function main(): object {
  return {
    handleExchange(exchange: Exchange): void {
      const answer = (body: string): void => exchange.respond(200, ["content-type", "text/plain"], body);
      if (exchange.target === "/pid") return answer(String(process.pid));
      if (exchange.target === "/exit") process.exit(7);
      if (exchange.target.startsWith("/until?")) {
        const timer = setInterval(() => {
          if (!existsSync(exchange.target.slice("/until?".length))) return;
          clearInterval(timer);
          answer("late");
        }, 5);
        console.log("waiting");
        return;
      }
      answer(greet("world" as const));
    },
    stop(): void { console.log("stopped"); },
  };
}
`;

/** Every file that the tests serve. */
const files: Readonly<Record<string, string>> = {
  "web.ts": webTs,
  "greet.ts": `export type Name = string;\nexport function greet(name: Name): string { return "hello " + name; }\n`,
  "default.mts": `export { app as default } from "./app.mjs";\nconst typed: number = 1;\n`,
  "app.mjs": `export const app = { handleExchange(exchange) { exchange.respond(200, [], "app"); } };\n`,
  "common.cts": `const { text } = require("./text.cts");\nconst typed: number = 1;\nmodule.exports = { handleExchange(exchange: any) { exchange.respond(200, [], text); } };\n`,
  "text.cts": `exports.text = "common" as string;\n`,
  "plain/package.json": "{}",
  "plain/web.ts": `export { main } from "../web.ts";\n`,
  "commonjs/package.json": `{ "type": "commonjs" }`,
  "commonjs/web.ts": `export const app = 1;\n`,
  "node_modules/apps/package.json": `{ "name": "apps", "main": "main.js" }`,
  "node_modules/apps/main.js": `exports.app = { handleExchange(exchange) { exchange.respond(200, [], "package"); } };\n`,
  "async.mjs": `import { app } from "./app.mjs";\nexport const make = async () => app;\n`,
  "values.ts": `
export class Shop {}
export const shop = new Shop();
export const port: number = 5;
export const nothing = (): void => {};
export const broken = (): void => { throw new Error("no database"); };
export const late = { handleExchange() {}, start() { throw new RangeError("not today"); } };
export const pair = (a: number, b: number): number => a + b;
export const bound = pair.bind(null);
export const make = (options: object): object => options;
`,
  "fetch.ts": `export default { port: 3000, fetch: (request: Request) => new Response("fetch " + new URL(request.url).pathname) };\n`,
  "passes-on.ts": `import { createServer } from "node:http";
const upstream = createServer((request, response) => response.end("upstream " + request.headers["x-more"])).listen(0, "127.0.0.1");
export default {
  async fetch(request: Request) {
    const { port } = upstream.address() as { port: number };
    const more = new Request(request, { headers: { ...Object.fromEntries(request.headers), "x-more": "more" } });
    return fetch(new Request("http://127.0.0.1:" + port, more));
  },
};
`,
  "named-fetch.ts": `export const fetch = (a: Request, b: unknown) => new Response(b === undefined ? "alone" : "with more");\n`,
  "one.ts": `export default (request: Request) => new Response("one");\n`,
  "handler.ts": `import type { IncomingMessage, ServerResponse } from "node:http";\nexport function handler(req: IncomingMessage, res: ServerResponse): void { res.end("node " + req.url); }\n`,
  "server.mjs": `import { createServer } from "node:http";\nexport const app = createServer((req, res) => res.end("server " + req.url));\n`,
  "wsgi.ts": `export function* application(environ: Record<string, unknown>, startResponse: (status: string, headers: [string, string][]) => void) {\n  startResponse("200 OK", [["content-type", "text/plain"]]);\n  yield new TextEncoder().encode("wsgi " + environ["PATH_INFO"]);\n}\n`,
  "two.mjs": `export default (a, b) => { b.end("two " + a.url); };\n`,
  "compiled.cjs": `Object.defineProperty(exports, "__esModule", { value: true });\nexports.default = { fetch: () => new Response("compiled") };\n`,
  "promise.mjs": `export default Promise.resolve({ fetch: () => new Response("promise") });\n`,
  "zero.mjs": `export default () => new Response("zero");\n`,
  "router.cjs": `const router = (req, res, next) => router.handle(req, res, next);\nmodule.exports = Object.assign(router, { handle() {}, stack: [] });\n`,
  "listens.mjs": `import { createServer } from "node:http";\ncreateServer((req, res) => res.end()).listen(0, "127.0.0.1");\n`,
  "throws.ts": `const port: number = 1;\nfunction check(): void {\n  throw new TypeError("boom\\nand more");\n}\ncheck();\n`,
  "enum.ts": `export const a = 1;\nenum Colour { Red }\n`,
  "syntax.ts": `export const a: number = 1;\nconst b: = 2;\n`,
  "twice.ts": `export const a: number = 1;\nconst a: number = 2;\n`,
  "syntax.mjs": `export const a = 1;\nexport const b = ;\n`,
  "through.mjs": `import "./syntax.mjs";\n`,
  "missing.mjs": `import "./gone.mjs";\n`,
  "js.ts": `import "./greet.js";\n`,
  "exits.mjs": `process.exit(0);\n`,
  "async-throw.mjs": `setTimeout(() => { throw new Error("out of nowhere"); }, 1);\nawait new Promise(() => {});\n`,
};

/** What is wrong on the command line, the exit code, and the one line that says so. */
const badInput: readonly (readonly [args: readonly string[], code: number, message: RegExp])[] = [
  [["wbe.ts"], 1, /^can't load "wbe\.ts": there is no file \S+wbe\.ts\. Did you mean web\.ts\?$/],
  [["web.js"], 1, /there is no file \S+web\.js\. Did you mean web\.ts\?$/],
  [["zzz"], 1, /there is no file \S+zzz with \.ts, \.js or the like and no package "zzz"$/],
  [["commonjs"], 1, /commonjs is a directory\. Name a file in it, such as commonjs\/web\.ts$/],
  [["plain/package.json"], 1, /package\.json is not a module: its name ends with none of \.ts/],
  [["web.ts:"], 1, /^can't read the import string "web\.ts:"\. Write module, module:attribute or/],
  [["web.ts:mian()"], 1, /web\.ts has no export "mian"\. It exports main\. Did you mean main\?$/],
  [
    ["web.ts:main"],
    1,
    /main is a function without parameters, which does not tell what it takes\. If it answers requests, add --interface fetch, node or wsgi\. If it makes an application, write 'web\.ts:main\(\)'\.$/,
  ],
  [["values.ts:port"], 1, /port is the number 5, and no application\. An application is /],
  [["values.ts:port()"], 1, /port\(\) can't be called: port is the number 5\.$/],
  [
    ["fetch.ts:default()"],
    1,
    /default\(\) can't be called: default is a plain object: leave the \(\) out\.$/,
  ],
  [
    ["values.ts:pair"],
    1,
    /pair is a function of \(a, b\), which does not tell.*write 'values\.ts:pair\(\)'\.$/,
  ],
  [["values.ts:bound"], 1, /bound is a function of 2 parameters, which does not tell what it takes\./],
  [["values.ts:make"], 1, /make is a function of \(options\), which does not tell what it takes\./],
  [
    ["values.ts:port", "--interface", "node"],
    1,
    /port is the number 5, and --interface node needs a function \(req, res\), an app of /,
  ],
  [
    ["values.ts:shop", "--interface", "fetch"],
    1,
    /class Shop, and --interface fetch needs a function \(request\), or an object with such a method called fetch\.$/,
  ],
  [
    ["values.ts:Shop", "--interface", "wsgi"],
    1,
    /Shop is a class, and --interface wsgi needs a function \(environ, startResponse\)\.$/,
  ],
  [
    ["two.mjs"],
    1,
    /its default export is a function of \(a, b\), which does not tell.*write 'two\.mjs:default\(\)'\.$/,
  ],
  [
    ["router.cjs"],
    1,
    /its default export is an Express router \(a part of an application: app\.use\(router\) puts it into one\), and no application\./,
  ],
  [
    ["listens.mjs"],
    1,
    /it starts a server of its own, and exports no application\. Write 'export default app' in it, and leave listening to socle serve\. It exports nothing\.$/,
  ],
  [["web.ts", "--interface", "rpc"], 2, /^--interface is "rpc", and must be fetch or wsgi or node$/],
  [["web.ts", "--validate=yes"], 2, /^--validate takes no value$/],
  [["values.ts:shop"], 1, /shop is an object of class Shop, and no application\./],
  [["values.ts:Shop"], 1, /Shop is a class, and no application\./],
  [["values.ts:nothing()"], 1, /what nothing\(\) returned is undefined, and no application\./],
  [["values.ts:broken()"], 1, /broken\(\) threw Error: no database \(values\.ts:6:\d+\)$/],
  [["values.ts:late"], 1, /^values\.ts:late could not start: RangeError: not today \(values\.ts:7:\d+\)$/],
  [
    ["values.ts"],
    1,
    /none of its exports is called default, app, .* names no other\. It exports Shop, .*, shop\. Did you mean values\.ts:late\?$/,
  ],
  [["throws.ts"], 1, /^can't load "throws\.ts": TypeError: boom and more \(throws\.ts:3:9\)$/],
  [
    ["enum.ts"],
    1,
    /TypeScript enum is not supported in strip-only mode \(enum\.ts:2\)\. .*erasableSyntaxOnly/,
  ],
  [["syntax.ts"], 1, /SyntaxError: .* \(syntax\.ts:2\)$/],
  [["twice.ts"], 1, /SyntaxError: Identifier 'a' has already been declared \(twice\.ts:2\)$/],
  [["syntax.mjs"], 1, /SyntaxError: Unexpected token ';' \(syntax\.mjs:2\)$/],
  [["through.mjs"], 1, /SyntaxError: Unexpected token ';' \(syntax\.mjs:2\)$/],
  [["missing.mjs"], 1, /Cannot find module '\S+gone\.mjs' imported from \S+missing\.mjs$/],
  [["js.ts"], 1, /There is greet\.ts: an import names the file as it is$/],
  [["exits.mjs"], 1, /^the worker ended with exit code 0 before it was ready/],
  [["async-throw.mjs"], 1, /^Error: out of nowhere \(async-throw\.mjs:1:\d+\)$/],
  [["commonjs/web.ts"], 1, /The package\.json above commonjs\/web\.ts says .* write "type": "module" there/],
  [
    ["web.ts", "-b", "no-such-host.invalid:80"],
    1,
    /^can't listen on no-such-host\.invalid:80: the host name/,
  ],
  [["web.ts", "-b", "192.0.2.1:8000"], 1, /no network interface here has the address 192\.0\.2\.1\./],
  [["web.ts", "-b", "unix:gone/s.sock"], 1, /the directory gone does not exist\./],
  [["web.ts", "-b", `unix:${"x".repeat(120)}`], 1, /the path has 120 bytes, and the system allows 10[37]\./],
  [["web.ts", "-b", "unix:web.ts"], 1, /there is a file of that name, and it is not a socket\./],
  [["web.ts", "-b", "1:2:3"], 2, /^-b is "1:2:3", and must be HOST:PORT, /],
  [["web.ts", "-w", "none"], 2, /^-w is "none", and must be a whole number from 1 up$/],
  [["web.ts", "--wrokers", "2"], 2, /^serve has no option --wrokers\. Did you mean --workers\?$/],
  [[], 2, /^serve needs IMPORT_STRING\./],
];

/** Takes `-b 0` where a case says nothing of its own, so that no test needs a certain port. */
function withBind(args: readonly string[]): readonly string[] {
  return args.includes("-b") ? args : [...args, "-b", "0"];
}

export function serveSuite(node: { label: string; path: string; missing?: string }): void {
  describe.skipIf(node.missing !== undefined)(`socle serve on ${node.label}`, () => {
    let cwd = "";

    beforeAll(async () => {
      cwd = await mkdtemp(join(tmpdir(), "socle-"));
      for (const [name, text] of Object.entries(files)) {
        await mkdir(join(cwd, name, ".."), { recursive: true });
        await writeFile(join(cwd, name), text);
      }
    });
    afterAll(() => rm(cwd, { recursive: true, force: true }));

    const start = (...args: string[]): TestProcess =>
      startProcess(node.path, [bin, "serve", ...args], { cwd });
    const socle = (...args: readonly string[]) => runProcess(node.path, [bin, ...args], { cwd });
    const urlOf = async (server: TestProcess): Promise<string> => (await server.waitFor(/http:\S+\d/))[0];

    test("says in one line what it serves and where, answers, and ends cleanly on Ctrl-C", async () => {
      await using server = start("web.ts", "-b", "127.0.0.1:0");
      const url = await urlOf(server);
      expect(await text(url)).toBe("hello world");
      server.killGroup("SIGINT");
      expect(await server.exited).toEqual({ code: 0, signal: null });
      expect(server.stdout).toMatch(
        /^Socle \d+\.\d+\.\d+ serving web\.ts:main\(\) on http:\/\/127\.0\.0\.1:[1-9]\d* \(1 worker, Ctrl-C to stop\)\nstopped\n$/,
      );
      expect(server.stderr).toBe("");
      expect(await server.groupMembers()).toEqual([]);
      await expect(fetch(url)).rejects.toThrow();
    });

    test("listens on several addresses, and leaves no socket file", async () => {
      const path = join(cwd, "several.sock");
      await using server = start("web.ts:main()", "-b", "0", "-b", "localhost:0", "-b", `unix:${path}`);
      const [, first = "", second = ""] = await server.waitFor(
        /web\.ts:main\(\) on (http:\S+), (http:\S+), unix:\S+several\.sock \(1 worker/,
      );
      expect(first).not.toBe(second);
      expect(await text(first)).toBe("hello world");
      expect(await text(second)).toBe("hello world");
      expect(await textOverUnix(path)).toBe("hello world");
      server.kill("SIGTERM");
      expect((await server.exited).code).toBe(0);
      expect(existsSync(path)).toBe(false);
    });

    test.concurrent.each([
      ["web", "web:main()", "hello world"],
      ["./web.ts", "./web.ts:main()", "hello world"],
      ["default.mts", "default.mts", "app"],
      ["app.mjs", "app.mjs:app", "app"],
      ["common.cts", "common.cts", "common"],
      ["plain/web.ts", "plain/web.ts:main()", "hello world"],
      ["async.mjs:make()", "async.mjs:make()", "app"],
      ["apps", "apps:app", "package"],
    ])("serves %s as %s, without a word on standard error", async (name, description, body) => {
      await using server = start(name, "-b", "0");
      const [, shown, url = ""] = await server.waitFor(/serving (\S+) on (http:\S+\d)/);
      expect(shown).toBe(description);
      expect(await text(url)).toBe(body);
      server.killGroup("SIGINT");
      expect((await server.exited).code).toBe(0);
      expect(server.stderr).toBe("");
    });

    test.concurrent.each([
      ["fetch.ts", "fetch.ts (a fetch handler)", "fetch /path"],
      ["passes-on.ts", "passes-on.ts (a fetch handler)", "upstream more"],
      ["passes-on.ts --fast-fetch", "passes-on.ts (a fetch handler)", "upstream more"],
      ["named-fetch.ts", "named-fetch.ts:fetch (a fetch handler)", "with more"],
      ["one.ts", "one.ts (a fetch handler)", "one"],
      ["handler.ts", "handler.ts:handler (a Node listener)", "node /path"],
      ["server.mjs", "server.mjs:app (a node:http server)", "server /path"],
      ["wsgi.ts", "wsgi.ts:application (a WSGI application)", "wsgi /path"],
      ["compiled.cjs", "compiled.cjs (a fetch handler)", "compiled"],
      ["promise.mjs", "promise.mjs (a fetch handler)", "promise"],
      ["two.mjs --interface node", "two.mjs (a Node listener)", "two /path"],
      ["zero.mjs --interface fetch", "zero.mjs (a fetch handler)", "zero"],
      ["fetch.ts --fast-fetch --validate", "fetch.ts (a fetch handler)", "fetch /path"],
      ["wsgi.ts --validate", "wsgi.ts:application (a WSGI application)", "wsgi /path"],
      ["handler.ts --validate", "handler.ts:handler (a Node listener)", "node /path"],
    ])("serves %s as %s, without a word on standard error", async (args, title, body) => {
      await using server = start(...args.split(" "), "-b", "0");
      const [, shown, url = ""] = await server.waitFor(/serving (.+) on (http:\S+\d)/);
      expect(shown).toBe(title);
      expect(await text(`${url}/path`)).toBe(body);
      server.killGroup("SIGINT");
      expect((await server.exited).code).toBe(0);
      expect(server.stderr).toBe("");
    });

    test("reads settings from the environment, flags before them", async () => {
      const env = { SOCLE_BIND: "127.0.0.1:0,localhost:0", SOCLE_WORKERS: "3" };
      await using server = startProcess(node.path, [bin, "serve", "web.ts", "-w", "2"], { cwd, env });
      await server.waitFor(/on http:\S+, http:\S+ \(2 workers/);
      expect(await server.groupMembers()).toHaveLength(3);
    });

    test("replaces a worker that is killed, and one that exits", async () => {
      await using server = start("web.ts", "-b", "0", "-w", "2");
      const url = await urlOf(server);
      const before = await server.groupMembers();
      expect(before).toHaveLength(3);

      const victim = Number(await text(`${url}/pid`));
      process.kill(victim, "SIGKILL");
      await server.waitFor(
        new RegExp(`socle: worker ${victim} was killed by SIGKILL; starting another\n`),
        "stderr",
      );
      await until(async () => (await server.groupMembers()).length === 3);
      expect(await server.groupMembers()).not.toContain(victim);
      expect(await text(url)).toBe("hello world");

      await expect(fetch(`${url}/exit`)).rejects.toThrow();
      await server.waitFor(
        /socle: worker \d+ ended with exit code 7; starting another in 100 ms\n/,
        "stderr",
      );
      expect(await text(url)).toBe("hello world");
      server.killGroup("SIGINT");
      expect((await server.exited).code).toBe(0);
    });

    test("finishes what it answers before it stops, and takes nothing new", async () => {
      await using server = start("web.ts", "-b", "0");
      const url = await urlOf(server);
      const flag = join(cwd, "finish");
      const answer = text(`${url}/until?${flag}`);
      await server.waitFor(/^waiting$/m);
      server.kill("SIGTERM");
      await until(() => isRefused(url));
      await writeFile(flag, "");
      expect(await answer).toBe("late");
      expect((await server.exited).code).toBe(0);
      expect(server.stderr).toBe("");
    });

    test("cuts at the deadline what does not finish", async () => {
      await using server = start("web.ts", "-b", "0", "--graceful-timeout", "300ms");
      const url = await urlOf(server);
      const answer = fetch(`${url}/until?never`);
      await server.waitFor(/^waiting$/m);
      server.killGroup("SIGINT");
      await expect(answer).rejects.toThrow();
      expect((await server.exited).code).toBe(0);
      expect(server.stderr).toMatch(/^socle: worker \d+: cut 1 connection at the deadline\n$/);
    });

    test("is forced by a second signal", async () => {
      await using server = start("web.ts", "-b", "0", "--graceful-timeout", "1h");
      const url = await urlOf(server);
      const answer = fetch(`${url}/until?never`);
      answer.catch(() => {});
      await server.waitFor(/^waiting$/m);
      server.killGroup("SIGINT");
      await until(() => isRefused(url));
      // Again and again, since one that follows at once counts for the first.
      await until(async () => {
        server.killGroup("SIGINT");
        return (await server.groupMembers()).length === 0;
      });
      expect((await server.exited).code).toBe(1);
      await expect(answer).rejects.toThrow();
    });

    test("takes a signal that comes twice at once for one, as npx passes on Ctrl-C", async () => {
      await using server = start("web.ts", "-b", "0");
      const url = await urlOf(server);
      const flag = join(cwd, "twice");
      const answer = text(`${url}/until?${flag}`);
      await server.waitFor(/^waiting$/m);
      server.killGroup("SIGINT");
      await until(() => isRefused(url));
      server.kill("SIGINT");
      await writeFile(flag, "");
      expect(await answer).toBe("late");
      expect((await server.exited).code).toBe(0);
    });

    test("can be stopped while it starts", async () => {
      await writeFile(join(cwd, "hangs.mjs"), `console.log("loading");\nawait new Promise(() => {});\n`);
      await using server = start("hangs.mjs", "-b", "0");
      await server.waitFor(/loading/);
      server.killGroup("SIGINT");
      expect(await server.exited).toEqual({ code: 0, signal: null });
      expect(server.stdout).toBe("loading\n");
      expect(server.stderr).toBe("");
    });

    test("leaves no worker behind when the parent is killed, and the address is free at once", async () => {
      const path = join(cwd, "orphan.sock");
      await using server = start("web.ts", "-b", "0", "-b", `unix:${path}`, "-w", "2");
      const url = await urlOf(server);
      server.kill("SIGKILL");
      await until(async () => (await server.groupMembers()).length === 0);
      expect(existsSync(path)).toBe(true);

      await using next = start("web.ts", "-b", url.replace("http://", ""), "-b", `unix:${path}`);
      expect(await urlOf(next)).toBe(url);
      expect(await textOverUnix(path)).toBe("hello world");
    });

    test("says that an address is in use, and leaves its owner alone", async () => {
      const path = join(cwd, "live.sock");
      await using owner = start("web.ts", "-b", "0", "-b", `unix:${path}`);
      const url = await urlOf(owner);
      const port = new URL(url).port;
      const second = await socle("serve", "web.ts", "-b", `127.0.0.1:${port}`);
      expect(second).toMatchObject({ code: 1, stdout: "" });
      expect(second.stderr).toBe(
        `socle: can't listen on 127.0.0.1:${port}: the port is in use. Choose another one (port 0 takes any that is free), or stop the process that has it (\`lsof -i :${port}\` names it).\n`,
      );
      const third = await socle("serve", "web.ts", "-b", `unix:${path}`);
      expect(third.code).toBe(1);
      expect(third.stderr).toMatch(/live\.sock: another server listens on it\. .*\n$/);
      expect(await text(url)).toBe("hello world");
      expect(await textOverUnix(path)).toBe("hello world");
    });

    test("says so for a port that another program has", async () => {
      const other = createServer().listen(0, "127.0.0.1");
      await once(other, "listening");
      const { port } = other.address() as { port: number };
      const { code, stderr } = await socle("serve", "web.ts", "-b", String(port));
      other.close();
      expect(code).toBe(1);
      expect(stderr).toMatch(/the port is in use/);
    });

    test.concurrent.each(badInput)(
      "answers %j with exit code %i and one line",
      async (args, code, message) => {
        const result = await socle("serve", ...withBind(args));
        expect(result.stdout).toBe("");
        expect(result.stderr).toMatch(/^socle: .*\n$/);
        expect(result.stderr.trimEnd().replace(/^socle: /, "")).toMatch(message);
        expect(result.code).toBe(code);
      },
    );

    test("has help and a version", async () => {
      const version = await socle("--version");
      expect(version).toMatchObject({ code: 0, stderr: "" });
      expect(version.stdout).toMatch(/^socle \d+\.\d+\.\d+\n$/);
      expect(await socle("--help")).toMatchObject({ code: 0, stderr: "" });
      const help = await socle("serve", "--help");
      expect(help).toMatchObject({ code: 0, stderr: "" });
      expect(help.stdout).toMatch(/-w, --workers N/);
      expect(await socle()).toMatchObject({ code: 2, stdout: "" });
      expect(await socle("srve")).toMatchObject({
        code: 2,
        stderr: "socle: there is no command srve. Did you mean serve?\n",
      });
    });
  });
}

async function text(url: string): Promise<string> {
  const response = await fetch(url, { headers: { connection: "close" } });
  return response.text();
}

function textOverUnix(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ socketPath, path: "/", headers: { connection: "close" } }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => {
        body += chunk;
      });
      response.on("end", () => resolve(body));
    }).on("error", reject);
  });
}

function isRefused(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", () => resolve(true));
  });
}

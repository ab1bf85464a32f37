/** `socle dev` on every Node: what reloads it, what it shows, what it refuses, and that nothing of it is left. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, unlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findBrowser } from "../support/browser.ts";
import { findNodes } from "../support/nodes.ts";
import { startProcess, type TestProcess } from "../support/process.ts";
import { until } from "../support/until.ts";

const bin = fileURLToPath(new URL("../../bin/socle.js", import.meta.url));
const built = pathToFileURL(fileURLToPath(new URL("../../dist/web/index.js", import.meta.url))).href;

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "socle-dev-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
}

/** Whether the application has made a file of that name. */
function made(name: string): () => boolean {
  return () => existsSync(join(directory, name));
}

class Dev implements AsyncDisposable {
  readonly process: TestProcess;
  readonly url: string;

  private constructor(process: TestProcess, url: string) {
    this.process = process;
    this.url = url;
  }

  static async start(node: string, args: readonly string[], env: Record<string, string> = {}): Promise<Dev> {
    const process = startProcess(node, [bin, "dev", ...args, "-b", "127.0.0.1:0"], { cwd: directory, env });
    const [, url = ""] = await process.waitFor(/ on (http:\S+) \(development, Ctrl-C to stop\)\n/);
    return new Dev(process, url);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  fetch(path = "/", headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.url + path, { headers });
  }

  async text(path = "/", headers: Record<string, string> = {}): Promise<string> {
    return (await this.fetch(path, headers)).text();
  }

  /** Resolves when `/` is answered with a text. */
  answers(wanted: string): Promise<void> {
    return until(async () => (await this.text()).includes(wanted));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
  }
}

/** A fetch application that answers with a text, and the code before it. */
function says(expression: string, before = ""): string {
  return `${before}export default { fetch: (request: Request): Response => new Response(String(${expression})) };\n`;
}

for (const node of await findNodes()) {
  describe.skipIf(node.missing !== undefined)(`socle dev, ${node.label}`, () => {
    const start = (...args: string[]): Promise<Dev> => Dev.start(node.path, args);

    test("a change of the entry is served, and told in a line", async () => {
      await write({ "web.ts": says('"one"') });
      await using dev = await start("web.ts");
      expect(await dev.text()).toBe("one");
      await write({ "web.ts": says('"two"') });
      await dev.answers("two");
      await dev.process.waitFor(/^reloaded in \d+ ms \(web\.ts\)$/m);
      await dev.process.waitFor(/^GET {2}\/ 200 \S+ ms$/m);
    });

    test("a change of what it imports, requires, or imports later is served, and one beside is not", async () => {
      await write({
        "web.ts": `import { a } from "./lib/a.ts";
import { createRequire } from "node:module";
const b = createRequire(import.meta.url)("./b.cjs");
export default { async fetch() { return new Response([a, b, (await import("./c.mjs")).c].join(" ")); } };\n`,
        "lib/a.ts": `export const a: string = "a1";\n`,
        "b.cjs": `module.exports = "b1";\n`,
        "c.mjs": `export const c = "c1";\n`,
      });
      await using dev = await start("web.ts");
      expect(await dev.text()).toBe("a1 b1 c1");
      await write({ "lib/a.ts": `export const a: string = "a2";\n`, "lib/beside.ts": "" });
      await dev.answers("a2 b1 c1");
      await write({ "b.cjs": `module.exports = "b2";\n` });
      await dev.answers("a2 b2 c1");
      await write({ "c.mjs": `export const c = "c2";\n` });
      await dev.answers("a2 b2 c2");
      expect(dev.process.stdout.match(/^reloaded .*$/gm)?.map((line) => /\((.*)\)/.exec(line)?.[1])).toEqual([
        "lib/a.ts",
        "b.cjs",
        "c.mjs",
      ]);
    });

    test("a file that is replaced, removed and made again, and a folder that is, are followed", async () => {
      await write({
        "web.ts": says("a", `import { a } from "./lib/a.ts";\n`),
        "lib/a.ts": "export const a = 1;\n",
      });
      await using dev = await start("web.ts");
      expect(await dev.text()).toBe("1");

      await write({ "lib/a.new": "export const a = 2;\n" });
      await rename(join(directory, "lib/a.new"), join(directory, "lib/a.ts"));
      await dev.answers("2");

      await unlink(join(directory, "lib/a.ts"));
      await dev.answers("Cannot find module");
      await write({ "lib/a.ts": "export const a = 3;\n" });
      await dev.answers("3");

      await write({ "next/a.ts": "export const a = 4;\n" });
      await rename(join(directory, "lib"), join(directory, "old"));
      await rename(join(directory, "next"), join(directory, "lib"));
      await dev.answers("4");
      await write({ "lib/a.ts": "export const a = 5;\n" });
      await dev.answers("5");
    });

    test("a syntax error is shown with its line, in the terminal too, until it is repaired", async () => {
      await write({ "web.ts": says("a", `import { a } from "./a.ts";\n`), "a.ts": "export const a = 1;\n" });
      await using dev = await start("web.ts");
      await write({ "a.ts": "export const fine = 1;\nexport const a: number = ;\n" });
      await dev.process.waitFor(
        /^can't load "web\.ts": SyntaxError: .* \(a\.ts:2.*\)\n {2}a\.ts:2.*\n[\s\S]*> 2 │ export const a: number = ;$/m,
      );
      const answer = await dev.fetch();
      expect(answer.status).toBe(500);
      expect(await answer.text()).toMatch(
        /^web\.ts can't be served\n[\s\S]*> 2 │ export const a: number = ;\n/,
      );
      await write({ "a.ts": "export const a = 7;\n" });
      await dev.answers("7");
    });

    test("what fails from the start is shown, and served once it is repaired", async () => {
      const failing = `export function main() {\n  throw new RangeError("no database");\n}\n`;
      await write({ "web.ts": failing });
      await using dev = await start("web.ts");
      const page = await dev.text("/any", { accept: "text/html" });
      expect(page).toContain("RangeError");
      expect(page).toContain("web.ts:2:9");
      await write({
        "web.ts": `export const app = { handleExchange() {}, async start() {\n throw new Error("not now"); } };\n`,
      });
      await dev.answers("web.ts:app could not start: Error: not now (web.ts:2:8)");
      await write({ "web.ts": `import { app } from "./missing/app.ts";\nexport { app };\n` });
      await dev.answers("missing");
      await write({ "missing/app.ts": `export const app = { fetch: () => new Response("found") };\n` });
      await dev.answers("found");
      await write({ "web.ts": "process.exit(3);\n" });
      await dev.answers("the process of the application ended with exit code 3");
      await write({ "web.ts": says('"back"') });
      await dev.answers("back");
    });

    test("requests wait for the new code: on new connections, and on those that are open already", async () => {
      const waiting = `import { existsSync, writeFileSync } from "node:fs";
const exists = async (name: string): Promise<void> => { while (!existsSync(name)) await new Promise((go) => setTimeout(go, 5)); };\n`;
      const slow = `export default { async fetch(request: Request) {
  if (request.url.endsWith("/slow")) { writeFileSync("begun", ""); await exists("finish"); }
  return new Response("NAME"); } };\n`;
      await write({ "web.ts": waiting + slow.replace("NAME", "old") });
      await using dev = await start("web.ts", "--graceful-timeout", "20s");
      const inFlight = dev.text("/slow");
      await until(made("begun"));
      const early = connect(dev.port, "127.0.0.1");
      await new Promise((resolve) => early.once("connect", resolve));
      // The old code has accepted it as well: connections are accepted in their order.
      expect(await dev.text()).toBe("old");

      await write({
        "web.ts": `${waiting}writeFileSync("loading", "");\nawait exists("go");\n${slow.replace("NAME", "new")}`,
      });
      await until(made("loading"));
      early.end("POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi");
      const later = Array.from({ length: 20 }, () => dev.text());
      await write({ go: "" });
      expect(await Promise.all(later)).toEqual(later.map(() => "new"));
      expect(await text(early)).toMatch(/^HTTP\/1\.1 200 [\s\S]*new$/);
      await write({ finish: "" });
      expect(await inFlight).toBe("old");
    });

    test("many changes at once come to rest with the last", async () => {
      const names = Array.from({ length: 20 }, (_, n) => `m${n}`);
      const version = (of: string): Record<string, string> =>
        Object.fromEntries(names.map((name) => [`${name}.ts`, `export const ${name} = "${of}";\n`]));
      const imports = names.map((name) => `import { ${name} } from "./${name}.ts";\n`).join("");
      await write({ "web.ts": says(`[${names.join(",")}].join("")`, imports), ...version("a") });
      await using dev = await start("web.ts");
      for (const of of "bcdefg") await write(version(of));
      await dev.answers("g".repeat(names.length));
    });

    test("what else is to be watched, a file or a folder, counts", async () => {
      await write({
        "web.ts": says(
          `readFileSync("views/deep/page.txt", "utf8") + (existsSync(".env") ? readFileSync(".env", "utf8") : "")`,
          `import { existsSync, readFileSync } from "node:fs";\nconst at: number = performance.timeOrigin;\n`,
        ).replace("String(", "at + String("),
        "views/deep/page.txt": "page",
      });
      await using dev = await start("web.ts", "--watch", "views", "--watch", ".env");
      const before = await dev.text();
      await write({ "views/deep/page.txt": "other" });
      await dev.process.waitFor(/^reloaded in \d+ ms \(views\/deep\/page\.txt\)$/m);
      await write({ "views/new.txt": "" });
      await dev.process.waitFor(/^reloaded in \d+ ms \(views\/new\.txt\)$/m);
      await write({ ".env": "A=1" });
      await dev.process.waitFor(/^reloaded in \d+ ms \(\.env\)$/m);
      expect(await dev.text()).toMatch(/otherA=1$/);
      expect(await dev.text()).not.toContain(before);
    });

    test("a process that dies is replaced, and one that dies at once again waits for a change", async () => {
      await write({
        "web.ts": says(`setTimeout(() => { throw new TypeError("out of nowhere"); }) && process.pid`),
      });
      await using dev = await start("web.ts");
      const first = await dev.text();
      await dev.process.waitFor(/^serving again$/m);
      expect(await dev.text()).not.toBe(first);
      await dev.process.waitFor(
        /^the process of the application ended with exit code 1; waiting for a change$/m,
      );
      expect(await dev.text()).toContain("TypeError: out of nowhere\n  web.ts:1:");
      await write({ "web.ts": says('"well"') });
      await dev.answers("well");
    });

    test("Ctrl-C ends it all, and so does the end of the parent", async () => {
      await write({ "web.ts": says('"one"') });
      for (const end of ["SIGINT", "SIGKILL"] as const) {
        await using dev = await start("web.ts");
        await dev.text();
        // The parent, the process that serves, and the spare one.
        await until(async () => (await dev.process.groupMembers()).length === 3);
        if (end === "SIGINT") dev.process.killGroup(end);
        else dev.process.kill(end);
        const { code } = await dev.process.exited;
        expect(code).toBe(end === "SIGINT" ? 0 : null);
        expect(await dev.process.groupMembers()).toEqual([]);
        expect(dev.process.stderr).toBe("");
      }
    });
  });
}

describe("what is shown of a fault", () => {
  const start = (...args: string[]): Promise<Dev> => Dev.start(process.execPath, args);
  const app = `import { App } from ${JSON.stringify(built)};
interface User { readonly name?: { readonly first: string } }

export const app: App = new App();
app.get("/boom", () => {
  const user: User = {};
  try {
    return user.name!.first;
  } catch (error) {
    throw new Error("can't greet <b>them</b>", { cause: error });
  }
});
app.get("/fine", () => "fine");
`;
  const secrets = { authorization: "Bearer s3cret", cookie: "theme=dark-s3cret", "x-api-key": "s3cret" };

  test("as text: the source line, the stack, the causes, and the request without its secrets", async () => {
    await write({ "web.ts": app });
    await using dev = await start("web.ts");
    const answer = await dev.fetch("/boom?x=1", secrets);
    expect(answer.status).toBe(500);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const body = await answer.text();
    expect(body).toMatch(/^Error: can't greet <b>them<\/b>\n {2}web\.ts:10:11\n/);
    expect(body).toContain('  > 10 │     throw new Error("can\'t greet <b>them</b>", { cause: error });\n');
    expect(body).toContain(
      "\nCaused by TypeError: Cannot read properties of undefined (reading 'first')\n  web.ts:8:23\n",
    );
    expect(body).toMatch(/\n {4}at \S+ \(web\.ts:10:11\)\n/);
    expect(body).toContain("\nGET /boom?x=1 HTTP/1.1\n");
    expect(body).toContain("\nauthorization: Bearer ••••••\n");
    expect(body).toContain("\ncookie: theme=••••••\n");
    expect(body).not.toContain("s3cret");
    await dev.process.waitFor(/^GET {2}\/boom\?x=1 500 \S+ ms$/m);
  });

  test("as JSON, and as a page that has nothing of others in it", async () => {
    await write({ "web.ts": app });
    await using dev = await start("web.ts");
    const json = await dev.fetch("/boom", { accept: "application/json", ...secrets });
    expect(json.headers.get("content-type")).toBe("application/json; charset=utf-8");
    const raw = await json.text();
    expect(raw).not.toContain("s3cret");
    expect(JSON.parse(raw)).toMatchObject({
      title: "Error: can't greet <b>them</b>",
      status: 500,
      errors: [
        { name: "Error", at: "web.ts:10:11" },
        { relation: "caused by", name: "TypeError", at: "web.ts:8:23" },
      ],
      request: { method: "GET", target: "/boom" },
    });
    const page = await dev.fetch("/boom?<script>", { accept: "text/html,*/*", ...secrets });
    expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none';/);
    const html = await page.text();
    expect(html).toContain("can&#39;t greet &lt;b&gt;them&lt;/b&gt;");
    expect(html).not.toContain("s3cret");
  });

  test.each([
    [
      "a fetch handler",
      `export const fetch = (request: Request): never => {\n  throw new Error("boom");\n};\n`,
    ],
    [
      "a WSGI application",
      `export function application(environ: object, startResponse: unknown): never {\n  throw new Error("boom");\n}\n`,
    ],
    [
      "a listener",
      `export const handler = (req: unknown, res: unknown): never => {\n  throw new Error("boom");\n};\n`,
    ],
    [
      "a rejected promise",
      `export const fetch = async (request: Request) => {\n  throw new Error("boom");\n};\n`,
    ],
  ])("of %s, in the terminal too", async (_, code) => {
    await write({ "web.ts": code });
    await using dev = await start("web.ts");
    expect(await dev.text("/x")).toMatch(
      /^Error: boom\n {2}web\.ts:2:9\n[\s\S]*> 2 │ {3}throw new Error\("boom"\);\n/,
    );
    await dev.process.waitFor(
      /^GET \/x: Error: boom\n {2}web\.ts:2:9\n[\s\S]*> 2 │ {3}throw new Error\("boom"\);\n/m,
    );
    expect(dev.process.stderr).toBe("");
  });

  test("in the source, of code that was compiled and has a source map", async () => {
    // What a compiler makes of src/web.ts: its line 3 became line 1.
    const map = { version: 3, sources: ["src/web.ts"], names: [], mappings: "AAEA" };
    const inline = Buffer.from(JSON.stringify(map)).toString("base64");
    await write({
      "web.mjs": `export const fetch = (request) => { throw new Error("boom"); };\n//# sourceMappingURL=data:application/json;base64,${inline}\n`,
      "src/web.ts": `// one\n// two\nexport const fetch = (request: Request): never => { throw new Error("boom"); };\n`,
    });
    await using dev = await start("web.mjs");
    expect(await dev.text()).toContain("> 3 │ export const fetch = (request: Request): never");
  });

  test("nothing by socle serve, whatever a client or the environment says", async () => {
    await write({
      "web.ts": app,
      "fetch.ts": `export const fetch = (): never => { throw new Error("boom"); };\n`,
    });
    for (const name of ["web.ts", "fetch.ts"]) {
      await using server = startProcess(process.execPath, [bin, "serve", name, "-b", "127.0.0.1:0"], {
        cwd: directory,
        env: { NODE_ENV: "development" },
      });
      const [, url] = await server.waitFor(/ on (http:\S+) /);
      for (const accept of ["text/html", "application/json", "*/*"]) {
        const answer = await fetch(`${url}/boom`, { headers: { accept, host: "localhost" } });
        expect(answer.status).toBe(500);
        expect((await answer.text()).trim()).toMatch(/^(?:500 )?Internal Server Error$/);
      }
      expect((await fetch(`${url}/.socle/changes`)).status).not.toBe(200);
    }
  });
});

test("what only one process can have, such as a port, is tried for again once the old one has ended", async () => {
  const code = (name: string): string =>
    `import { existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
const port = existsSync("port.json") ? JSON.parse(String(readFileSync("port.json"))) : 0;
const server = createServer();
await new Promise((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", () => resolve(null)));
writeFileSync("port.json", JSON.stringify((server.address() as { port: number }).port));
export default { async fetch(request: Request) {
  if (request.url.endsWith("/slow")) {
    writeFileSync("begun", "");
    while (!existsSync("finish")) await new Promise((go) => setTimeout(go, 5));
  }
  return new Response("${name}"); } };
`.replace("{ existsSync,", "{ existsSync, readFileSync,");
  await write({ "web.ts": code("old") });
  await using dev = await Dev.start(process.execPath, ["web.ts", "--graceful-timeout", "20s"]);
  const inFlight = dev.text("/slow");
  await until(made("begun"));
  await write({ "web.ts": code("new") });
  await dev.answers("EADDRINUSE");
  await write({ finish: "" });
  expect(await inFlight).toBe("old");
  await dev.answers("new");
});

describe("socle dev refuses", () => {
  test("requests for hosts that are not its own, unless they are allowed", async () => {
    await write({ "web.ts": says('"one"') });
    await using dev = await Dev.start(process.execPath, ["web.ts", "--allow-host", ".shop.test"]);
    const ask = async (host: string): Promise<string> => {
      const socket = connect(dev.port, "127.0.0.1");
      socket.end(`GET / HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
      return text(socket);
    };
    for (const host of [
      "localhost",
      "LOCALHOST:80",
      "app.localhost",
      "192.0.2.1:80",
      "[::1]:80",
      "a.shop.test",
    ]) {
      expect(await ask(host)).toMatch(/^HTTP\/1\.1 200 [\s\S]*one$/);
    }
    for (const host of [
      "evil.test",
      "shop.test",
      "localhost.evil.test",
      "192.0.2.1.evil.test",
      "shop.test.evil.test",
    ]) {
      expect(await ask(host)).toMatch(new RegExp(`^HTTP/1\\.1 403 [\\s\\S]*--allow-host ${host}\\n$`));
    }
  });

  test("in one line what no change of a file would put right", async () => {
    await write({ "web.ts": says('"one"') });
    await using first = await Dev.start(process.execPath, ["web.ts"]);
    for (const [args, message] of [
      [["wbe.ts"], /^socle: can't load "wbe\.ts": there is no file \S+wbe\.ts\. Did you mean web\.ts\?\n$/],
      [
        ["web.ts", "-b", `127.0.0.1:${first.port}`],
        /^socle: can't listen on 127\.0\.0\.1:\d+: the port is in use\..*\n$/,
      ],
      [["web.ts", "--allow-host", "a b"], /^socle: --allow-host is "a b", and must be a host name/],
    ] as const) {
      await using refused = startProcess(process.execPath, [bin, "dev", ...args], { cwd: directory });
      const { code } = await refused.exited;
      expect(refused.stderr).toMatch(message);
      expect(code).not.toBe(0);
      expect(refused.stdout).toBe("");
    }
  });
});

const browser = await findBrowser();

describe.skipIf(browser.missing !== undefined)(`in ${browser.label}`, () => {
  test("the error page shows the source line, and gives way to the repaired page by itself", async () => {
    const page = `<!doctype html><title>t</title><p id=said>NAME</p>`;
    const code = (name: string): string =>
      `export const fetch = (request: Request) => new Response(${JSON.stringify(page.replace("NAME", name))}, { headers: { "content-type": "text/html" } });\n`;
    await write({
      "web.ts": `export const fetch = (request: Request): never => {\n  throw new TypeError("no <greeting>");\n};\n`,
    });
    await using dev = await Dev.start(process.execPath, ["web.ts", "--live-reload"]);
    await using chromium = await browser.launch();
    const tab = await chromium.newPage();
    const troubles: string[] = [];
    tab.on("pageerror", (error) => troubles.push(String(error)));
    await tab.goto(dev.url);
    expect(await tab.locator("h1").textContent()).toBe("TypeError: no <greeting>");
    expect(await tab.locator(".row.hit").first().textContent()).toContain(
      'throw new TypeError("no <greeting>");',
    );
    expect(await tab.locator("figcaption").first().textContent()).toBe("web.ts:2:9");
    // The page listens for changes before it is repaired.
    await write({ "web.ts": code("repaired") });
    await tab.locator("#said", { hasText: "repaired" }).waitFor();
    // The application's own page does so too.
    await write({ "web.ts": code("changed") });
    await tab.locator("#said", { hasText: "changed" }).waitFor();
    await write({ "web.ts": "export const fetch = ;\n" });
    await tab.locator("h1", { hasText: "SyntaxError" }).waitFor();
    expect(troubles).toEqual([]);
  });
});

/** Modules that listen themselves, under the built `socle serve`: which of their servers are served, left out, and really listen. */
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findNodes } from "../support/nodes.ts";
import { runProcess, startProcess } from "../support/process.ts";
import { until } from "../support/until.ts";

const bin = fileURLToPath(new URL("../../bin/socle.js", import.meta.url));

/** `PORT` stands for a port that is free. */
const files: Readonly<Record<string, string>> = {
  // What it says is what its "listening" finds.
  "plain.mjs": `import { createServer } from "node:http";
const server = createServer((request, response) => response.end("plain"));
const returned = server.listen(3000, "0.0.0.0", () => console.log("callback", server.listening, JSON.stringify(server.address())));
console.log("before", server.listening, returned === server.unref());
server.on("listening", () => console.log("event"));
try { server.listen(3001); } catch (error) { console.log(error.code); }
`,
  "late.mjs": `import { createServer } from "node:http";
setTimeout(() => createServer((request, response) => response.end("late")).listen(3000), 200);
`,
  "awaits.mjs": `import { once } from "node:events";
import { createServer } from "node:http";
await once(createServer((request, response) => response.end("awaits")).listen({ port: 3000 }), "listening");
`,
  "main.mjs": `import { createServer } from "node:http";
let calls = 0;
export async function main() {
  calls++;
  createServer((request, response) => response.end("main " + calls)).listen("/run/web.sock");
}
`,
  "called.mjs": `import { createServer } from "node:http";
let calls = 0;
export function main() {
  calls++;
  createServer((request, response) => response.end("called " + calls)).listen(3000);
}
main();
`,
  "both.mjs": `import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
const app = (request, response) => response.end("both");
createServer(app).listen(80);
createSecureServer({}, app).listen(443);
`,
  "several.mjs": `import { createServer } from "node:http";
createServer((request, response) => response.end("a")).listen(3000, () => {
  createServer((request, response) => response.end("b")).listen(9100);
});
`,
  "wrong-port.mjs": `import { createServer } from "node:http";\ncreateServer().listen(70000);\n`,
  "timer.mjs": `import { createServer } from "node:http";
export const nothing = 1;
setTimeout(() => {}, 300);
createServer(() => {}).listen(3000).close();
`,
  // The app's own server is left out, now and later; the other one listens, and hears of it once.
  "exports.mjs": `import { createServer } from "node:http";
export default function app(request, response) { response.end("exported " + heard); }
let heard = 0;
createServer(app).listen(3000);
setTimeout(() => createServer(app).listen(3000), 50);
const metrics = createServer((request, response) => response.end("metrics"));
metrics.listen(PORT, "127.0.0.1", () => heard++);
metrics.on("listening", () => heard++);
`,
  "closes.mjs": `import { createServer } from "node:http";
const server = createServer((request, response) => {
  if (request.url === "/close") server.close(() => console.log("closed", process.pid));
  if (request.url !== "/slow") return response.end(String(process.pid));
  console.log("slow");
  response.write("slow ");
  process.once("SIGINT", () => setTimeout(() => response.end("whole"), 100));
});
server.listen(3000);
process.on("SIGINT", () => server.close(() => { console.log("handler"); process.exit(0); }));
`,
};

for (const node of await findNodes()) {
  describe.skipIf(node.missing !== undefined)(`on ${node.label}`, () => {
    let cwd = "";
    let port = 0;
    beforeAll(async () => {
      cwd = await mkdtemp(join(tmpdir(), "socle-own-"));
      const free = createServer().listen(0, "127.0.0.1");
      await once(free, "listening");
      port = (free.address() as { port: number }).port;
      await new Promise((resolve) => free.close(resolve));
      for (const [name, text] of Object.entries(files)) {
        await writeFile(join(cwd, name), text.replace("PORT", String(port)));
      }
    });
    afterAll(() => rm(cwd, { recursive: true, force: true }));

    async function serve(file: string): Promise<Served> {
      const process = startProcess(node.path, [bin, "serve", file, "-b", "127.0.0.1:0"], { cwd });
      const [, title = "", served = ""] = await process.waitFor(/serving (.*) on (http:\S+) \(/);
      return {
        process,
        title,
        port: Number(new URL(served).port),
        get: async (path = "/") => (await fetch(new URL(path, served))).text(),
        [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
      };
    }

    test.each([
      ["late.mjs", "late.mjs (a node:http server, found by its listen(3000))", "late"],
      ["awaits.mjs", "awaits.mjs (a node:http server, found by its listen(3000))", "awaits"],
      ["main.mjs", 'main.mjs:main() (a node:http server, found by its listen("/run/web.sock"))', "main 1"],
      [
        "main.mjs:main()",
        'main.mjs:main() (a node:http server, found by its listen("/run/web.sock"))',
        "main 1",
      ],
      ["called.mjs", "called.mjs (a node:http server, found by its listen(3000))", "called 1"],
      ["both.mjs", "both.mjs (a node:http server, found by its listen(80))", "both"],
    ])("%s is served", async (file, title, body) => {
      await using server = await serve(file);
      expect([server.title, await server.get()]).toEqual([title, body]);
    });

    test("a server listens as it thinks, where Socle does", async () => {
      await using server = await serve("plain.mjs");
      expect(await server.get()).toBe("plain");
      const address = JSON.stringify({ address: "127.0.0.1", family: "IPv4", port: server.port });
      expect(server.process.stdout.split("\n").slice(0, 4)).toEqual([
        "before true true",
        "ERR_SERVER_ALREADY_LISTEN",
        `callback true ${address}`,
        "event",
      ]);
    });

    test.each([
      [
        "several.mjs",
        `it exports no application, and listens with several servers: a node:http server by listen(3000), a node:http server by listen(9100). Export the one to serve, such as 'export default app'; the others then listen themselves.`,
      ],
      ["wrong-port.mjs", "port should be >= 0 and < 65536. Received type number (70000). (wrong-port.mjs:2:"],
      ["timer.mjs", "none of its exports is called default, "],
    ])("%s is refused", async (file, message) => {
      const { code, stderr } = await runProcess(node.path, [bin, "serve", file, "-b", "0"], { cwd });
      expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
      expect(stderr.split("\n")).toHaveLength(2);
    });

    test("where the application is exported, servers of others listen", async () => {
      const checked = await runProcess(node.path, [bin, "check", "exports.mjs"], { cwd });
      expect(checked.stdout).toBe(
        "exports.mjs is a Node listener (node).\n\n" +
          "It also calls listen(3000) itself. Under socle serve that is left out.\n\n" +
          "It also listens on a port itself. Leave that to socle serve: several workers can't share the port.\n",
      );
      await using server = await serve("exports.mjs");
      const metrics = await answerOf(() => fetch(`http://127.0.0.1:${port}`).then((got) => got.text()));
      expect([metrics, await server.get()]).toEqual(["metrics", "exported 2"]);
    });

    test("what a server's close waits for is the requests in flight", async () => {
      await using server = await serve("closes.mjs");
      const pid = Number(await server.get("/pid"));
      const slow = server.get("/slow");
      await server.process.waitFor(/slow/);
      // As the terminal does, it tells all of them.
      server.process.kill("SIGINT");
      process.kill(pid, "SIGINT");
      expect(await slow).toBe("slow whole");
      expect(await server.process.exited).toEqual({ code: 0, signal: null });
      expect(server.process.stdout).toMatch(/\nhandler\n$/);
    });

    test("a worker that closes its server is replaced", async () => {
      await using server = await serve("closes.mjs");
      const pid = await server.get("/close");
      await server.process.waitFor(new RegExp(`closed ${pid}\n`));
      const next = await answerOf(() => server.get());
      expect(next).not.toBe(pid);
      await until(() =>
        server.process.stderr.includes(`worker ${pid} ended with exit code 0; starting another`),
      );
    });
  });
}

/** What is answered once somebody listens. */
async function answerOf(ask: () => Promise<string>): Promise<string> {
  let answer = "";
  await until(async () => {
    answer = await ask().catch(() => "");
    return answer !== "";
  });
  return answer;
}

interface Served extends AsyncDisposable {
  readonly process: ReturnType<typeof startProcess>;
  /** What the start-up line says of the application. */
  readonly title: string;
  readonly port: number;
  get(path?: string): Promise<string>;
}

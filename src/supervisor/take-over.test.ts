import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isAlive } from "../../test/support/lock-file.ts";
import { startProcess, type TestProcess } from "../../test/support/process.ts";
import { until } from "../../test/support/until.ts";

const bin = new URL("../../bin/socle.js", import.meta.url).pathname;
let cwd = "";
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "socle-take-over-"));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const write = (version: string, before = ""): Promise<void> =>
  writeFile(
    join(cwd, "web.mjs"),
    `${before}
     export const app = {
       handleExchange(exchange) {
         exchange.respond(200, [], JSON.stringify({ version: "${version}", parent: process.ppid, node: process.argv0 }));
       },
     };`,
  );

interface Answer {
  readonly version: string;
  readonly parent: number;
}

/** @param where a port, or the path of a Unix socket */
function ask(where: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const target = /^\d+$/.test(where) ? { host: "127.0.0.1", port: where } : { socketPath: where };
    const asking = request({ ...target, agent: false }, async (answer) => {
      let text = "";
      for await (const chunk of answer.setEncoding("utf8")) text += chunk;
      resolve(JSON.parse(text) as Answer);
    });
    asking.on("error", reject).end();
  });
}

const start = (...options: string[]): TestProcess =>
  startProcess(process.execPath, [bin, "serve", "web.mjs", "-b", "127.0.0.1:0", ...options], { cwd });

test("a new server takes the sockets over, again and again, and none is ever closed", async () => {
  await write("one");
  const socket = join(cwd, "web.sock");
  await using server = start("-w", "2", "-b", `unix:${socket}`);
  const [, port = ""] = await server.waitFor(/127\.0\.0\.1:(\d+)/);
  let stop = false;
  const failures: unknown[] = [];
  const asking = (async () => {
    while (!stop) await ask(port).catch((error: unknown) => failures.push(error));
  })();
  let { parent } = await ask(port);
  expect(parent).toBe(server.pid);
  for (const version of ["two", "three"]) {
    await write(version);
    const before = parent;
    process.kill(parent, "SIGUSR2");
    // The old one is gone when the new one has answered for it.
    await until(async () => {
      ({ parent } = await ask(port));
      return parent !== before && !isAlive(before);
    });
    expect([(await ask(port)).version, (await ask(socket)).version]).toEqual([version, version]);
    expect(server.stderr).toContain(`socle: the server with process id ${parent} has taken over\n`);
  }
  stop = true;
  await asking;
  expect(failures).toEqual([]);
  process.kill(parent, "SIGTERM");
  await until(() => !isAlive(parent));
  expect(existsSync(socket)).toBe(false);
  await expect(ask(port)).rejects.toThrow("ECONNREFUSED");
});

test("one that does not come to serve changes nothing", async () => {
  await write("good");
  await using server = start();
  const [, port = ""] = await server.waitFor(/127\.0\.0\.1:(\d+)/);
  await write("bad", 'throw new Error("not today");');
  server.kill("SIGUSR2");
  await server.waitFor(
    /this server goes on: the new server ended with exit code 1 before it was ready/,
    "stderr",
  );
  expect(server.stderr).toMatch(/can't load "web\.mjs": Error: not today/);
  expect(await ask(port)).toMatchObject({ version: "good", parent: server.pid });
  await write("better");
  server.kill("SIGUSR2");
  await until(async () => (await ask(port)).version === "better");
  process.kill((await ask(port)).parent, "SIGTERM");
  expect(await server.exited).toEqual({ code: 0, signal: null });
});

test("it runs on the Node that the name leads to by then", async () => {
  await write("one");
  const node = join(cwd, "node");
  await symlink(process.execPath, node);
  await using server = startProcess(node, [bin, "serve", "web.mjs", "-b", "127.0.0.1:0"], { cwd });
  const [, port = ""] = await server.waitFor(/127\.0\.0\.1:(\d+)/);
  await unlink(node);
  await writeFile(node, `#!/bin/sh\necho "the new node"\nexec "${process.execPath}" "$@"\n`);
  await chmod(node, 0o755);
  server.kill("SIGUSR2");
  await server.waitFor(/the new node\n/);
  await until(async () => (await ask(port)).parent !== server.pid);
  process.kill((await ask(port)).parent, "SIGTERM");
  await server.exited;
});

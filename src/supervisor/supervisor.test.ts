import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TcpAddress } from "../net/address.ts";
import { Supervisor, serve } from "./supervisor.ts";

let cwd = "";
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "socle-supervisor-"));
  const handler = "handleExchange";
  await writeFile(
    join(cwd, "web.mjs"),
    `export const main = () => ({ ${handler}(exchange) { exchange.respond(200, [], "hello"); } });`,
  );
  await writeFile(
    join(cwd, "flaky.mjs"),
    `import { existsSync } from "node:fs";
     if (existsSync(${JSON.stringify(join(cwd, "broken"))})) throw new Error("broken meanwhile");
     export const app = { ${handler}(exchange) { exchange.respond(200, [], "hello"); } };`,
  );
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const portOf = (supervisor: Supervisor): number => (supervisor.addresses[0] as TcpAddress).port;

test("serves, and leaves nothing when it has stopped", async () => {
  const supervisor = await serve({ app: "web.mjs", bind: ["127.0.0.1:0"], workers: 2, cwd });
  expect(supervisor.state).toBe("serving");
  expect(supervisor.application).toEqual({
    description: "web.mjs:main()",
    kind: "socle",
    what: "an Exchange application",
  });
  const { workers } = supervisor;
  expect(workers).toHaveLength(2);
  const url = `http://127.0.0.1:${portOf(supervisor)}/`;
  expect(await (await fetch(url)).text()).toBe("hello");

  await supervisor.stop();
  expect(supervisor.state).toBe("stopped");
  expect(supervisor.workers).toEqual([]);
  for (const pid of workers) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  await expect(fetch(url)).rejects.toThrow();
  await supervisor.stop();
});

test("a failed start frees what was bound before", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as { port: number };
  const supervisor = new Supervisor({
    app: "web.mjs",
    bind: ["127.0.0.1:0", `127.0.0.1:${port}`],
    cwd,
  });
  await expect(supervisor.start()).rejects.toMatchObject({ name: "BindError", code: "EADDRINUSE" });
  expect(supervisor.state).toBe("stopped");
  const again = createServer().listen(portOf(supervisor), "127.0.0.1");
  await once(again, "listening");
  again.close();
  taken.close();
});

test("an application that can't be loaded ends it with the worker's words", async () => {
  const supervisor = new Supervisor({ app: "gone.mjs", bind: ["127.0.0.1:0"], workers: 2, cwd });
  await expect(supervisor.start()).rejects.toMatchObject({
    name: "SupervisorError",
    message: expect.stringMatching(/^can't load "gone\.mjs": there is no file /),
  });
  expect(supervisor.state).toBe("stopped");
});

test("a stop before it serves resolves the start", async () => {
  const supervisor = new Supervisor({ app: "web.mjs", bind: ["127.0.0.1:0"], cwd });
  const started = supervisor.start();
  await supervisor.stop();
  await started;
  expect(supervisor.state).toBe("stopped");
});

test("goes on trying when the replacement of a worker can't be loaded", async () => {
  const lines: string[] = [];
  let look = (): void => {};
  const log = (line: string): void => {
    lines.push(line);
    look();
  };
  const logged = (pattern: RegExp): Promise<void> =>
    new Promise((resolve) => {
      look = () => {
        if (lines.some((line) => pattern.test(line))) resolve();
      };
      look();
    });
  await using supervisor = await serve({ app: "flaky.mjs", bind: ["127.0.0.1:0"], cwd, log });
  const [pid = 0] = supervisor.workers;
  await writeFile(join(cwd, "broken"), "");
  process.kill(pid, "SIGKILL");
  await logged(/broken meanwhile \(flaky\.mjs:2:\d+\); starting another in 100 ms$/);
  expect(lines[0]).toBe(`worker ${pid} was killed by SIGKILL; starting another`);
  await rm(join(cwd, "broken"));
  const answer = await fetch(`http://127.0.0.1:${portOf(supervisor)}/`);
  expect(await answer.text()).toBe("hello");
  expect(supervisor.workers).not.toContain(pid);
});

test("options that make no sense are refused", () => {
  expect(() => new Supervisor({ app: "web.mjs", workers: 0 })).toThrow("workers is 0, and must be");
  expect(() => new Supervisor({ app: "web.mjs", bind: ["nonsense"] })).toThrow("can't read the address");
});

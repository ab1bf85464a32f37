import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { until } from "../../test/support/until.ts";
import type { TcpAddress } from "../net/address.ts";
import { type ServeOptions, type Supervisor, serve } from "./supervisor.ts";

let cwd = "";
const lines: string[] = [];
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "socle-reload-"));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));
beforeEach(() => {
  lines.length = 0;
});

async function write(version: string, before = "", folder = cwd): Promise<void> {
  await writeFile(
    join(folder, "web.mjs"),
    `${before}
     export const app = {
       handleExchange(exchange) { exchange.respond(200, [], "${version} " + process.pid + " " + process.cwd()); },
     };`,
  );
}

const start = (options: Partial<ServeOptions> = {}): Promise<Supervisor> =>
  serve({ app: "web.mjs", bind: ["127.0.0.1:0"], cwd, log: (line) => lines.push(line), ...options });

async function ask(supervisor: Supervisor): Promise<string[]> {
  const { port } = supervisor.addresses[0] as TcpAddress;
  const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } });
  return (await answer.text()).split(" ");
}

/** Resolves when only workers that are asked for are left. */
const settled = (supervisor: Supervisor): Promise<void> =>
  until(() => {
    const states = [...supervisor.fleet].map(({ state }) => state);
    return states.length === supervisor.target && states.every((state) => state === "serving");
  });

describe("a reload", () => {
  test("replaces every worker, and answers all the while", async () => {
    await write("one");
    await using supervisor = await start({ workers: 3 });
    const before = supervisor.workers;
    let stop = false;
    const versions = new Set<string>();
    const asking = (async () => {
      while (!stop) versions.add((await ask(supervisor))[0] as string);
    })();
    await write("two");
    await supervisor.reload();
    expect(supervisor.generation).toBe(2);
    await settled(supervisor);
    stop = true;
    await asking;
    expect([...versions].filter((version) => version !== "one" && version !== "two")).toEqual([]);
    expect((await ask(supervisor))[0]).toBe("two");
    expect(supervisor.workers.filter((pid) => before.includes(pid))).toEqual([]);
    expect(supervisor.workers).toHaveLength(3);
    expect(lines).toEqual([]);
  });

  test.each([
    ["a syntax error", "export const = 1;", /web\.mjs:1/],
    ["a throw", 'throw new Error("not today");', /not today/],
    ["an end", "process.exit(0);", /ended with exit code 0 before it was ready/],
    [
      "a start that hangs",
      "await new Promise((resolve) => setTimeout(resolve, 60_000));",
      /was not ready within 5 s/,
    ],
  ])("with %s leaves everything as it was", async (_, before, message) => {
    await write("good");
    await using supervisor = await start({ workers: 2, bootTimeout: 5000 });
    const workers = supervisor.workers;
    await write("bad", before);
    await expect(supervisor.reload()).rejects.toThrow(message);
    await settled(supervisor);
    expect([supervisor.generation, supervisor.workers]).toEqual([1, workers]);
    expect((await ask(supervisor))[0]).toBe("good");
    await write("better");
    await supervisor.reload();
    expect([supervisor.generation, (await ask(supervisor))[0]]).toEqual([3, "better"]);
  });

  test("follows a link to a new release; after a reload that failed the old release's workers are replaced by such", async () => {
    const link = join(cwd, "current");
    const release = async (name: string, before = ""): Promise<void> => {
      const folder = join(cwd, name);
      await mkdir(folder);
      await write(name, before, folder);
      await symlink(folder, `${link}.new`);
      await rename(`${link}.new`, link);
    };
    await release("r1");
    await using supervisor = await start({ cwd: link, workers: 2 });
    await release("r2", 'throw new Error("broken release");');
    await expect(supervisor.reload()).rejects.toThrow("broken release");
    const [pid = 0] = supervisor.workers;
    process.kill(pid, "SIGKILL");
    await until(() => lines.length > 0);
    await settled(supervisor);
    for (let n = 0; n < 4; n++) expect((await ask(supervisor))[0]).toBe("r1");
    await release("r3");
    await supervisor.reload();
    const [version, , folder] = await ask(supervisor);
    expect([version, folder?.endsWith("/r3")]).toEqual(["r3", true]);
  });

  test("takes other settings, and pins the environment", async () => {
    await writeFile(
      join(cwd, "env.mjs"),
      "export const app = { handleExchange(exchange) { exchange.respond(200, [], String(process.env.GREETING)); } };",
    );
    const options = {
      app: "env.mjs",
      bind: ["127.0.0.1:0"],
      cwd,
      log: (line: string) => void lines.push(line),
    };
    await using supervisor = await serve({ ...options, env: { ...process.env, GREETING: "hello" } });
    expect(await ask(supervisor)).toEqual(["hello"]);
    await supervisor.reload({ ...options, workers: 2, env: { ...process.env, GREETING: "moin" } });
    await settled(supervisor);
    expect([await ask(supervisor), supervisor.target]).toEqual([["moin"], 2]);
  });

  test("that is asked for meanwhile comes after, and none comes after a stop", async () => {
    await write("one");
    const supervisor = await start({ workers: 2 });
    const [first, second] = [supervisor.reload(), supervisor.reload()];
    await Promise.all([first, second]);
    expect(supervisor.generation).toBe(3);
    const third = supervisor.reload();
    const stopped = supervisor.stop();
    await expect(third).rejects.toThrow("the server stops");
    await stopped;
    await expect(supervisor.reload()).rejects.toThrow("nothing can be reloaded while the server is stopped");
  });
});

describe("scaling", () => {
  test("up and down", async () => {
    await write("one");
    await using supervisor = await start();
    const [oldest] = supervisor.workers;
    supervisor.scale(4);
    await settled(supervisor);
    expect(supervisor.workers).toHaveLength(4);
    supervisor.scale(1);
    await settled(supervisor);
    expect(supervisor.workers).toEqual([oldest]);
    expect(() => supervisor.scale(0)).toThrow("there can't be 0 workers");
    expect(lines).toEqual([]);
  });
});

describe("a worker is replaced", () => {
  test("after as many requests as it may answer, by one that serves already", async () => {
    await write("one");
    await using supervisor = await start({ maxRequests: 20, maxRequestsJitter: 0 });
    const [first] = supervisor.workers;
    await until(async () => {
      await ask(supervisor);
      return supervisor.workers[0] !== first;
    });
    expect(lines[0]).toBe(
      `worker ${first} is replaced: it has answered as many requests as it may (max-requests)`,
    );
  });

  test("when it has served long enough, or holds too much", async () => {
    await write("one");
    for (const [options, message] of [
      [{ maxLifetime: 10 }, /max-lifetime/],
      [{ maxMemory: 1000 }, /max-memory/],
    ] as const) {
      await using supervisor = await start(options);
      const [first] = supervisor.workers;
      await until(() => supervisor.workers.length === 1 && supervisor.workers[0] !== first);
      expect(lines.at(-1)).toMatch(message);
    }
  });

  test("when its event loop is blocked, and not while it is stopped", async () => {
    await writeFile(
      join(cwd, "block.mjs"),
      `export const app = { handleExchange(exchange) {
         if (exchange.target === "/block") for (;;);
         exchange.respond(200, [], "fine");
       } };`,
    );
    const log = (line: string): void => void lines.push(line);
    await using supervisor = await serve({
      app: "block.mjs",
      bind: ["127.0.0.1:0"],
      workers: 2,
      cwd,
      log,
      heartbeatTimeout: 4000,
    });
    const [pid = 0] = supervisor.workers;
    process.kill(pid, "SIGSTOP");
    await until(() => lines.some((line) => line === `worker ${pid} is stopped (SIGSTOP?) and is waited for`));
    process.kill(pid, "SIGCONT");
    expect(supervisor.workers).toContain(pid);
    const { port } = supervisor.addresses[0] as TcpAddress;
    const blocked = fetch(`http://127.0.0.1:${port}/block`).catch((error: Error) => error);
    await until(() =>
      lines.some((line) => /was killed: its event loop was blocked for more than 4 s; starting/.test(line)),
    );
    expect(await blocked).toBeInstanceOf(Error);
    await settled(supervisor);
  });
});

describe("a crash loop", () => {
  test("ends it with the last error, when nobody serves any more", async () => {
    const flag = join(cwd, "crash");
    await writeFile(
      join(cwd, "crash.mjs"),
      `import { existsSync } from "node:fs";
       if (existsSync(${JSON.stringify(flag)})) throw new Error("broken for good");
       export const app = { handleExchange(exchange) { exchange.respond(200, [], "fine"); } };`,
    );
    const log = (line: string): void => void lines.push(line);
    const supervisor = await serve({ app: "crash.mjs", bind: ["127.0.0.1:0"], workers: 4, cwd, log });
    await writeFile(flag, "");
    for (const pid of supervisor.workers) process.kill(pid, "SIGKILL");
    await supervisor.stopped;
    expect(supervisor.crashed).toMatch(
      /^10 workers in a row have died soon after their start, the last one: .*broken for good/,
    );
  }, 60_000);
});

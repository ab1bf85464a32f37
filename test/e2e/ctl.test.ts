/** `socle ctl`, with a server that real processes make. */
import { existsSync, statSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SupervisorStatus } from "../../src/supervisor/status.ts";
import { runProcess, startProcess } from "../support/process.ts";
import { until } from "../support/until.ts";

const bin = new URL("../../bin/socle.js", import.meta.url).pathname;
let cwd = "";
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "socle-ctl-"));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const write = (text: string): Promise<void> =>
  writeFile(
    join(cwd, "web.mjs"),
    `${text}\nexport const app = { handleExchange(exchange) { exchange.respond(200, [], String(process.ppid)); } };`,
  );

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function ctl(...args: string[]): Promise<Run> {
  const { code, stdout, stderr } = await runProcess(process.execPath, [bin, "ctl", ...args], {
    cwd,
    env: { SOCLE_CONTROL: "web.ctl" },
  });
  return { code, stdout, stderr };
}

async function status(): Promise<SupervisorStatus> {
  return JSON.parse((await ctl("status", "--json")).stdout) as SupervisorStatus;
}

test("tells a server what to do, and how it is", async () => {
  await write("");
  await using server = startProcess(
    process.execPath,
    [bin, "serve", "web.mjs", "-b", "127.0.0.1:0", "-w", "2", "--control", "web.ctl"],
    { cwd },
  );
  const [, origin = ""] = await server.waitFor(/(http:\S+)/);
  await until(() => existsSync(join(cwd, "web.ctl")));
  // Nobody else may use it.
  expect(statSync(join(cwd, "web.ctl")).mode & 0o777).toBe(0o600);

  expect((await ctl("status")).stdout).toMatch(
    /^web\.mjs:app on 127\.0\.0\.1:\d+\nprocess \d+, serving for \d+ s; generation 1; 2 of 2 workers; 0 died\n\nWORKER +PID +GEN +STATE +AGE +REQUESTS +CONNECTIONS +MEMORY +BUSY\n( +\d+ +\d+ +1 +serving +\d+ s +\d+ +\d+ +\d+ MiB +\d+ %\n){2}$/,
  );
  for (let n = 0; n < 5; n++) await (await fetch(origin)).text();
  await until(async () => (await status()).workers.reduce((sum, { requests }) => sum + requests, 0) === 5);

  expect(await ctl("scale", "3")).toEqual({ code: 0, stdout: "there are to be 3 workers\n", stderr: "" });
  await until(async () => (await status()).workers.filter(({ state }) => state === "serving").length === 3);
  expect(await ctl("reload", "--wait")).toEqual({
    code: 0,
    stdout: "reloaded: 3 workers of generation 2\n",
    stderr: "",
  });

  await write('throw new Error("not today");');
  const failed = await ctl("reload", "--wait");
  expect([failed.code, failed.stdout]).toEqual([1, ""]);
  expect(failed.stderr).toMatch(
    /^socle: nothing is reloaded, generation 2 goes on: .*not today \(web\.mjs:1:\d+\)\n$/,
  );
  expect(await ctl("reload")).toMatchObject({ code: 0, stdout: "the reload has begun\n" });
  await server.waitFor(/nothing is reloaded/, "stderr");
  await write("");

  const { pid } = await status();
  const taken = await ctl("take-over", "--wait");
  expect([taken.code, taken.stderr]).toEqual([0, ""]);
  await until(async () => (await ctl("status", "--json")).code === 0 && (await status()).pid !== pid);
  const successor = (await status()).pid;
  expect(taken.stdout).toBe(`the server with process id ${successor} has taken over\n`);
  expect(await (await fetch(origin, { headers: { connection: "close" } })).text()).toBe(String(successor));

  expect(await ctl("stop")).toMatchObject({ code: 0, stdout: "the server stops\n" });
  await until(() => !existsSync(join(cwd, "web.ctl")));
  expect(await ctl("status")).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^socle: can't connect to unix:web\.ctl: there is no such file/),
  });
});

test("says what it can't be asked", async () => {
  for (const [args, message] of [
    [["paint"], /^socle: ctl knows status, reload, take-over, scale N and stop, and not "paint"\n$/],
    [["scale"], /^socle: scale needs a number of workers, from 1 up: socle ctl scale 4\n$/],
    [["scale", "0"], /^socle: scale needs/],
    [["reload", "now"], /^socle: reload takes nothing more, and got "now"\n$/],
    [[], /^socle: ctl needs COMMAND/],
  ] as const) {
    expect(await ctl(...args)).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
  }
});

test("a server that can make no control socket serves all the same", async () => {
  await write("");
  await using server = startProcess(
    process.execPath,
    [bin, "serve", "web.mjs", "-b", "127.0.0.1:0", "--control", "/nowhere/web.ctl"],
    { cwd },
  );
  const [, origin = ""] = await server.waitFor(/(http:\S+)/);
  expect(server.stderr).toMatch(
    /^socle: there is no control socket: can't listen on unix:\/nowhere\/web\.ctl: .*\n$/,
  );
  expect((await fetch(origin)).status).toBe(200);
});

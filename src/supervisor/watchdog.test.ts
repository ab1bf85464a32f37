import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startProcess } from "../../test/support/process.ts";
import { until } from "../../test/support/until.ts";

const bin = new URL("../../bin/socle.js", import.meta.url).pathname;

test("what blocks a worker is told with its stack and the request, and the worker is replaced", async () => {
  const folder = await mkdtemp(join(tmpdir(), "socle-watchdog-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(
    join(folder, "web.ts"),
    `import { App } from ${JSON.stringify(new URL("../../dist/web/index.js", import.meta.url).href)};

export const app = new App();
app.get("/pid", () => String(process.pid));
app.get("/short", () => spin(1500) ?? "done");
app.get("/long/<path:x>", () => spin(600_000) ?? "done");

function spin(milliseconds: number): undefined {
  const end = Date.now() + milliseconds;
  while (Date.now() < end) JSON.stringify([1]);
}
`,
  );
  await using server = startProcess(
    process.execPath,
    [bin, "serve", "web.ts", "-b", "127.0.0.1:0", "--slow-loop", "300ms", "--heartbeat-timeout", "5s"],
    { cwd: folder },
  );
  const [origin] = await server.waitFor(/http:\/\/[\d.:]+/);
  const pid = await (await fetch(`${origin}/pid`)).text();

  expect(await (await fetch(`${origin}/short`)).text()).toBe("done");
  await until(() => server.stderr.includes("goes on"));
  const file = join(folder, "web.ts").replaceAll(".", "\\.");
  expect(server.stderr).toMatch(
    new RegExp(
      `socle: worker ${pid}: its event loop has been blocked for \\d+ ms while it serves GET /short:\n {4}at spin \\([^\n]*${file}:10:\\d+\\)\n[\\s\\S]*socle: worker ${pid}: its event loop goes on after [\\d.]+ s\n$`,
    ),
  );

  const broken = await fetch(`${origin}/long/%1b`).catch((error: Error) => error);
  expect(broken).toBeInstanceOf(Error);
  await until(() => server.stderr.includes("starting another"));
  expect(server.stderr).toMatch(/while it serves GET \/long\/%1b:\n {4}at spin /);
  expect(server.stderr).toContain(
    `socle: worker ${pid} was killed: its event loop was blocked for more than 5 s; starting another\n`,
  );
  await until(async () => (await fetch(`${origin}/pid`).catch(() => undefined))?.status === 200);
  expect(await (await fetch(`${origin}/pid`)).text()).not.toBe(pid);
  server.kill("SIGTERM");
  expect(await server.exited).toEqual({ code: 0, signal: null });
});

/** Sealed sessions are the same on every runtime, whichever cipher each has: a cookie goes from one to the next. The built package is used. */
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { findNodes } from "../support/nodes.ts";
import { runProcess } from "../support/process.ts";
import { findRuntimes } from "../support/runtimes.ts";

const program = fileURLToPath(new URL("session-program.mjs", import.meta.url));
const { bun, deno } = await findRuntimes();
const nodes = await findNodes();
const found = [
  ...nodes.map((node) => ({ ...node, args: [] as string[] })),
  { ...bun, args: [] },
  { ...deno, args: ["run", "--allow-all", "--quiet"] },
].filter(({ missing }) => missing === undefined);

it(`a session's cookie goes through ${found.map(({ label }) => label).join(", ")}`, async () => {
  const env = { SESSION_SECRET: randomBytes(32).toString("hex"), NO_COLOR: "1" };
  const visits: string[] = [];
  let cookie = "";
  // The first opens what the last has sealed.
  for (const { label, path, args } of [...found, ...found.slice(0, 1)]) {
    const { stdout, stderr } = await runProcess(path, [...args, program, cookie], { env });
    expect([label, stderr]).toEqual([label, ""]);
    visits.push("grüße");
    const said = JSON.parse(stdout);
    expect(said.status).toBe(200);
    expect(JSON.parse(said.body)).toEqual({
      visits,
      messages: [{ message: "welcome", category: "message" }],
    });
    cookie = said.cookie;
  }
});

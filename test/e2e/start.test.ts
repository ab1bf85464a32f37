/** The README's first command. Its build is left out: other tests are running the result. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { startProcess } from "../support/process.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("npm start serves the hello app, says so in one line, and answers the README's requests", async () => {
  const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as {
    scripts: { start: string };
  };
  const [build, command] = scripts.start.split(" && ") as [string, string];
  expect(build).toBe("npm run --silent build");
  await using server = startProcess("sh", ["-c", `exec ${command}`], {
    cwd: root,
    env: { SOCLE_BIND: "127.0.0.1:0" },
  });
  const [line, url] = await server.waitFor(/^Socle .* on (http:\S+) .*\n/m);
  expect(server.stdout).toBe(line);

  const get = await fetch(`${url}/hello?name=Ada`);
  expect(await get.text()).toBe('{"hello":"Ada"}');
  const json = await fetch(`${url}/hello?name=12`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"msg":"你好"}',
  });
  expect(await json.text()).toBe('{"query":{"name":"12"},"json":{"msg":"你好"}}');
  const form = await fetch(`${url}/hello?name=12`, {
    method: "POST",
    body: new URLSearchParams({ msg: "你好" }),
  });
  expect(await form.text()).toBe('{"query":{"name":"12"},"form":{"msg":"你好"}}');
});

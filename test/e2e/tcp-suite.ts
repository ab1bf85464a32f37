/** Drives `socle tcp` as its users do: the built command, real processes, signals and sockets. */
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runProcess, startProcess, type TestProcess } from "../support/process.ts";
import { RawClient } from "../support/raw-client.ts";
import { until } from "../support/until.ts";

const bin = fileURLToPath(new URL("../../bin/socle.js", import.meta.url));

/** Every file that the tests serve. */
const files: Readonly<Record<string, string>> = {
  "who.ts": `
import { threadId } from "node:worker_threads";
import { shout } from "./shout.ts";

interface Lines { readLine(): Promise<string | null>; write(text: string): Promise<void> }

export default async function (connection: Lines): Promise<void> {
  for (let line = await connection.readLine(); line !== null; line = await connection.readLine()) {
    if (line === "who") await connection.write(process.pid + "/" + threadId + "\\n");
    else if (line === "exit") process.exit(7);
    else if (line === "stay") { await connection.write("staying\\n"); await new Promise(() => {}); }
    else await connection.write(shout(line satisfies string) + "\\n");
  }
}
`,
  "shout.ts": `export function shout(text: string): string { return text + "!"; }\n`,
  "class.mjs": `export class handler { setup(c) { this.name = "visitor"; } async handle(c) { await c.write("hello " + this.name + "\\n"); } }\n`,
  "common.cts": `module.exports = (connection: { write(text: string): unknown }) => connection.write("common\\n");\n`,
  "none.ts": `export const port: number = 1;\n`,
  "throws.ts": `const a: number = 1;\nthrow new TypeError("boom");\n`,
  "enum.ts": `enum Colour { Red }\nexport default () => Colour.Red;\n`,
  "hangs.mjs": `console.log("loading");\nawait new Promise(() => {});\n`,
};

/** What is wrong on the command line, the exit code, and the one line that says so. */
const badInput: readonly (readonly [args: readonly string[], code: number, message: RegExp])[] = [
  [["wo.ts"], 1, /^can't load the handler "wo\.ts": there is no file \S+wo\.ts\. Did you mean who\.ts\?$/],
  [["none.ts"], 1, /^can't load the handler "none\.ts": its default export, .*; it exports port\.$/],
  [["none.ts", "-m", "threads:2"], 1, /^can't load the handler "none\.ts": its default export, /],
  [["throws.ts"], 1, /^can't load the handler "throws\.ts": TypeError: boom \(throws\.ts:2:7\)$/],
  [
    ["throws.ts", "-m", "threads:2"],
    1,
    /^can't load the handler "throws\.ts": TypeError: boom \(throws\.ts:2:7\)$/,
  ],
  [
    ["throws.ts", "-m", "processes:2"],
    1,
    /^can't load the handler "throws\.ts": TypeError: boom \(throws\.ts:2:7\)$/,
  ],
  [["enum.ts", "-m", "threads:1"], 1, /enum is not supported in strip-only mode \(enum\.ts:1\)/],
  [["-m", "threads"], 2, /^-m is "threads", and must be once, serial, events, threads:N or processes:N$/],
  [["-m", "threads:0"], 2, /^-m is "threads:0", and must be /],
  [["--modle", "once"], 2, /^tcp has no option --modle\. Did you mean --model\?$/],
  [["who.ts", "shout.ts"], 2, /^tcp takes one HANDLER, and got "shout\.ts" as well$/],
  [["--tls-cert", "c.pem"], 2, /^--tls-cert needs --tls-key as well$/],
  [["--tls-key", "k.pem"], 2, /^--tls-key needs --tls-cert as well$/],
  [
    ["--tls-cert", "c.pem", "--tls-key", "k.pem", "-m", "threads:2"],
    1,
    /^tls\.cert \(c\.pem\) can't be read: /,
  ],
  [["--allow", "10.0.0.1/8"], 2, /^--allow is "10\.0\.0\.1\/8", and must be an address such as /],
  [["--unix-mode", "rw"], 2, /^--unix-mode is "rw", and must be permissions in octal digits/],
  [["-b", "unix:gone/s.sock"], 1, /the directory gone does not exist\./],
];

export function tcpSuite(node: { label: string; path: string; missing?: string }): void {
  describe.skipIf(node.missing !== undefined)(`socle tcp on ${node.label}`, () => {
    let cwd = "";
    beforeAll(async () => {
      cwd = await mkdtemp(join(tmpdir(), "socle-tcp-"));
      for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text);
    });
    afterAll(() => rm(cwd, { recursive: true, force: true }));

    const start = (...args: string[]): TestProcess => startProcess(node.path, [bin, "tcp", ...args], { cwd });
    const portOf = async (server: TestProcess): Promise<number> =>
      Number((await server.waitFor(/tcp:\/\/\S+:(\d+)/))[1]);

    async function ask(client: RawClient, line: string): Promise<string> {
      const from = client.received.length;
      client.send(`${line}\n`);
      return (await client.until((received) => received.includes("\n", from))).slice(from, -1);
    }

    test("without a handler it answers in upper case, never splits a character, and ends cleanly on Ctrl-C", async () => {
      await using server = start("-b", "127.0.0.1:0");
      const port = await portOf(server);
      using client = await RawClient.open(port);
      await client.send("hello\n").until((received) => received === "HELLO\n");
      const bytes = Buffer.from("ä€é\n");
      client.send(bytes.subarray(0, 1));
      await client.send(bytes.subarray(1, 3)).until((received) => received.includes("\xc3\x84"));
      client.send(bytes.subarray(3)).end();
      expect(Buffer.from(await client.untilEnd(), "latin1").toString()).toBe("HELLO\nÄ€É\n");
      server.killGroup("SIGINT");
      expect(await server.exited).toEqual({ code: 0, signal: null });
      expect(server.stdout).toMatch(
        /^Socle \d+\.\d+\.\d+ serving an upper-casing echo on tcp:\/\/127\.0\.0\.1:[1-9]\d* \(events, Ctrl-C to stop\)\n$/,
      );
      expect(server.stderr).toBe("");
    });

    test.each([
      ["events", 1, /^\d+\/0$/],
      ["threads:3", 2, /^\d+\/[1-9]$/],
      ["processes:2", 3, /^\d+\/0$/],
    ])(
      "serves a TypeScript handler by %s, on several addresses, and leaves nothing",
      async (model, processes, who) => {
        const path = join(cwd, "s.sock");
        await using server = start("who.ts", "-b", "127.0.0.1:0", "-b", `unix:${path}`, "--model", model);
        const [, port] = await server.waitFor(
          new RegExp(
            `serving who\\.ts on tcp://127\\.0\\.0\\.1:(\\d+), unix:\\S+s\\.sock \\(${model}, Ctrl-C to stop\\)\n`,
          ),
        );
        expect(await server.groupMembers()).toHaveLength(processes);
        for (const target of [Number(port), { path }]) {
          using client = await RawClient.open(target);
          expect(await ask(client, "hi")).toBe("hi!");
          expect(await ask(client, "who")).toMatch(who);
        }
        using last = await RawClient.open(Number(port));
        expect(await ask(last, "one")).toBe("one!");
        server.killGroup("SIGINT");
        await until(() => !existsSync(path));
        // What was open goes on until it has finished.
        expect(await ask(last, "two")).toBe("two!");
        await last.end().untilEnd();
        expect(await server.exited).toEqual({ code: 0, signal: null });
        expect(server.stderr).toBe("");
        expect(await server.groupMembers()).toEqual([]);
      },
    );

    test.each([
      ["class.mjs", "hello visitor\n"],
      ["common.cts", "common\n"],
    ])("serves %s in threads", async (name, answer) => {
      await using server = start(name, "-b", "0", "-m", "threads:1");
      using client = await RawClient.open(await portOf(server));
      expect(await client.untilEnd()).toBe(answer);
      server.kill("SIGTERM");
      client.end();
      expect((await server.exited).code).toBe(0);
      expect(server.stderr).toBe("");
    });

    test("once: ends by itself after its one client", async () => {
      await using server = start("who.ts", "-b", "0", "-m", "once");
      using client = await RawClient.open(await portOf(server));
      expect(await ask(client, "hi")).toBe("hi!");
      client.end();
      expect(await server.exited).toEqual({ code: 0, signal: null });
    });

    test("replaces a thread that ends, and says so", async () => {
      await using server = start("who.ts", "-b", "0", "-m", "threads:2");
      const port = await portOf(server);
      using client = await RawClient.open(port);
      await client.send("exit\n").untilEnd();
      await server.waitFor(/^socle: thread \d ended with exit code 7; starting another$/m, "stderr");
      using next = await RawClient.open(port);
      expect(await ask(next, "hi")).toBe("hi!");
    });

    test("cuts at the deadline what does not finish, and says so", async () => {
      await using server = start("who.ts", "-b", "0", "-m", "processes:2", "--graceful-timeout", "200ms");
      using client = await RawClient.open(await portOf(server));
      expect(await ask(client, "stay")).toBe("staying");
      server.killGroup("SIGINT");
      await client.untilEnd();
      expect(await server.exited).toEqual({ code: 0, signal: null });
      expect(server.stderr).toBe("socle: cut 1 connection at the deadline\n");
    });

    test("is forced by a second signal", async () => {
      await using server = start("who.ts", "-b", "0", "-m", "threads:1", "--graceful-timeout", "1h");
      using client = await RawClient.open(await portOf(server));
      expect(await ask(client, "stay")).toBe("staying");
      // Again and again, since one that follows at once counts for the first.
      await until(() => {
        if (client.ended === undefined) server.killGroup("SIGINT");
        return client.ended !== undefined;
      });
      expect((await server.exited).code).toBe(1);
    });

    test.each(["events", "threads:2", "processes:2"])(
      "can be stopped while it starts, by %s",
      async (model) => {
        await using server = start("hangs.mjs", "-b", "0", "-m", model);
        await server.waitFor(/loading/);
        server.killGroup("SIGINT");
        expect(await server.exited).toEqual({ code: 0, signal: null });
        expect(server.stderr).toBe("");
      },
    );

    test.concurrent.each(
      badInput.map(([args, code, message]) => [args.join(" "), args, code, message] as const),
    )("socle tcp %s: one clear line", async (_, args, code, message) => {
      const bind = args.includes("-b") ? [] : ["-b", "0"];
      const result = await runProcess(node.path, [bin, "tcp", ...args, ...bind], { cwd });
      expect(result.stdout).toBe("");
      expect(result.stderr).toMatch(/^socle: [^\n]*\n$/);
      expect(result.stderr.trimEnd().replace(/^socle: /, "")).toMatch(message);
      expect(result.code).toBe(code);
    });

    test("has help", async () => {
      const help = await runProcess(node.path, [bin, "tcp", "--help"], { cwd });
      expect(help).toMatchObject({ code: 0, stderr: "" });
      expect(help.stdout).toMatch(/socle tcp \[HANDLER\] \[OPTIONS\]/);
      for (const line of help.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    });
  });
}

/** The models that serve in other threads and processes: real ones, with a handler that can be told to misbehave. */
import { once } from "node:events";
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makeAuthority, missingOpenssl } from "../../../test/support/certificates.ts";
import { startProcess } from "../../../test/support/process.ts";
import { RawClient } from "../../../test/support/raw-client.ts";
import { until } from "../../../test/support/until.ts";
import type { TcpAddress } from "../address.ts";
import type { Model } from "./model.ts";
import { SocketServer, type SocketServerOptions } from "./socket-server.ts";

/** Does what each line says. */
const handlerTs = `
import { threadId } from "node:worker_threads";

interface Stream {
  readLine(options?: object): Promise<string | null>;
  write(text: string): Promise<void>;
}

export default async function handle(connection: Stream, closing: AbortSignal): Promise<void> {
  for (;;) {
    const line = await connection.readLine({ signal: closing }).catch(() => null);
    switch (line) {
      case null: return;
      case "who": await connection.write(process.pid + "/" + threadId + "\\n"); break;
      case "burn": burn(); await connection.write("burnt\\n"); break;
      case "block": await connection.write("blocking\\n"); setImmediate(() => { for (;;); }); break;
      case "throw": throw new RangeError("thrown by the handler");
      case "stray": setTimeout(() => { throw new TypeError("out of nowhere"); }); break;
      case "exit": process.exit(7);
      case "crash": process.kill(process.pid, "SIGKILL"); break;
      case "stubborn": await connection.write("staying\\n"); await new Promise(() => {});
    }
  }
}

/** A fixed amount of work, a tenth of a second or so. */
function burn() {
  let x = 0;
  for (let n = 0; n < 20_000_000; n++) x = Math.sqrt(x + n);
  return x;
}
`;

let directory = "";
let module = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "socle-workers-"));
  module = join(directory, "handler.mts");
  await writeFile(module, handlerTs);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** What must be the same after a test as before it: this process's descriptors of sockets and pipes, and its children. */
async function belongings(): Promise<{ descriptors: string[]; children: string }> {
  const names = await readdir("/proc/self/fd");
  const targets = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => "")));
  const children = await readFile(`/proc/self/task/${process.pid}/children`, "utf8").catch(() => "");
  return { descriptors: targets.filter((target) => /^(socket|pipe)/.test(target)).sort(), children };
}

let before: Awaited<ReturnType<typeof belongings>>;
const servers: SocketServer[] = [];
const onLinux = process.platform === "linux";
beforeEach(async () => {
  if (onLinux) before = await belongings();
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close({ deadline: 0 });
  if (!onLinux) return;
  await expect.poll(belongings).toEqual(before);
});

interface Serving {
  server: SocketServer;
  port: number;
  errors: Error[];
}

async function serve(model: Model, options: SocketServerOptions = {}): Promise<Serving> {
  const errors: Error[] = [];
  const server = new SocketServer(
    { module },
    { model, onError: (error) => errors.push(error as Error), ...options },
  );
  servers.push(server);
  const address = (await server.listen("127.0.0.1:0")) as TcpAddress;
  return { server, port: address.port, errors };
}

/** Sends a line and resolves to the line that comes back. */
async function ask(client: RawClient, line: string): Promise<string> {
  const from = client.received.length;
  client.send(`${line}\n`);
  const received = await client.until((all) => all.includes("\n", from), 20_000);
  return received.slice(from, -1);
}

const pidOf = (who: string): number => Number(who.split("/")[0]);

/** Whether a process runs; one that nobody has collected yet does not. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return stat !== undefined && !/^\d+ \(.*\) Z/.test(stat);
}

/** Opens connections until one comes to each of so many workers; resolves to one of each, by who serves it. */
async function openToEach(port: number, workers: number): Promise<Map<string, RawClient>> {
  const found = new Map<string, RawClient>();
  while (found.size < workers) {
    const client = await RawClient.open(port);
    const who = await ask(client, "who");
    if (found.has(who)) client.close();
    else found.set(who, client);
  }
  return found;
}

function closeAll(clients: Iterable<RawClient>): void {
  for (const client of clients) client.close();
}

/** The processors that a process's threads run on at this moment, or have been given to. */
async function processorsOf(pid: number): Promise<Set<string>> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const stats = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/stat`, "utf8").catch(() => "")),
  );
  // proc(5): what follows the name begins with field 3, the state; field 39 is the processor.
  const fields = stats.map((stat) => stat.slice(stat.lastIndexOf(")") + 2).split(" "));
  return new Set(fields.filter(([state]) => state === "R").map((all) => all[39 - 3]!));
}

test.skipIf(!onLinux || availableParallelism() < 2)(
  "threads: ten requests that compute use more than one core, in one process",
  async () => {
    const { port } = await serve({ threads: 10 });
    const clients = await Promise.all(Array.from({ length: 10 }, () => RawClient.open(port)));
    const pids = new Set((await Promise.all(clients.map((client) => ask(client, "who")))).map(pidOf));
    expect(pids.size).toBe(1);
    const [pid] = pids;
    const burnt = Promise.all(clients.map((client) => ask(client, "burn")));
    let busy = true;
    void burnt.finally(() => {
      busy = false;
    });
    // One thread is on one processor at any moment. That other programs want them too changes nothing here, as it
    // would change the processor time.
    // How often several are seen does depend on them; threads that take turns are never seen so.
    let onSeveral = 0;
    while (busy) if ((await processorsOf(pid!)).size > 1) onSeveral += 1;
    await burnt;
    closeAll(clients);
    expect(onSeveral).toBeGreaterThan(2);
  },
);

test("threads: a handler that blocks its thread blocks no other", async () => {
  const { server, port } = await serve({ threads: 3 });
  const clients = await openToEach(port, 3);
  const [blocked, ...others] = clients.values();
  expect(await ask(blocked!, "block")).toBe("blocking");
  for (const other of others) expect([...clients.keys()]).toContain(await ask(other, "who"));
  // New connections are taken by the others.
  for (let n = 0; n < 6; n++) {
    using client = await RawClient.open(port);
    expect([...clients.keys()].slice(1)).toContain(await ask(client, "who"));
  }
  await until(() => server.connections === 3);
  // The thread that never comes to its event loop is ended all the same.
  expect(await server.close({ deadline: 100 })).toEqual({ finished: 2, aborted: 1 });
  closeAll(clients.values());
});

test.each<[string, Model, RegExp]>([
  ["threads", { threads: 2 }, /^thread \d died of TypeError: out of nowhere; starting another$/],
  ["processes", { processes: 2 }, /^process \d+ ended with exit code 1; starting another$/],
])(
  "%s: what dies of a stray exception takes only its own connections, and is replaced",
  async (_, model, words) => {
    const { port, errors } = await serve(model);
    const clients = await openToEach(port, 2);
    const [[dying, victim], [living, survivor]] = [...clients] as [[string, RawClient], [string, RawClient]];
    victim.send("stray\n");
    await victim.untilEnd();
    expect(await ask(survivor, "who")).toBe(living);
    await until(() => errors.length > 0);
    expect(errors.map(({ message }) => message)).toEqual([expect.stringMatching(words)]);
    if ("threads" in (model as object))
      expect(errors[0]!.stack).toMatch(/TypeError: out of nowhere\n +at .*handler\.mts/);
    const after = await openToEach(port, 2);
    expect([...after.keys()]).toContain(living);
    expect([...after.keys()]).not.toContain(dying);
    closeAll([...clients.values(), ...after.values()]);
  },
);

test("processes: one that is killed is replaced", async () => {
  const { port, errors } = await serve({ processes: 2 });
  const clients = await openToEach(port, 2);
  const [[dying, victim], [living, survivor]] = [...clients] as [[string, RawClient], [string, RawClient]];
  expect(pidOf(dying)).not.toBe(pidOf(living));
  victim.send("crash\n");
  await victim.untilEnd();
  expect(await ask(survivor, "who")).toBe(living);
  await until(() => errors.length > 0);
  expect(errors[0]!.message).toBe(`process ${pidOf(dying)} was killed by SIGKILL; starting another`);
  closeAll([...clients.values(), ...(await openToEach(port, 2)).values()]);
});

test("threads: when the descriptors for replacements are used up, another process takes over, and nothing is lost", async () => {
  const { port, errors } = await serve({ threads: 2 });
  const held = await openToEach(port, 2);
  const [[first, keeper]] = [...held] as [[string, RawClient]];
  const oldPid = pidOf(first);
  // Kills every thread but the one that keeps a connection, until somebody else answers.
  let pid = oldPid;
  let deaths = 0;
  while (pid === oldPid) {
    using client = await RawClient.open(port);
    const who = await ask(client, "who");
    pid = pidOf(who);
    if (pid !== oldPid || who === first) continue;
    await client.send("exit\n").untilEnd();
    deaths += 1;
    // A dying thread may still accept, so nobody comes before it is gone.
    await until(() => errors.length === deaths);
  }
  expect(deaths).toBe(5); // the second thread, and the 4 spares
  expect(await ask(keeper, "who")).toBe(first);
  // From some moment on, the old process takes no more.
  for (let inRow = 0; inRow < 20; ) {
    using client = await RawClient.open(port);
    inRow = pidOf(await ask(client, "who")) === pid ? inRow + 1 : 0;
  }
  expect(await isAlive(oldPid)).toBe(true);
  closeAll(held.values());
  await until(async () => !(await isAlive(oldPid)));
  expect(errors).toHaveLength(deaths);
});

test("processes: one that is sent SIGTERM is replaced first, and serves what it has to its end", async () => {
  const { port, errors } = await serve({ processes: 1 });
  using client = await RawClient.open(port);
  const pid = pidOf(await ask(client, "who"));
  process.kill(pid, "SIGTERM");
  await until(async () => {
    using next = await RawClient.open(port);
    return pidOf(await ask(next, "who")) !== pid;
  });
  expect(pidOf(await ask(client, "who"))).toBe(pid);
  client.close();
  if (onLinux) await until(async () => !(await isAlive(pid)));
  expect(errors).toEqual([]);
});

test("threads: when the whole process is killed, another takes its place", async () => {
  const { port, errors } = await serve({ threads: 2 });
  using client = await RawClient.open(port);
  client.send("crash\n");
  await client.untilEnd();
  using next = await RawClient.open(port); // waits in the socket's backlog
  expect(await ask(next, "who")).toMatch(/^\d+\/\d$/);
  expect(errors.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^process \d+ was killed by SIGKILL; starting another$/),
  ]);
});

test.each<[string, Model]>([
  ["threads", { threads: 2 }],
  ["processes", { processes: 2 }],
])("%s: close() lets handlers finish, cuts the rest, and counts all workers together", async (_, model) => {
  const { server, port } = await serve(model);
  const clients = await openToEach(port, 2);
  const [polite, other] = clients.values();
  using stubborn = await RawClient.open(port);
  await until(() => server.connections === 3);
  await ask(stubborn, "stubborn");
  const report = await server.close({ deadline: 200 });
  expect(report).toEqual({ finished: 2, aborted: 1 });
  expect([polite!.ended, other!.ended]).toEqual(["end", "end"]);
  await stubborn.untilEnd();
  expect(server.connections).toBe(0);
  await server.closed;
  closeAll(clients.values());
});

test("processes: one whose event loop is blocked is killed at the end, and what it held is counted", async () => {
  const { server, port } = await serve({ processes: 1 });
  using client = await RawClient.open(port);
  await until(() => server.connections === 1);
  await ask(client, "block");
  expect(await server.close({ deadline: 50 })).toEqual({ finished: 0, aborted: 1 });
  await client.untilEnd();
});

test("a handler's error reaches the parent's onError, with its stack", async () => {
  const { port, errors } = await serve({ threads: 1 });
  using client = await RawClient.open(port);
  client.send("throw\n");
  await client.untilEnd();
  await until(() => errors.length === 1);
  expect(errors[0]).toMatchObject({ name: "RangeError", message: "thrown by the handler" });
  expect(errors[0]!.stack).toContain("handler.mts:");
});

describe.skipIf(missingOpenssl !== "")(`TLS in workers ${missingOpenssl}`, () => {
  test.each<[string, Model]>([
    ["threads", { threads: 2 }],
    ["processes", { processes: 2 }],
  ])("%s: what the parent was given they have, and each resumes the others' sessions", async (_, model) => {
    const authority = await makeAuthority(directory, "ca");
    const { certPem, key } = await authority.issue("server", ["127.0.0.1"]);
    const refused: string[] = [];
    const { port } = await serve(model, {
      tls: { cert: Buffer.from(certPem), key },
      onRefused: (reason, address) => refused.push(`${reason} ${address}`),
    });
    let session: Buffer | undefined;
    const servedBy = new Set<string>();
    for (let n = 0; servedBy.size < 2; n++) {
      const socket = connectTls({
        port,
        host: "127.0.0.1",
        ca: authority.certPem,
        ...(session === undefined ? {} : { session }),
      });
      socket.on("session", (ticket) => {
        session = ticket;
      });
      socket.write("who\n");
      const [answer] = await once(socket.setEncoding("utf8"), "data");
      expect(socket.isSessionReused()).toBe(n > 0);
      if (n > 0) servedBy.add(String(answer));
      socket.end();
      await once(socket, "close");
    }
    using plain = await RawClient.open(port);
    await plain.send("who\n".repeat(10)).untilEnd();
    await until(() => refused.length > 0);
    expect(refused).toEqual(["tls-handshake 127.0.0.1"]);
  });
});

const badModules: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  ["is missing", "", /^can't load the handler ".*bad-0\.mjs": Error: Cannot find module/],
  ["exports no handler", "export const port = 1;", /": its default export, .*; it exports port\.$/],
  ["throws", "throw new TypeError('boom');", /": TypeError: boom \(\S*bad-2\.mjs:1:7\)$/],
  [
    "exits",
    "process.exit(0);",
    /ended with exit code 0 before it was ready \(does the handler's module call process\.exit\?\)$/,
  ],
  ["is malformed", "export const a = ;", /": SyntaxError: Unexpected token ';' \(\S*bad-4\.mjs:1\)$/],
];
test.each(
  badModules.flatMap((bad, index) => [
    [index, { threads: 2 }, ...bad] as const,
    [index, { processes: 2 }, ...bad] as const,
  ]),
)("module %i with %j %s: one clear line, and nothing is left", async (index, model, _, text, message) => {
  const bad = join(directory, `bad-${index}.mjs`);
  if (text !== "") await writeFile(bad, text);
  const server = new SocketServer({ module: bad }, { model });
  await expect(server.listen("127.0.0.1:0")).rejects.toThrow(message);
  expect(await server.close()).toEqual({ finished: 0, aborted: 0 });
});

test("an address that is in use is refused before anything is started", async () => {
  const { port } = await serve({ processes: 1 });
  const server = new SocketServer({ module }, { model: { threads: 2 } });
  await expect(server.listen(`127.0.0.1:${port}`)).rejects.toThrow(/in use/);
});

test("close() while the workers start leaves nothing", async () => {
  const server = new SocketServer({ module }, { model: { processes: 2 } });
  const listening = server.listen("127.0.0.1:0");
  listening.catch(() => {});
  expect(await server.close()).toEqual({ finished: 0, aborted: 0 });
  await expect(listening).rejects.toThrow("the server was closed before it had started");
});

test.skipIf(!onLinux).each<[string, Model]>([
  ["threads", { threads: 2 }],
  ["processes", { processes: 2 }],
])("%s: workers whose server has died finish what they hold, and end", async (_, model) => {
  const program = `
    const { SocketServer } = await import(${JSON.stringify(new URL("./socket-server.ts", import.meta.url).href)});
    const server = new SocketServer({ module: ${JSON.stringify(module)} }, { model: ${JSON.stringify(model)} });
    console.log("port " + (await server.listen("127.0.0.1:0")).port);
  `;
  await using parent = startProcess(process.execPath, ["--input-type=module", "--eval", program]);
  const [, port] = await parent.waitFor(/port (\d+)/);
  const clients = await openToEach(Number(port), 2);
  const pids = [...clients.keys()].map(pidOf);
  const [stubborn, other] = clients.values();
  await ask(stubborn!, "stubborn");
  parent.kill("SIGKILL");
  expect(await other!.untilEnd()).toMatch(/^\d+\/\d+\n$/);
  expect(stubborn!.ended).toBeUndefined();
  // A handler that never finishes is cut when its ten seconds are over.
  await stubborn!.untilEnd(15_000);
  for (const pid of pids) await until(async () => !(await isAlive(pid)));
  closeAll(clients.values());
});

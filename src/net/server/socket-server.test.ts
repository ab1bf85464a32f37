/** The models that serve in this thread. Those that serve in others are tested in worker-server.test.ts. */
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { RawClient } from "../../../test/support/raw-client.ts";
import { until } from "../../../test/support/until.ts";
import type { Address, TcpAddress } from "../address.ts";
import type { Connection } from "../connection/connection.ts";
import { ConnectionLost } from "../errors.ts";
import { type ConnectionHandler, Handler } from "./handler.ts";
import { SocketServer, type SocketServerOptions } from "./socket-server.ts";

const servers: SocketServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close({ deadline: 0 });
});

async function serve(
  handler: ConstructorParameters<typeof SocketServer>[0],
  options: SocketServerOptions = {},
): Promise<{ server: SocketServer; port: number; errors: unknown[] }> {
  const errors: unknown[] = [];
  const server = new SocketServer(handler, { onError: (error) => errors.push(error), ...options });
  servers.push(server);
  const address = await server.listen("127.0.0.1:0");
  return { server, port: (address as TcpAddress).port, errors };
}

/** Answers each line with itself in upper case. */
const echo: ConnectionHandler = async (connection) => {
  for (let line = await connection.readLine(); line !== null; line = await connection.readLine()) {
    await connection.write(`${line.toUpperCase()}\n`);
  }
};

async function ask(client: RawClient, line: string): Promise<void> {
  client.send(`${line}\n`);
  await client.until((received) => received.endsWith(`${line.toUpperCase()}\n`));
}

function isRefused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", () => resolve(true));
  });
}

test("once: one client is served, the next are refused, and then the server is closed", async () => {
  const { server, port } = await serve(echo, { model: "once" });
  let closed = false;
  void server.closed.then(() => {
    closed = true;
  });
  using client = await RawClient.open(port);
  await ask(client, "one");
  expect(await isRefused(port)).toBe(true);
  expect(closed).toBe(false);
  await ask(client, "two");
  expect(await client.end().untilEnd()).toBe("ONE\nTWO\n");
  await server.closed;
  expect(await server.close()).toEqual({ finished: 0, aborted: 0 });
});

test("serial: the second client waits for the first, and nothing that it sent meanwhile is lost", async () => {
  const served: number[] = [];
  const { server, port } = await serve(
    (connection, closing) => {
      served.push(connection.remotePort!);
      return echo(connection, closing);
    },
    { model: "serial" },
  );
  using first = await RawClient.open(port);
  await ask(first, "one");
  using second = await RawClient.open(port);
  second.send("second\n");
  using third = await RawClient.open(port);
  third.send("third\n").end();
  for (let n = 0; n < 20; n++) await ask(first, `again ${n}`);
  expect(second.received).toBe("");
  expect(served).toHaveLength(1);
  first.end();
  await second.until((received) => received === "SECOND\n");
  expect(third.received).toBe("");
  second.end();
  expect(await third.untilEnd()).toBe("THIRD\n");
  await until(() => server.connections === 0);
});

test("serial: a client that left while it waited holds nobody up", async () => {
  const { port, errors } = await serve(echo, { model: "serial" });
  using first = await RawClient.open(port);
  await ask(first, "one");
  const second = await RawClient.open(port);
  second.socket.resetAndDestroy();
  using third = await RawClient.open(port);
  first.end();
  await ask(third, "three");
  for (const error of errors) expect(error).toBeInstanceOf(ConnectionLost);
});

test("serial: more than the backlog are turned away", async () => {
  const { port } = await serve(echo, { model: "serial", backlog: 1 });
  using first = await RawClient.open(port);
  await ask(first, "one");
  using second = await RawClient.open(port);
  using third = await RawClient.open(port);
  await third.untilEnd();
  first.end();
  await ask(second, "two");
});

test("serial: who waits when the server closes is dropped, and counted as aborted", async () => {
  const { server, port } = await serve(echo, { model: "serial" });
  using first = await RawClient.open(port);
  await ask(first, "one");
  using second = await RawClient.open(port);
  using third = await RawClient.open(port);
  third.send("x");
  await ask(first, "two"); // by now they have been accepted
  const report = server.close();
  await Promise.all([second.untilEnd(), third.untilEnd()]);
  first.end();
  expect(await report).toEqual({ finished: 1, aborted: 2 });
});

test("events: a slow client delays nobody", async () => {
  const { server, port } = await serve(echo, { model: "events" });
  using slow = await RawClient.open(port);
  slow.send("never end");
  await until(() => server.connections === 1);
  using deaf = await RawClient.open(port);
  deaf.socket.pause();
  deaf.send("x".repeat(40_000).concat("\n").repeat(200)); // 8 MB that it never takes the answers to
  const others = await Promise.all(Array.from({ length: 20 }, () => RawClient.open(port)));
  for (const other of others) {
    await ask(other, "quick");
    expect(await other.end().untilEnd()).toBe("QUICK\n");
  }
  await until(() => server.connections === 2);
});

test("a class of handlers has an instance for each connection, and finish() is called for those that are lost too", async () => {
  const finished: string[] = [];
  class Session extends Handler {
    name = "";
    override async setup(connection: Connection): Promise<void> {
      this.name = (await connection.readLine()) ?? "";
    }
    async handle(connection: Connection): Promise<void> {
      await connection.write(`hello ${this.name}\n`);
      await connection.readLine();
      if (this.name === "bad") throw new Error("a bad name");
    }
    override finish(): void {
      finished.push(this.name);
    }
  }
  const { port, errors } = await serve(Session);
  using ann = await RawClient.open(port);
  using bob = await RawClient.open(port);
  using bad = await RawClient.open(port);
  for (const [client, name] of [
    [ann, "ann"],
    [bob, "bob"],
    [bad, "bad"],
  ] as const) {
    client.send(`${name}\n`);
    await client.until((received) => received === `hello ${name}\n`);
  }
  ann.socket.resetAndDestroy();
  await until(() => finished.length === 1);
  bad.send("\n");
  await bad.untilEnd();
  bob.end();
  await bob.untilEnd();
  expect(finished).toEqual(["ann", "bad", "bob"]);
  expect(errors.map(String)).toEqual([expect.stringContaining("ConnectionLost"), "Error: a bad name"]);
});

test("a handler that throws has its connection cut and its error reported, and the server goes on", async () => {
  const seen: unknown[] = [];
  const { port } = await serve(
    async (connection) => {
      const line = await connection.readLine();
      if (line === "sync") throw new TypeError("at once");
      await connection.write("answer\n");
      await connection.readLine();
    },
    { onError: (error, connection) => seen.push([String(error), typeof connection?.remotePort]) },
  );
  using client = await RawClient.open(port);
  await client.send("sync\n").untilEnd();
  expect(seen).toEqual([["TypeError: at once", "number"]]);
  using next = await RawClient.open(port);
  await next.send("x\n").until((received) => received === "answer\n");
});

test("without onError, what a handler throws goes to standard error, and what is the peer's doing does not", async () => {
  const written = vi.spyOn(console, "error").mockImplementation(() => {});
  try {
    const server = new SocketServer(async (connection) => {
      const line = await connection.readLine();
      if (line === "throw") throw new Error("thrown");
      await connection.readExactly(1000);
    });
    servers.push(server);
    const { port } = (await server.listen("127.0.0.1:0")) as TcpAddress;
    using short = await RawClient.open(port);
    await short.send("short\n").end().untilEnd();
    using reset = await RawClient.open(port);
    reset.send("reset\n");
    await until(() => server.connections === 1);
    reset.socket.resetAndDestroy();
    await until(() => server.connections === 0);
    expect(written).not.toHaveBeenCalled();
    using client = await RawClient.open(port);
    await client.send("throw\n").untilEnd();
    expect(written.mock.calls).toEqual([["socle:", expect.objectContaining({ message: "thrown" })]]);
  } finally {
    written.mockRestore();
  }
});

test("close() lets handlers finish, tells them, cuts the rest at the deadline, and counts", async () => {
  const { server, port } = await serve(async (connection, closing) => {
    const line = await connection.readLine();
    if (line === "stubborn") await new Promise(() => {});
    await connection.write("ready\n");
    const farewell = await connection.readLine({ signal: closing }).catch(() => "the server closes");
    await connection.write(`${farewell}\n`);
  });
  using polite = await RawClient.open(port);
  using second = await RawClient.open(port);
  using stubborn = await RawClient.open(port);
  polite.send("polite\n");
  second.send("second\n");
  stubborn.send("stubborn\n");
  await polite.until((received) => received === "ready\n");
  await second.until((received) => received === "ready\n");
  await until(() => server.connections === 3);
  const report = server.close({ deadline: 60_000 });
  expect(await isRefused(port)).toBe(true);
  for (const client of [polite, second]) {
    expect(await client.untilEnd()).toBe("ready\nthe server closes\n");
    client.end();
  }
  await until(() => server.connections === 1);
  expect(stubborn.ended).toBeUndefined();
  // Called again, it brings the deadline forward.
  expect(await server.close({ deadline: 1 })).toEqual({ finished: 2, aborted: 1 });
  expect(await report).toEqual({ finished: 2, aborted: 1 });
  await stubborn.untilEnd();
  await server.closed;
});

test("a server of nobody closes at once, and one that never listened as well", async () => {
  const { server } = await serve(echo);
  expect(await server.close()).toEqual({ finished: 0, aborted: 0 });
  expect(await new SocketServer(echo).close()).toEqual({ finished: 0, aborted: 0 });
});

test("it listens on several addresses, and leaves no socket file", async () => {
  const directory = await mkdtemp(join(tmpdir(), "socle-server-"));
  const path = join(directory, "s.sock");
  const server = new SocketServer(echo);
  servers.push(server);
  const first = (await server.listen("127.0.0.1:0", { kind: "unix", path })) as TcpAddress;
  expect(server.addresses).toEqual([first, { kind: "unix", path }] satisfies Address[]);
  for (const target of [first.port, { path }]) {
    using client = await RawClient.open(target);
    await ask(client, "hello");
  }
  await expect(server.listen("127.0.0.1:0")).rejects.toThrow("listen() can be called once");
  await server.close({ deadline: 0 });
  expect(existsSync(path)).toBe(false);
  await rm(directory, { recursive: true });
});

test("when one of several addresses can't be had, none is, and listen() can be tried again", async () => {
  const { port } = await serve(echo);
  const server = new SocketServer(echo);
  servers.push(server);
  const free = await serve(echo);
  await free.server.close();
  await expect(server.listen(`127.0.0.1:${free.port}`, `127.0.0.1:${port}`)).rejects.toThrow(
    /EADDRINUSE|in use/,
  );
  expect(await isRefused(free.port)).toBe(true);
  await server.listen(`127.0.0.1:${free.port}`);
  using client = await RawClient.open(free.port);
  await ask(client, "hello");
});

test("a handler can be a module by every model", async () => {
  const directory = await mkdtemp(join(tmpdir(), "socle-server-"));
  const module = join(directory, "handler.mjs");
  await writeFile(module, "export const handler = (connection) => connection.write('from a module\\n');\n");
  const { port } = await serve({ module });
  using client = await RawClient.open(port);
  expect(await client.end().untilEnd()).toBe("from a module\n");
  const none = new SocketServer({ module: join(directory, "none.mjs") });
  await expect(none.listen("127.0.0.1:0")).rejects.toThrow(/^can't load the handler ".*none\.mjs": /);
  await rm(directory, { recursive: true });
});

test("a function can't be served in threads or processes, and the error says what can", () => {
  expect(() => new SocketServer(echo, { model: { threads: 2 } })).toThrow(
    /the model threads:2 has to be a module.*new SocketServer\(\{ module: new URL/,
  );
});

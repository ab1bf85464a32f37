/** What connections do when the other side misbehaves, over real sockets; and that they leave nothing behind. */
import { getEventListeners } from "node:events";
import { readdirSync } from "node:fs";
import { connect as connectSocket, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RawClient } from "../../../test/support/raw-client.ts";
import { until } from "../../../test/support/until.ts";
import type { TcpAddress } from "../address.ts";
import { deferred } from "../deferred.ts";
import { ConnectionLost, EndOfStream, LimitExceeded, Timeout } from "../errors.ts";
import { Listener } from "../listener/listener.ts";
import { connect } from "./connect.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";

/** A server for one connection, and a client that does as it is told. */
async function open(options?: ConnectionOptions): Promise<{ client: RawClient; connection: Connection }> {
  const accepted = deferred<Connection>();
  const listener = await Listener.open({ kind: "tcp", host: "127.0.0.1", port: 0 }, (transport) =>
    accepted.resolve(new Connection(transport, options)),
  );
  opened.push(listener);
  const client = await RawClient.open((listener.address as TcpAddress).port);
  const connection = await accepted.promise;
  opened.push(client, connection);
  return { client, connection };
}

const opened: (RawClient | Connection | Listener)[] = [];
let descriptors = 0;
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);

const openDescriptors = (): number =>
  process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0;

beforeEach(() => {
  descriptors = openDescriptors();
  process.on("unhandledRejection", onUnhandled);
});

afterEach(async () => {
  for (const one of opened.splice(0)) {
    if (one instanceof Connection) one.abort();
    else one.close();
  }
  await until(() => openDescriptors() <= descriptors);
  process.off("unhandledRejection", onUnhandled);
  expect(unhandled.splice(0)).toEqual([]);
});

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable("it did not fail"),
    (error: unknown) => error,
  );

describe("a reset", () => {
  test("in the middle of a read", async () => {
    const { client, connection } = await open();
    const { signal } = connection;
    const reading = connection.readLine();
    client.send("half a li");
    await sleep(1); // so that the bytes come before the reset, which would drop them
    client.socket.resetAndDestroy();
    const error = await failureOf(reading);
    expect(error).toBeInstanceOf(ConnectionLost);
    expect(error).toMatchObject({ code: "ECONNRESET", message: "the connection was reset by the peer" });
    await connection.closed;
    expect(signal.reason).toBe(error);
    expect(connection.isOpen).toBe(false);
  });

  test("in the middle of a write", async () => {
    const { client, connection } = await open();
    client.socket.pause();
    const writing = (async () => {
      for (;;) await connection.write(new Uint8Array(100_000));
    })();
    await until(() => connection.bufferedBytes > 0);
    client.socket.resetAndDestroy();
    expect(await failureOf(writing)).toMatchObject({
      name: "ConnectionLost",
      code: expect.stringMatching(/ECONNRESET|EPIPE/),
    });
    expect(await failureOf(connection.end())).toBeInstanceOf(ConnectionLost);
    expect(connection.bufferedBytes).toBe(0);
  });

  test("that nobody waits for is no unhandled rejection, and the reader still learns of it", async () => {
    const { client, connection } = await open();
    client.socket.pause();
    const reading = connection.readLine();
    for (let i = 0; i < 50; i++) void connection.write(new Uint8Array(100_000));
    void connection.end();
    client.socket.resetAndDestroy();
    await connection.closed;
    void connection.write("into the void");
    void connection.read();
    await sleep(20);
    expect(await failureOf(reading)).toBeInstanceOf(ConnectionLost);
  });
});

describe("half of a connection", () => {
  test("the client ends first, and gets its answer", async () => {
    const { client, connection } = await open();
    client.send("question").end();
    expect(await connection.readLine()).toBe("question");
    expect(await connection.read()).toBeNull();
    await connection.write("answer");
    await connection.end();
    expect(await client.untilEnd()).toBe("answer");
    await connection.closed;
  });

  test("the server ends first, and is told more", async () => {
    const { client, connection } = await open();
    await connection.write("greeting");
    await connection.end();
    expect(await client.untilEnd()).toBe("greeting");
    client.send("a last word").end();
    expect(await connection.readLine()).toBe("a last word");
    expect(await failureOf(connection.readExactly(1))).toBeInstanceOf(EndOfStream);
    await connection.closed;
  });
});

describe("a peer that does not read", () => {
  test("holds the writer still, and is given up after writeTimeout", async () => {
    const { client, connection } = await open({ writeTimeout: 300 });
    client.socket.pause();
    let written = 0;
    const block = new Uint8Array(64 * 1024);
    const writing = (async () => {
      for (;;) {
        await connection.write(block);
        written += block.length;
        expect(connection.bufferedBytes).toBeLessThan(256 * 1024);
      }
    })();
    const error = await failureOf(writing);
    expect(error).toBeInstanceOf(Timeout);
    expect(error).toMatchObject({ milliseconds: 300 });
    expect(written).toBeLessThan(32 * 1024 * 1024); // the kernel's buffers
    await connection.closed;
  });

  test("holds close() no longer either", async () => {
    const { client, connection } = await open({ writeTimeout: 300 });
    client.socket.pause();
    void connection.write(new Uint8Array(20_000_000));
    await connection.close();
    expect(connection.signal.reason).toBeInstanceOf(Timeout);
  });

  test("is not given up while it reads slowly, even what was one write", async () => {
    const { client, connection } = await open({ writeTimeout: 200 });
    client.socket.pause();
    client.socket.removeAllListeners("data");
    const size = 24 * 1024 * 1024;
    const written = connection.write(new Uint8Array(size));
    void connection.end();
    let got = 0;
    while (got < size) {
      const chunk = client.socket.read() as string | null;
      got += chunk?.length ?? 0;
      await sleep(chunk === null ? 1 : 5);
    }
    await written;
    expect(got).toBe(size);
  });
});

test("a peer that goes on sending is cut by close()", { retry: 5 }, async () => {
  const { client, connection } = await open();
  client.socket.on("error", () => {});
  const block = Buffer.alloc(100_000, "x");
  const sending = setInterval(() => client.send(block), 1);
  const begun = performance.now();
  await connection.close();
  clearInterval(sending);
  expect(performance.now() - begun).toBeLessThan(1500); // and not after the two seconds of a silent one
});

describe("a peer that is slow to send", () => {
  test("a read's deadline is for all of it, however the bytes drip", async () => {
    const { client, connection } = await open();
    const text = "one byte now and then\n";
    let dripped = false;
    const dripping = (async () => {
      for (const byte of text) {
        client.send(byte);
        await sleep(20);
      }
      dripped = true;
    })();
    expect(await failureOf(connection.readLine({ timeout: 150 }))).toBeInstanceOf(Timeout);
    expect(dripped).toBe(false);
    expect(await connection.readLine()).toBe(text.trim());
    await dripping;
  });

  test("idleTimeout counts from the last byte", async () => {
    const { client, connection } = await open({ idleTimeout: 600 });
    for (let i = 0; i < 8; i++) {
      client.send(".");
      await connection.read();
      await sleep(200);
    }
    expect(connection.isOpen).toBe(true);
    expect(await failureOf(connection.read())).toMatchObject({ name: "Timeout", milliseconds: 600 });
  });
});

test("a line that never ends: the limit is kept, and the peer is held", async () => {
  const { client, connection } = await open();
  const line = Buffer.alloc(20_000_000, "x");
  client.send(line);
  const error = await failureOf(connection.readLine({ max: 1000 }));
  expect(error).toBeInstanceOf(LimitExceeded);
  await sleep(100);
  expect(client.socket.writableLength).toBeGreaterThan(0); // most of it never left the client
  expect(await connection.readText({ max: 10 })).toBe("xxxxxxxxxx");
});

test("reads that were given up leave no listeners, no timers, and lose no bytes", async () => {
  const { client, connection } = await open();
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  const { signal } = new AbortController();
  const before = timers();
  for (let i = 0; i < 50; i++) {
    const reading = connection.readLine({ signal, timeout: 60_000 });
    if (i % 2 === 0) client.send(`${i}\n`);
    else {
      client.send(`${i}`);
      await connection.peek(0).catch(() => {}); // under way already: refused
      client.send("\n");
    }
    expect(await reading).toBe(String(i));
  }
  expect(getEventListeners(signal, "abort")).toEqual([]);
  expect(timers()).toBeLessThanOrEqual(before);
  const controller = new AbortController();
  for (let i = 0; i < 20; i++) {
    const reading = connection.readLine({ signal: controller.signal, timeout: 5 });
    expect(await failureOf(reading)).toBeInstanceOf(Timeout);
  }
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  client.send("still there\n");
  expect(await connection.readLine()).toBe("still there");
});

test("what goes through takes no memory that grows with it", async () => {
  const { client, connection } = await open();
  client.socket.removeAllListeners("data");
  const total = 256 * 1024 * 1024;
  const block = Buffer.alloc(256 * 1024, "x");
  const used = (): number => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const start = used();
  let most = 0;
  let sent = 0;
  const send = (socket: Socket): void => {
    while (sent < total) {
      sent += block.length;
      if (!socket.write(block)) return;
    }
    socket.end();
  };
  client.socket.on("drain", () => send(client.socket));
  let returned = 0;
  client.socket.on("data", (text: string) => {
    returned += text.length;
    most = Math.max(most, used() - start);
  });
  send(client.socket);
  for await (const chunk of connection) await connection.write(chunk);
  await connection.end();
  await until(() => returned === total);
  expect(most).toBeLessThan(96 * 1024 * 1024); // garbage that is not collected yet included
});

test("many connections that end in every way leave no descriptor", async () => {
  const listener = await Listener.open({ kind: "tcp", host: "127.0.0.1", port: 0 }, (transport) => {
    const connection = new Connection(transport);
    void (async () => {
      try {
        for await (const chunk of connection) await connection.write(chunk);
        await connection.close();
      } catch {
        connection.abort();
      }
    })();
  });
  opened.push(listener);
  const { port } = listener.address as TcpAddress;
  const ways = [
    async (): Promise<void> => {
      await using connection = await connect(`127.0.0.1:${port}`);
      await connection.write("hello\n");
      expect(await connection.readLine()).toBe("hello");
    },
    async (): Promise<void> => {
      const connection = await connect(`127.0.0.1:${port}`);
      await connection.write("hello\n");
      connection.abort();
      await connection.closed;
    },
    async (): Promise<void> => {
      const socket = connectSocket(port, "127.0.0.1");
      await new Promise((resolve) => socket.once("connect", resolve));
      socket.write("x");
      socket.resetAndDestroy();
    },
  ];
  await Promise.all(Array.from({ length: 60 }, (_, i) => ways[i % ways.length]?.()));
});

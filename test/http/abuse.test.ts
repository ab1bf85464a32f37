/** Clients that mean harm or break off: the server lives, other clients notice nothing, and memory and CPU time stay bounded. */
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, onTestFinished, test } from "vitest";
import type { ExchangeHandler } from "../../src/http/exchange.ts";
import { type RawClient, statuses } from "../support/raw-client.ts";
import { serve, type TestServer } from "./serve.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const CHUNKED = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

/** Reads what comes and answers with its length, or with what was wrong. */
const count: ExchangeHandler = async (exchange) => {
  try {
    exchange.respond(200, [], `read ${(await exchange.body?.bytes())?.length ?? 0}.`);
  } catch (error) {
    exchange.respond((error as { status: number }).status, [], null);
  }
};

const collectGarbage = (() => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
})();

/** Bytes that live. */
function memory(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Another client, that is served as if nothing were the matter. */
async function expectService(server: TestServer): Promise<void> {
  const client = await server.open();
  await client.send(GET).until((text) => text.endsWith("read 0."), 5000);
  client.close();
}

/** Sends a text again and again until the server ends the connection; at most so many bytes. Returns how many went out. */
async function flood(client: RawClient, text: string, most: number): Promise<number> {
  const bytes = Buffer.from(text.repeat(Math.ceil(65536 / text.length)));
  let sent = 0;
  while (client.ended === undefined && sent < most) {
    sent += bytes.length;
    const more = client.socket.write(bytes);
    // The server may have stopped reading: it is time that must not be lost, not bytes.
    if (!more)
      await Promise.race([new Promise((resolve) => client.socket.once("drain", resolve)), sleep(50)]);
    else await sleep(0);
  }
  return sent;
}

test.each([
  ["header lines", "GET / HTTP/1.1\r\nHost: a\r\n", "X: y\r\n", 431],
  ["one header value", "GET / HTTP/1.1\r\nHost: a\r\nX: ", "yyyyyyyy", 431],
  ["one header name", "GET / HTTP/1.1\r\nHost: a\r\n", "XXXXXXXX", 431],
  ["a target", "GET /", "aaaaaaaa", 414],
  ["a method", "", "MMMMMMMM", 501],
  ["empty lines", "", "\r\n", 400],
  ["one chunk extension", `${CHUNKED}1;`, "aaaaaaaa", 400],
  ["chunk extensions", `${CHUNKED}1`, ";a=b", 400],
  ["chunks with an extension", CHUNKED, "1;a=b\r\nx\r\n", 400],
  ["a chunk size", CHUNKED, "00000000", 400],
  ["trailers", `${CHUNKED}0\r\n`, "X: y\r\n", 431],
  ["content", `${CHUNKED}`, "8\r\nxxxxxxxx\r\n", 413],
])("a flood of %s is cut off early, at little cost", async (_, start, text, status) => {
  const server = await serve(count, { limits: { maxBodyBytes: 20_000 } });
  const client = await server.open();
  const before = process.cpuUsage();
  client.send(start);
  const sent = await flood(client, text, 64 * 1024 * 1024);
  await client.untilEnd();
  const { user, system } = process.cpuUsage(before);
  expect(sent).toBeLessThan(64 * 1024 * 1024);
  // What is sent into the linger after the refusal may be reset, with the answer.
  if (client.ended === "end") expect(statuses(client.received)).toEqual([status]);
  expect(user + system).toBeLessThan(3_000_000);
  await expectService(server);
});

test("the answer to a flood reaches a client that stops when it gets it", async () => {
  const server = await serve(count);
  const client = await server.open();
  client.send(`GET / HTTP/1.1\r\nHost: a\r\n${"X: y\r\n".repeat(20_000)}`);
  await client.until((text) => text.includes("\r\n\r\n"));
  await client.end().untilEnd();
  expect([statuses(client.received), client.ended]).toEqual([[431], "end"]);
});

test("a client that breaks off at any byte of an exchange costs nothing", async () => {
  const server = await serve(async (exchange) => {
    const length = (await exchange.body?.bytes().catch(() => null))?.length;
    const writer = exchange.start(200, []);
    for (let i = 0; i < 3; i++) {
      await writer.write(`piece ${i} of ${length}`);
      await null;
    }
    writer.end(["x-sum", "1"]);
  });
  const request = `${CHUNKED}5;a=b\r\nhello\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n${GET}`;
  for (let cut = 0; cut <= request.length; cut++) {
    for (const how of ["end", "reset", "destroy"] as const) {
      const client = await server.open();
      client.send(request.slice(0, cut));
      if (how === "end") client.end();
      else if (how === "destroy") client.close();
      // After the bytes have left, or they would never be sent.
      else client.socket.write("", () => client.socket.resetAndDestroy());
      if (how === "end") await client.untilEnd();
    }
  }
  await expect.poll(() => server.server.connections).toBe(0);
  expect(server.errors).toEqual([]);
});

test("a client that breaks off at any byte of an answer costs nothing", async () => {
  const server = await serve(async (exchange) => {
    const writer = exchange.start(200, []);
    for (let i = 0; i < 20; i++) {
      await writer.write(`piece ${i}`);
      await null;
    }
    writer.end();
  });
  const whole = await server.open();
  const { length } = await whole.send(GET).until((text) => text.endsWith("0\r\n\r\n"));
  whole.close();
  for (let cut = 1; cut < length; cut += 3) {
    const client = await server.open();
    await client.send(GET + GET).until((text) => text.length >= cut);
    client.socket.resetAndDestroy();
  }
  await expect.poll(() => server.server.connections).toBe(0);
  expect(server.errors).toEqual([]);
});

/** Few milliseconds for everything: the clock looks twice a second. */
const soon = {
  firstByteTimeout: 300,
  headersTimeout: 300,
  bodyTimeout: 300,
  writeTimeout: 300,
  rateGrace: 300,
};

test.each([
  ["say nothing", "", "", []],
  ["drip their head", "GET / HTTP/1.1\r\n", "X: y\r\n", [408]],
  ["drip the content that is read", CHUNKED, "1\r\nx\r\n", [408]],
  ["stop within the content that is read", `${CHUNKED}5\r\nhe`, "", [408]],
  ["drip the content that is not read", CHUNKED.replace("/", "/unread"), "1\r\nx\r\n", [200]],
])("clients that %s are ended in time, while others are served", async (_, start, drip, expected) => {
  const server = await serve(
    (exchange) => (exchange.target === "/unread" ? exchange.respond(200, [], null) : count(exchange)),
    { limits: { ...soon, minBodyRate: 10_000 } },
  );
  const clients = await Promise.all(Array.from({ length: 20 }, () => server.open()));
  for (const client of clients) client.send(start);
  const timer = setInterval(() => {
    for (const client of clients) if (drip !== "" && client.ended === undefined) client.send(drip);
  }, 20);
  onTestFinished(() => clearInterval(timer));
  while (clients.some((client) => client.ended === undefined)) {
    await expectService(server);
    await sleep(20);
  }
  for (const client of clients) expect(statuses(client.received)).toEqual(expected);
  for (const client of clients) client.close();
  await expect.poll(() => server.server.connections).toBe(0);
});

test("clients that don't read are cut in time, while others are served", async () => {
  const large = Buffer.alloc(16 * 1024 * 1024);
  const server = await serve(
    (exchange) => (exchange.target === "/large" ? exchange.respond(200, [], large) : count(exchange)),
    { limits: soon },
  );
  const clients = await Promise.all(Array.from({ length: 10 }, () => server.open()));
  for (const client of clients) {
    client.socket.pause();
    client.send(GET.replace("/", "/large").repeat(10));
  }
  await expect.poll(() => server.server.connections).toBe(10);
  do {
    await expectService(server);
    await sleep(20);
  } while (server.server.connections > 0);
  expect(server.errors).toEqual([]);
});

test("memory of clients that hold what they may is bounded", async () => {
  const never = new Promise<void>(() => {});
  const server = await serve(() => never);
  const clients = await Promise.all(Array.from({ length: 200 }, () => server.open()));
  const before = memory();
  for (const [i, client] of clients.entries()) {
    // A head that is nearly too large; or a request that is never answered, and whatever the server reads behind it.
    client.send(i % 2 === 0 ? `${GET.slice(0, -2)}X: ${"y".repeat(16_000)}` : GET + "x".repeat(500_000));
  }
  let unsent = -1;
  const left = () => clients.reduce((sum, client) => sum + client.socket.writableLength, 0);
  while (unsent !== left()) {
    unsent = left();
    await sleep(200);
  }
  const sent = clients.reduce((sum, client) => sum + client.socket.bytesWritten, 0);
  expect(sent).toBeGreaterThan(100 * 100_000);
  // What the clients could not send is in this process too.
  expect(memory() - before - unsent).toBeLessThan(200 * 160 * 1024);
});

/** What a hostile client may try over HTTP/2: each attempt is bounded, and no other client notices it. */
import { readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, onTestFinished, test } from "vitest";
import { missingOpenssl } from "../../test/support/certificates.ts";
import {
  CANCEL,
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  ENHANCE_YOUR_CALM,
  FrameClient,
  frame,
  get,
  HEADERS,
  headerBlock,
  INITIAL_WINDOW_SIZE,
  PING,
  PREFACE,
  PRIORITY,
  PROTOCOL_ERROR,
  post,
  REFUSED_STREAM,
  RST_STREAM,
  SETTINGS,
  settings,
  uint32,
  WINDOW_UPDATE,
} from "../../test/support/frame-client.ts";
import { ask, serveTls, type TlsServer } from "../../test/support/tls-server.ts";
import { until } from "../../test/support/until.ts";
import type { Exchange, ExchangeHandler } from "./exchange.ts";

/** Serves, and has an honest client who must get its answers before, during and after what the test does. */
async function serveBesides(
  handler: ExchangeHandler,
  options: Parameters<typeof serveTls>[1] = {},
): Promise<TlsServer & { expectUnharmed(): Promise<void> }> {
  const errors: unknown[] = [];
  const served = await serveTls(
    (exchange) => {
      if (exchange.target !== "/honest") return handler(exchange);
      exchange.respond(200, [], "unharmed");
    },
    { onError: (error) => errors.push(error), ...options },
  );
  const honest = served.connect();
  const expectUnharmed = async (): Promise<void> => {
    const answer = await ask(honest.closed || honest.destroyed ? served.connect() : honest, {
      ":path": "/honest",
    });
    expect(answer.body.toString()).toBe("unharmed");
    expect(errors).toEqual([]);
  };
  await expectUnharmed();
  return { ...served, expectUnharmed };
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const hello: ExchangeHandler = (exchange) => exchange.respond(200, [], "hello");
const never: ExchangeHandler = () => new Promise<void>(() => {});
/** Older Nodes end a session without the GOAWAY that they have made. */
const reasons = (code: number): unknown[] =>
  Number(process.versions.node.split(".")[0]) < 24 ? [code, undefined] : [code];
const ids = (count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, i) => 2 * (from + i) + 1);
const requests = (streams: number[], fields: readonly string[], flags: number): Buffer => {
  const block = headerBlock(fields);
  return Buffer.concat(streams.map((id) => frame(HEADERS, flags, id, block)));
};

describe.skipIf(missingOpenssl !== "")(`a hostile client ${missingOpenssl}`, () => {
  test("that resets its requests at once can't have more handlers run than twice the streams (CVE-2023-44487)", async () => {
    let running = 0;
    let most = 0;
    const { open, expectUnharmed } = await serveBesides(
      async () => {
        most = Math.max(most, ++running);
        await new Promise<void>(() => {});
      },
      { limits: { maxConcurrentStreams: 10 } },
    );
    const client = await open();
    for (let from = 0; from < 100 && !client.ended; from += 5) {
      const streams = ids(5, from);
      client.send(requests(streams, get, END_HEADERS | END_STREAM));
      // Handed up before they are reset, or no handler would be called.
      await until(() => running >= from + 5 || client.ended);
      client.send(...streams.map((id) => frame(RST_STREAM, 0, id, uint32(CANCEL))));
    }
    await client.untilEnded();
    expect(reasons(ENHANCE_YOUR_CALM)).toContain(client.goAwayCode);
    expect(most).toBeGreaterThan(10);
    expect(most).toBeLessThanOrEqual(21);
    await expectUnharmed();
  });

  test("that resets its requests in the same breath has no handler called for them, and is sent away", async () => {
    let called = 0;
    const { open, expectUnharmed } = await serveBesides(
      (exchange) => {
        called++;
        return never(exchange);
      },
      { limits: { maxRequestsPerConnection: 0 } },
    );
    const client = await open();
    const block = headerBlock(get);
    // Node 20 has nghttp2's own limit, 1,000 at once; later ones can be told to have another.
    const count = process.versions.node.startsWith("20.") ? 5000 : 500;
    const pair = (id: number): Buffer[] => [
      frame(HEADERS, END_HEADERS | END_STREAM, id, block),
      frame(RST_STREAM, 0, id, uint32(CANCEL)),
    ];
    // Being answered, it is not idle.
    client.headers(1, get);
    client.send(...ids(count, 1).flatMap(pair));
    await client.untilEnded();
    expect(called).toBeLessThan(200);
    await expectUnharmed();
  });

  test("that opens more streams than it may is sent away", async () => {
    const { port, open, expectUnharmed } = await serveBesides(
      async (exchange) => {
        await sleep(300);
        exchange.respond(200, [], "late");
      },
      { limits: { maxConcurrentStreams: 10, keepAliveTimeout: 500 } },
    );
    const client = await open();
    client.send(requests(ids(11), get, END_HEADERS | END_STREAM));
    await client.untilEnded();
    expect(reasons(PROTOCOL_ERROR)).toContain(client.goAwayCode);

    // Who has not acknowledged the settings may not know of the limit.
    const unaware = await FrameClient.connect(port);
    onTestFinished(() => unaware.close());
    unaware.send(PREFACE, settings(), requests(ids(12), get, END_HEADERS | END_STREAM));
    await unaware.until(() => unaware.resetCode(23) !== undefined);
    expect([21, 23].map((id) => unaware.resetCode(id))).toEqual([REFUSED_STREAM, REFUSED_STREAM]);
    unaware.send(requests(ids(8000, 12), get, END_HEADERS | END_STREAM));
    await unaware.untilEnded();
    await expectUnharmed();
  });

  test("whose header section never ends is cut: CONTINUATION frames without end (CVE-2024-27316)", async () => {
    const { open, expectUnharmed } = await serveBesides(hello);
    const client = await open();
    const before = process.memoryUsage().rss;
    client.headers(1, get, 0);
    const block = headerBlock(["x-filler", "x".repeat(16_000)]);
    for (let i = 0; i < 2000 && !client.ended; i++) {
      client.send(frame(CONTINUATION, 0, 1, block));
      if (i % 20 === 0) await sleep(1);
    }
    await client.untilEnded();
    expect(client.status(1)).toBeUndefined();
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
    await expectUnharmed();
  });

  test("whose header section is never completed is cut at the deadline", async () => {
    const { open, expectUnharmed } = await serveBesides(hello, { limits: { firstByteTimeout: 500 } });
    const client = await open();
    client.headers(1, get, 0);
    await client.untilEnded();
    await expectUnharmed();
  });

  test.each([
    ["more fields than may be", 101, 1, 431],
    ["a larger section than may be", 9, 2000, 431],
    ["very many fields", 2000, 0, undefined],
  ])("that sends %s gets an error", async (_, count, size, status) => {
    const { open, expectUnharmed } = await serveBesides(hello);
    const client = await open();
    const fields = Array.from({ length: count }, (_, i) => [`x-${i}`, "y".repeat(size)]).flat();
    client.headers(1, [...get, ...fields]);
    await client.until(() => client.resetCode(1) !== undefined || client.of(DATA, 1).length > 0);
    expect(client.status(1)).toBe(status);
    if (status === undefined) expect(client.resetCode(1)).toBe(ENHANCE_YOUR_CALM);
    // The connection is as good as before.
    client.headers(3, get);
    await client.until(() => client.status(3) === 200);
    await expectUnharmed();
  });

  test("that has a small block decoded to a large section gets an error (HPACK bomb)", async () => {
    const { open, expectUnharmed } = await serveBesides(hello);
    const client = await open();
    // One field into the dynamic table, and then a byte for each time that it is named again.
    const value = Buffer.alloc(3000, "x");
    const entry = Buffer.concat([
      Buffer.from([0x40, 3]),
      Buffer.from("big"),
      Buffer.from([127, 0xb9, 0x16]),
      value,
    ]);
    const block = Buffer.concat([headerBlock(get), entry, Buffer.alloc(8000, 0x80 | 62)]);
    client.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, block));
    await client.until(() => client.resetCode(1) !== undefined || client.ended);
    expect(client.status(1)).toBeUndefined();
    await expectUnharmed();
  });

  test.each([
    ["PING", frame(PING, 0, 0, "12345678")],
    ["PING answers", frame(PING, 1, 0, "12345678")],
    ["SETTINGS", settings([INITIAL_WINDOW_SIZE, 65_535])],
    ["WINDOW_UPDATE", frame(WINDOW_UPDATE, 0, 0, uint32(1))],
    ["PRIORITY", frame(PRIORITY, 0, 3, Buffer.from([0, 0, 0, 0, 7]))],
    ["unknown", frame(0x77, 0, 0, "what is this?")],
  ])("that sends nothing but %s frames is sent away", async (_, bytes) => {
    const { open, expectUnharmed } = await serveBesides(never);
    const client = await open();
    // Being answered, it is not idle.
    client.headers(1, get);
    const flood = Buffer.concat(Array.from({ length: 1000 }, () => bytes));
    let sent = 0;
    while (!client.ended && sent < 50_000_000) {
      client.send(flood);
      sent += flood.length;
      await sleep(5);
    }
    await client.untilEnded();
    expect(sent).toBeLessThan(50_000_000);
    await expectUnharmed();
  });

  test("that never reads the answers to its PINGs is sent away, and they are not kept", async () => {
    const { open, expectUnharmed } = await serveBesides(hello);
    const client = await open();
    client.socket.pause();
    const before = process.memoryUsage().rss;
    const flood = Buffer.concat(Array.from({ length: 5000 }, () => frame(PING, 0, 0, "12345678")));
    for (let i = 0; i < 200 && !client.socket.destroyed; i++) {
      client.send(flood);
      await sleep(5);
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(128 * 1024 * 1024);
    client.socket.resume();
    await client.untilEnded();
    await expectUnharmed();
  });

  test("that sends empty DATA frames without end is sent away (CVE-2019-9518)", async () => {
    const { open, expectUnharmed } = await serveBesides(async (exchange) => {
      await exchange.body?.bytes().catch(() => {});
      exchange.respond(200, [], "x");
    });
    const client = await open();
    client.headers(1, post, END_HEADERS);
    const flood = Buffer.concat(Array.from({ length: 1000 }, () => frame(DATA, 0, 1)));
    for (let i = 0; i < 500 && !client.ended; i++) {
      client.send(flood);
      await sleep(5);
    }
    await client.untilEnded();
    await expectUnharmed();
  });

  test("can't fill the memory with frames of one byte, read or unread", async () => {
    const { open, expectUnharmed } = await serveBesides(never);
    const client = await open();
    const streams = ids(2);
    client.send(requests(streams, post, END_HEADERS));
    await sleep(100);
    collectGarbage();
    const before = process.memoryUsage();
    for (const id of streams) {
      const one = frame(DATA, 0, id, "x");
      // As much as the window lets through without anybody reading.
      for (let i = 0; i < 65; i++) client.send(Buffer.concat(Array.from({ length: 1000 }, () => one)));
      await sleep(20);
    }
    // Answered behind all of them.
    client.send(frame(PING, 0, 0, "finished"));
    await client.until(() => client.of(PING).length > 0);
    collectGarbage();
    const after = process.memoryUsage();
    // 130 KB of content. As a buffer for each frame, it would be 20 MiB.
    expect(after.heapUsed - before.heapUsed).toBeLessThan(10 * 1024 * 1024);
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(5 * 1024 * 1024);
    await expectUnharmed();
  });

  test("that opens its window by drips, or never, has the stream reset, and the producer held", async () => {
    let produced = 0;
    let closed: Exchange | undefined;
    const { open, server, expectUnharmed } = await serveBesides(
      async (exchange) => {
        const writer = exchange.start(200, []);
        exchange.signal.addEventListener("abort", () => (closed = exchange));
        while (!exchange.closed) {
          produced += 100_000;
          await writer.write(Buffer.alloc(100_000));
        }
      },
      { limits: { writeTimeout: 1000, keepAliveTimeout: 500 } },
    );
    const client = await open([INITIAL_WINDOW_SIZE, 1]);
    client.headers(1, get);
    const drip = setInterval(() => client.send(frame(WINDOW_UPDATE, 0, 1, uint32(10))), 100);
    onTestFinished(() => clearInterval(drip));
    await client.until(() => client.resetCode(1) !== undefined);
    clearInterval(drip);
    expect(client.resetCode(1)).toBe(CANCEL);
    expect(closed?.closed).toBe(true);
    expect(produced).toBeLessThan(500_000);
    // Whole answers as well, small or large, and refusals.
    for (const [id, path] of [
      [3, "/honest"],
      [5, "/un#asked"],
    ] as const) {
      client.headers(id, [...get.slice(0, 6), ":path", path]);
    }
    await client.untilEnded();
    client.close();
    await until(() => server.connections <= 1);
    await expectUnharmed();
  });

  test("that reads nothing from its socket is cut", async () => {
    const { open, server, expectUnharmed } = await serveBesides(
      (exchange) => exchange.respond(200, [], Buffer.alloc(8 * 1024 * 1024)),
      { limits: { writeTimeout: 1000, keepAliveTimeout: 500 } },
    );
    const client = await open([INITIAL_WINDOW_SIZE, 2 ** 30]);
    client.send(frame(WINDOW_UPDATE, 0, 0, uint32(2 ** 30)));
    client.socket.pause();
    client.send(requests(ids(5), get, END_HEADERS | END_STREAM));
    await until(() => server.connections === 2);
    await until(() => server.connections < 2);
    await expectUnharmed();
  });

  test.each([
    ["HTTP/1.1", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    ["noise", "\x16\x03\x01\x00\x05noise".repeat(100)],
    ["a frame that is too long", `${PREFACE.toString("latin1")}\xff\xff\xff\x00\x00\x00\x00\x00\x01`],
    ["no settings", Buffer.concat([PREFACE, frame(PING, 0, 0, "12345678")])],
    [
      "a bad header block",
      Buffer.concat([
        PREFACE,
        settings(),
        frame(HEADERS, END_HEADERS | END_STREAM, 1, Buffer.alloc(20, 0xff)),
      ]),
    ],
    [
      "a stream of the server's",
      Buffer.concat([PREFACE, settings(), frame(HEADERS, END_HEADERS | END_STREAM, 2, headerBlock(get))]),
    ],
    ["content before a head", Buffer.concat([PREFACE, settings(), frame(DATA, 0, 1, "x")])],
    ["settings that can't be", Buffer.concat([PREFACE, settings([INITIAL_WINDOW_SIZE, 2 ** 31])])],
    ["a settings frame of 5 bytes", Buffer.concat([PREFACE, frame(SETTINGS, 0, 0, "12345")])],
  ])("that agreed on h2 and sends %s is sent away", async (_, bytes) => {
    const { port, server, expectUnharmed } = await serveBesides(hello);
    const client = await FrameClient.connect(port);
    onTestFinished(() => client.close());
    client.send(Buffer.from(bytes as string, "latin1"));
    await client.untilEnded();
    client.close();
    await until(() => server.connections <= 1);
    await expectUnharmed();
  });

  test("that agreed on h2 and says nothing is sent away", async () => {
    const { port, expectUnharmed } = await serveBesides(hello, { limits: { firstByteTimeout: 500 } });
    const client = await FrameClient.connect(port);
    onTestFinished(() => client.close());
    await client.untilEnded();
    await expectUnharmed();
  });

  test("that ends at any point leaves no descriptor, no handle and no connection behind", async () => {
    const { port, server, expectUnharmed } = await serveBesides(
      async (exchange) => {
        await exchange.body?.bytes().catch(() => {});
        exchange.start(200, []).write("begun");
      },
      { limits: { firstByteTimeout: 1000, keepAliveTimeout: 500 } },
    );
    const count = (): number[] => [
      readdirSync("/proc/self/fd").length,
      process.getActiveResourcesInfo().filter((name) => name !== "Timeout").length,
    ];
    const goAway = frame(0x7, 0, 0, Buffer.alloc(8));
    const before = count();
    const scenes: ((client: FrameClient) => void)[] = [
      (client) => client.headers(1, get),
      (client) => client.headers(1, post, END_HEADERS).send(frame(DATA, 0, 1, "x")),
      (client) => client.headers(1, get, 0),
      (client) => client.headers(1, get).send(goAway),
      (client) => client.send(goAway),
      // With an error code, which Node takes as the end of the session.
      (client) => client.headers(1, get).send(frame(0x7, 0, 0, Buffer.from([0, 0, 0, 0, 0, 0, 0, 2]))),
      (client) => client.send(frame(DATA, 0, 0, "x")),
    ];
    for (const scene of scenes) {
      const clients = await Promise.all([1, 2, 3].map(() => FrameClient.open(port)));
      for (const client of clients) scene(client);
      await sleep(50);
      clients[0]?.close(); // with what was sent unread
      clients[1]?.socket.end();
      // The third says no more: after GOAWAY, or an error, the server ends it; else it is still being answered.
      await sleep(20);
      clients[1]?.close();
      clients[2]?.close();
    }
    await until(() => server.connections <= 1);
    await expectUnharmed();
    await until(() => count().every((each, i) => each <= (before[i] as number)));
  });

  test("that sent GOAWAY and does not end its connection is cut", async () => {
    const { open, server, expectUnharmed } = await serveBesides(hello);
    const client = await open();
    client.headers(1, get);
    await client.until(() => client.status(1) === 200);
    client.send(frame(0x7, 0, 0, Buffer.alloc(8)));
    await client.untilEnded();
    // Our FIN has come, and theirs won't: TLS sockets of Node's are closed by it, so hold ours open below it.
    await until(() => server.connections <= 1);
    await expectUnharmed();
  });
});

test.skipIf(missingOpenssl !== "")(`a client without ALPN speaks HTTP/1.1 ${missingOpenssl}`, async () => {
  const { port } = await serveTls((exchange) => exchange.respond(200, [], exchange.httpVersion));
  const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false });
  socket.end("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  let received = "";
  for await (const chunk of socket) received += chunk;
  expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\n1\.1$/);
});

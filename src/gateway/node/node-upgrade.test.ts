/** Requests to change the protocol, as a server's "upgrade" listeners take them. */
import { createServer, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { describe, expect, test } from "vitest";
import { serve, type TestServer } from "../../../test/http/serve.ts";
import { statuses } from "../../../test/support/raw-client.ts";
import { until } from "../../../test/support/until.ts";
import { nodeApplication } from "./node-application.ts";

type OnUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

function serveUpgrades(onUpgrade: OnUpgrade): Promise<TestServer> {
  const application = nodeApplication((_, response) => response.end("plain"), { onUpgrade });
  return serve((exchange) => application.handleExchange(exchange));
}

const ask = "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";
const agree = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\nX-A: 1\r\n\r\n";

test("behind 101 the connection is the application's, both ways, and what came early is first", async () => {
  const { open, errors } = await serveUpgrades((request, socket, head) => {
    expect([request.url, request.headers.upgrade, head.length]).toEqual(["/chat", "echo", 0]);
    expect(request.socket).toBe(socket);
    socket.write(agree);
    socket.pipe(socket);
  });
  const client = await open();
  client.send(`${ask}early `);
  const received = await client.until((text) => text.includes("early "));
  expect(statuses(received)).toEqual([101]);
  expect(received).toContain("X-A: 1\r\n");
  expect(received.match(/upgrade: echo/gi)).toHaveLength(1);
  await client.send("late").until((text) => text.endsWith("late"));
  await client.end().untilEnd();
  expect(errors).toEqual([]);
});

test("an http.Server's own listener is called, and other requests are requests", async () => {
  const server = createServer((_, response) => response.end("plain"));
  const application = nodeApplication(server);
  const { open } = await serve((exchange) => application.handleExchange(exchange));
  const before = await open();
  expect(await before.send(ask).until((text) => text.endsWith("plain"))).toContain("200 OK");
  server.on("upgrade", (_, socket) => {
    socket.end(`${agree}hello`);
  });
  const client = await open();
  expect(await client.send(ask).untilEnd()).toMatch(/^HTTP\/1\.1 101 [\s\S]*hello$/);
  const other = await open();
  await other.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").until((text) => text.endsWith("plain"));
});

test("another answer than 101 is sent as an answer", async () => {
  const { open, errors } = await serveUpgrades((_, socket) => {
    socket.write("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\n");
    socket.write("Content-Length: 4\r\n\r\nno");
    socket.write("pe");
    socket.destroy();
  });
  const client = await open();
  const received = await client.send(ask).until((text) => text.endsWith("nope"));
  expect(statuses(received)).toEqual([401]);
  expect(received).toContain("WWW-Authenticate: Basic\r\n");
  expect(errors).toEqual([]);
});

test.each<[string, (socket: Duplex) => void]>([
  ["ends", (socket) => socket.end("HTTP/1.1 403 No Way\r\nContent-Length: 2\r\n\r\nno")],
  ["ends, with a body of no length", (socket) => socket.end("HTTP/1.1 403 No Way\r\n\r\nno")],
  [
    "destroys",
    (socket) => {
      socket.write("HTTP/1.1 403 No Way\r\nConnection: close\r\n\r\n");
      socket.destroy();
    },
  ],
  ["leaves open", (socket) => socket.write("HTTP/1.1 403 No Way\r\nContent-Length: 2\r\n\r\nno")],
])("a connection ends with the answer of one who refuses and %s the socket", async (_, refuse) => {
  let closed = false;
  const { open, errors, server } = await serveUpgrades((_, socket) => {
    socket.on("close", () => {
      closed = true;
    });
    refuse(socket);
  });
  const client = await open();
  const received = await client.send(ask).send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").untilEnd();
  expect(received).toMatch(/^HTTP\/1\.1 403 No Way\r\n/);
  expect(received.match(/connection: [^\r]*/gi)).toEqual(["connection: close"]);
  expect(statuses(received)).toEqual([403]);
  client.close();
  await until(() => closed && server.connections === 0);
  expect(errors).toEqual([]);
});

describe("the connection is cut", () => {
  test.each<[string, OnUpgrade, string?]>([
    ["where the socket is destroyed without an answer", (_, socket) => socket.destroy()],
    ["where it is ended without one", (_, socket) => socket.end()],
    ["where what is written is none", (_, socket) => socket.write("hello there\r\n\r\n"), "is no answer"],
    [
      "where the protocol was not asked for",
      (_, socket) => socket.write(agree.replace("echo", "other")),
      "and not other",
    ],
    [
      "where an answer promises more than comes",
      (_, socket) => {
        socket.end("HTTP/1.1 400 Bad\r\nContent-Length: 10\r\n\r\nshort");
      },
    ],
  ])("%s", async (_, onUpgrade, told) => {
    const { open, errors } = await serveUpgrades(onUpgrade);
    const client = await open();
    const received = await client.send(ask).until(() => client.ended !== undefined);
    expect(statuses(received)).not.toContain(101);
    expect(errors.map(String)).toEqual(told === undefined ? [] : [expect.stringContaining(told)]);
  });
});

test("a listener that throws is reported, and its connection is not left open", async () => {
  const { open, errors } = await serveUpgrades((request, socket) => {
    if (request.headers["x-late"] !== undefined) socket.write(agree);
    throw new Error("inside");
  });
  const client = await open();
  expect(statuses(await client.send(ask).until((text) => text.endsWith("\n")))).toEqual([500]);
  const late = await open();
  await late.send(ask.replace("\r\n\r\n", "\r\nX-Late: 1\r\n\r\n")).until(() => late.ended !== undefined);
  expect(errors).toEqual([new Error("inside"), new Error("inside")]);
});

test("the socket closes when the client leaves, before it was answered and after", async () => {
  const closed: string[] = [];
  let open_ = 0;
  const { open, server } = await serveUpgrades((request, socket) => {
    open_++;
    if (request.headers["x-agreed"] !== undefined) socket.write(agree);
    socket.on("close", () => closed.push(String(request.headers["x-agreed"])));
  });
  for (const agreed of [false, true]) {
    const client = await open();
    const count = open_;
    client.send(agreed ? ask.replace("\r\n\r\n", "\r\nX-Agreed: yes\r\n\r\n") : ask);
    await until(() => open_ > count);
    if (agreed) await client.until((text) => text.includes("101"));
    client.socket.resetAndDestroy();
  }
  await until(() => closed.length === 2 && server.connections === 0);
  expect(closed.sort()).toEqual(["undefined", "yes"]);
});

test("what has come is kept as it came", async () => {
  const chunks: Buffer[] = [];
  const { open } = await serveUpgrades((_, socket) => {
    socket.write(agree);
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      socket.write("got it");
    });
  });
  const client = await open();
  await client.send(ask).until((text) => text.includes("X-A"));
  for (const [text, times] of [
    ["first ", 1],
    ["other ", 2],
  ] as const) {
    await client.send(text).until((received) => received.split("got it").length === times + 1);
  }
  expect(Buffer.concat(chunks).toString()).toBe("first other ");
});

test("a client that does not read holds the writer", async () => {
  let socket: Duplex | undefined;
  const { open } = await serveUpgrades((_, upgraded) => {
    upgraded.write(agree);
    socket = upgraded;
  });
  const client = await open();
  client.send(ask);
  await client.until((text) => text.includes("X-A"));
  client.socket.pause();
  const piece = Buffer.alloc(256 * 1024);
  while (socket?.write(piece)) await new Promise((resolve) => setImmediate(resolve));
  const drained = new Promise((resolve) => socket?.once("drain", resolve));
  client.socket.resume();
  await drained;
  socket?.end("the end");
  await client.until((text) => text.endsWith("the end"));
});

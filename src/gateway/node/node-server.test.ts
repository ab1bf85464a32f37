/** An `http.Server` as an application: its listeners are called as Node would call them. */
import { createServer, type Server } from "node:http";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { serve, type TestServer } from "../../../test/http/serve.ts";
import { statuses } from "../../../test/support/raw-client.ts";
import { until } from "../../../test/support/until.ts";
import type { HttpServerOptions } from "../../http/server.ts";
import { nodeApplication } from "./node-application.ts";

function serveServer(server: Server, options: HttpServerOptions = {}): Promise<TestServer> {
  const application = nodeApplication(server);
  return serve((exchange) => application.handleExchange(exchange), options);
}

test("its request listeners are called, those that are added later too, and its sockets know it", async () => {
  const server = createServer();
  const { port } = await serveServer(server);
  server.on("request", (request, response) => {
    response.end(String((request.socket as unknown as { server: unknown }).server === server));
  });
  expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe("true");
  expect(server.listening).toBe(false);
});

test("without a listener it is told of, and the client gets 500", async () => {
  const { port, errors } = await serveServer(createServer());
  expect((await fetch(`http://127.0.0.1:${port}`)).status).toBe(500);
  expect(errors.map(String)).toEqual(['Error: the http.Server has no listener for "request"']);
});

test("checkContinue decides on the body", async () => {
  const server = createServer((_, response) => response.end("not asked"));
  server.on("checkContinue", (request, response) => {
    if (request.headers["content-length"] !== "3") response.writeHead(413).end();
    else {
      response.writeContinue();
      request.pipe(response);
    }
  });
  const { open } = await serveServer(server);
  const head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n";
  const client = await open();
  await client
    .send(`${head}Content-Length: 3\r\n\r\n`)
    .until((text) => text.includes("100 Continue\r\n\r\n"));
  expect(statuses(await client.send("abc").until((text) => text.includes("abc")))).toEqual([100, 200]);
  const other = await open();
  expect(statuses(await other.send(`${head}Content-Length: 4\r\n\r\n`).untilEnd())).toEqual([413]);
  const third = await open();
  await third.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").until((text) => text.includes("not asked"));
});

test("its connection listeners are told of each connection once, and of its end", async () => {
  const server = createServer((request, response) => response.end(request.url));
  const sockets: Socket[] = [];
  const ended: Socket[] = [];
  server.on("connection", function (this: unknown, socket) {
    expect(this).toBe(server);
    sockets.push(socket);
    socket.on("close", () => ended.push(socket));
  });
  let once = 0;
  server.once("connection", () => once++);
  server.on("request", ({ socket }) => expect(socket).toBe(sockets.at(-1)));
  const { open, errors } = await serveServer(server);
  for (const count of [1, 2]) {
    const client = await open();
    for (const path of ["/a", "/b"]) {
      await client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).until((text) => text.endsWith(path));
    }
    expect([sockets.length, ended.length, once]).toEqual([count, count - 1, 1]);
    client.close();
    await until(() => ended.length === count);
  }
  expect(ended).toEqual(sockets);
  expect(errors).toEqual([]);
});

test("who destroys the socket of a connection that idles ends it", async () => {
  const server = createServer((_, response) => response.end("x"));
  let socket: Socket | undefined;
  server.on("connection", (given) => {
    socket = given;
  });
  const { open } = await serveServer(server, { limits: { keepAliveTimeout: 60_000 } });
  const client = await open();
  await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").until((text) => text.endsWith("x"));
  expect(client.ended).toBeUndefined();
  socket?.destroy();
  await client.untilEnd();
});

test.each(["/", "/begun"])(
  "a client that ends its side before it is answered has left, at once: %s",
  async (path) => {
    const events: string[] = [];
    const server = createServer((request, response) => {
      request.on("aborted", () => events.push("aborted")).on("close", () => events.push("request"));
      response.on("close", () => events.push("response"));
      if (request.url === "/begun") response.write("begun");
    });
    const { open, errors } = await serveServer(server, { limits: { halfCloseTimeout: 0 } });
    const client = await open();
    client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).end();
    const received = await client.untilEnd();
    expect(received.includes("begun")).toBe(path === "/begun");
    await until(() => events.length === 3);
    expect(events.sort()).toEqual(["aborted", "request", "response"]);
    expect(errors).toEqual([]);
  },
);

test("a client that has ended its side is answered where httpAllowHalfOpen says so", async () => {
  const server = createServer((_, response) => void setTimeout(() => response.end("late"), 50));
  Object.assign(server, { httpAllowHalfOpen: true });
  const { open } = await serveServer(server);
  const client = await open();
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").end();
  expect(await client.untilEnd()).toContain("late");
});

test("its timeout ends a connection on which nothing happens, and may be listened for", async () => {
  const server = createServer(() => {});
  server.timeout = 20;
  const { open } = await serveServer(server);
  const client = await open();
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  expect(await client.until(() => client.ended !== undefined)).toBe("");
  const told = new Promise((resolve) => server.once("timeout", resolve));
  (await open()).send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  expect(await told).toHaveProperty("remoteAddress", "127.0.0.1");
});

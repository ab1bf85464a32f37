/** An `http.Server` as an application: its listeners are called as Node would call them. */
import { createServer, type Server } from "node:http";
import { expect, test } from "vitest";
import { serve, type TestServer } from "../../../test/http/serve.ts";
import { statuses } from "../../../test/support/raw-client.ts";
import { nodeApplication } from "./node-application.ts";

function serveServer(server: Server): Promise<TestServer> {
  const application = nodeApplication(server);
  return serve((exchange) => application.handleExchange(exchange));
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

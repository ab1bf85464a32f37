/** An application within servers of Node's own. That it keeps the contract of `Exchange`, test/http/exchange-contract.test.ts shows. */
import { once } from "node:events";
import { createServer, type RequestListener, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { bodyOf, RawClient, statuses } from "../../../test/support/raw-client.ts";
import type { Exchange, ExchangeHandler } from "../../http/exchange.ts";
import { mountPathOf } from "../mount-path.ts";
import { type NodeListener, toNodeListener } from "./node-listener.ts";

/** A listener for one handler, and what it reports. */
function listenerFor(handler: ExchangeHandler): { listener: NodeListener; errors: unknown[] } {
  const errors: unknown[] = [];
  const listener = toNodeListener({ handleExchange: handler }, { onError: (error) => errors.push(error) });
  return { listener, errors };
}

/** A server of Node's, as long as the test runs. */
async function serve(listener: RequestListener): Promise<{ server: Server; port: number }> {
  const server = createServer(listener);
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

/** All that comes back for some bytes, until the server ends the connection. */
async function answerTo(port: number, bytes: string): Promise<string> {
  return (await open(port)).send(bytes).untilEnd();
}

async function open(port: number): Promise<RawClient> {
  const client = await RawClient.open(port);
  onTestFinished(() => client.close());
  return client;
}

const echoTarget: ExchangeHandler = (exchange) =>
  exchange.respond(200, [], `${exchange.authority} ${exchange.target} ${mountPathOf(exchange)}`);

describe("a listener", () => {
  it.each([
    ["no Host", "GET / HTTP/1.1\r\n"],
    ["two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n"],
    ["a Host that is none", "GET / HTTP/1.1\r\nHost: a,b\r\n"],
    ["another host in the target", "GET http://b/ HTTP/1.1\r\nHost: a\r\n"],
    ["a target that is no path", "GET a HTTP/1.1\r\nHost: a\r\n"],
    ["a target with a character that must be encoded", 'GET /"a" HTTP/1.1\r\nHost: a\r\n'],
  ])("refuses %s", async (_, head) => {
    const { port } = await serve(listenerFor(() => expect.unreachable()).listener);
    const answer = await answerTo(port, `${head}Connection: close\r\n\r\n`);
    expect(statuses(answer)).toEqual([400]);
  });

  it("takes targets apart as the engine does", async () => {
    const { port } = await serve(listenerFor(echoTarget).listener);
    const head = "GET HTTP://A.test:80/b%20c?d HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n";
    expect(bodyOf(await answerTo(port, head))).toBe("a.test:80 /b%20c?d ");
    expect(bodyOf(await answerTo(port, "GET /x HTTP/1.0\r\n\r\n"))).toBe(" /x ");
  });

  it("knows where a framework around has mounted it, and keeps the headers that it has set", async () => {
    const { listener } = listenerFor((exchange) => {
      exchange.respond(200, ["x-own", "1", "X-Both", "ours"], mountPathOf(exchange) + exchange.target);
    });
    const { port } = await serve((req, res) => {
      res.setHeader("x-outer", "2");
      res.setHeader("x-both", "theirs");
      // As Express does.
      listener(Object.assign(req, { baseUrl: "/app", url: req.url?.slice("/app".length) }), res);
    });
    const response = await fetch(`http://127.0.0.1:${port}/app/x?y`);
    expect(await response.text()).toBe("/app/x?y");
    const names = ["x-own", "x-outer", "x-both"];
    expect(names.map((name) => response.headers.get(name))).toEqual(["1", "2", "ours"]);
  });

  it("says that a body parser was before it", async () => {
    const { listener, errors } = listenerFor(() => expect.unreachable());
    const { port } = await serve(async (req, res) => {
      for await (const _ of req);
      listener(req, res);
    });
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: "x" });
    expect([response.status, await response.text()]).toEqual([500, "Internal Server Error\n"]);
    expect(errors).toEqual([expect.objectContaining({ message: expect.stringContaining("body parsers") })]);
  });

  it("waits until the client has taken enough", async () => {
    let written = 0;
    const { listener } = listenerFor(async (exchange) => {
      const writer = exchange.start(200, []);
      for (; written < 1000; written++) await writer.write(new Uint8Array(64 * 1024));
      writer.end();
    });
    const { port } = await serve(listener);
    const asked = request({ host: "127.0.0.1", port, agent: false }).end();
    const [response] = await once(asked, "response");
    response.pause();
    let before = -1;
    while (written !== before) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(written).toBeLessThan(1000);
    let bytes = 0;
    for await (const piece of response) bytes += piece.length;
    expect([written, bytes]).toEqual([1000, 1000 * 64 * 1024]);
  });

  it("sends what was written when nothing more comes for now", async () => {
    let exchange: Exchange | undefined;
    const { listener } = listenerFor((each) => {
      exchange = each;
      each.start(200, ["x", "y"]);
    });
    const { port } = await serve(listener);
    const response = await fetch(`http://127.0.0.1:${port}/`);
    expect(response.headers.get("x")).toBe("y");
    exchange?.abort();
    await expect(response.text()).rejects.toThrow();
  });

  it("answers with 426 and Upgrade, as Connection says", async () => {
    const { listener } = listenerFor((each) => each.respond(426, ["Upgrade", "websocket"], null));
    const { port } = await serve(listener);
    const client = await open(port);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const head = await client.until((text) => text.includes("\r\n\r\n"));
    expect(head).toMatch(/^HTTP\/1\.1 426 .*\r\nUpgrade: websocket\r\nconnection: upgrade\r\n/s);
  });
});

describe("a listener's upgrade", () => {
  const head = "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: shout\r\n";

  it("gives the connection to the application, with what came behind the request", async () => {
    const { listener } = listenerFor((exchange) => {
      const transport = exchange.upgrade("shout", ["x", exchange.target]);
      transport.start({
        onData: (chunk) => void transport.write(Buffer.from(chunk).toString().toUpperCase()),
        onEnd: () => transport.end(),
        onDrain: () => {},
        onClose: () => {},
      });
    });
    const { server, port } = await serve(listener);
    server.on("upgrade", listener.upgrade);
    const client = await open(port);
    client.send(`${head}\r\nfirst`);
    const answer = await client.until((text) => text.endsWith("FIRST"));
    expect(answer).toMatch(/^HTTP\/1\.1 101 .*\r\nx: \/chat\r\n/s);
    client.send("second");
    await client.until((text) => text.endsWith("FIRSTSECOND"));
  });

  it("has a request answered that the application does not take over, and ends the connection", async () => {
    const { listener, errors } = listenerFor(async (exchange) => {
      if (exchange.target === "/fault") throw new Error("secret");
      exchange.respond(200, [], `${exchange.upgradeOffer} ${(await exchange.body?.bytes())?.length}`);
    });
    const { server, port } = await serve(listener);
    server.on("upgrade", listener.upgrade);
    for (const content of [
      "Content-Length: 4\r\n\r\nbody",
      "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
    ]) {
      const answer = await answerTo(port, head + content);
      expect(answer).toContain("\r\nconnection: close\r\n");
      expect([statuses(answer), bodyOf(answer)]).toEqual([[200], "null 4"]);
    }
    expect(statuses(await answerTo(port, `${head.replace("/chat", "/fault")}\r\n`))).toEqual([500]);
    expect(errors).toEqual([new Error("secret")]);
  });
});

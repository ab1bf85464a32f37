/** Node-style listeners on Socle's server: what has no counterpart on `node:http` to be compared with, or needs a raw client. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { EventEmitter } from "node:events";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { finished } from "node:stream/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { serve, type TestServer } from "../../../test/http/serve.ts";
import { missingOpenssl } from "../../../test/support/certificates.ts";
import { bodyOf, statuses } from "../../../test/support/raw-client.ts";
import { serveTls } from "../../../test/support/tls-server.ts";
import { until } from "../../../test/support/until.ts";
import type { HttpServerOptions } from "../../http/server.ts";
import { App } from "../../web/index.ts";
import { nodeApplication } from "./node-application.ts";
import type { NodeListener } from "./node-listener.ts";

function serveListener(listener: NodeListener, options: HttpServerOptions = {}): Promise<TestServer> {
  const application = nodeApplication(listener);
  return serve((exchange) => application.handleExchange(exchange), options);
}

/** Notes which of an emitter's events come. */
function note(names: string[], label: string, emitter: EventEmitter, ...events: string[]): void {
  for (const event of events) emitter.on(event, () => names.push(`${label} ${event}`));
}

/** Whether a number stays the same over many turns of the event loop. */
async function isStill(read: () => number): Promise<boolean> {
  const before = read();
  for (let i = 0; i < 1000; i++) await new Promise((resolve) => setImmediate(resolve));
  return read() === before;
}

const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

test("the two are Node's own, over a socket of Node's", async () => {
  const prototypes: unknown[] = [];
  const { port } = await serveListener((request, response) => {
    prototypes.push(Object.getPrototypeOf(request), Object.getPrototypeOf(response));
    response.end(String(request.socket instanceof Socket));
  });
  expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe("true");
  expect(prototypes).toEqual([IncomingMessage.prototype, ServerResponse.prototype]);
});

test("what ends in one turn goes out with its length, and in one write", async () => {
  const { open } = await serveListener((_, response) => {
    response.writeHead(200, { "Content-Type": "text/plain" });
    response.write("two ");
    response.end("pieces");
  });
  const client = await open();
  let reads = 0;
  client.socket.on("data", () => reads++);
  const received = await client.send(get).until((text) => text.endsWith("pieces"));
  expect(reads).toBe(1);
  expect(received).toContain("content-length: 10\r\n");
  expect(received).not.toMatch(/transfer-encoding/i);
});

test("what is corked stays until it is uncorked", async () => {
  const { open } = await serveListener(async (_, response) => {
    response.cork();
    response.write("one ");
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
    response.uncork();
    response.end("two");
  });
  const received = await (await open()).send(get).until((text) => text.includes("two"));
  // Nothing had gone out when it ended.
  expect(received).toContain("content-length: 7\r\n");
});

test("what frames the message or speaks of the connection is not the application's to say", async () => {
  const { open } = await serveListener((_, response) => {
    response.setHeader("Connection", "keep-alive");
    response.setHeader("Keep-Alive", "timeout=1");
    response.setHeader("Transfer-Encoding", "chunked");
    response.end("x");
  });
  const received = await (await open()).send(get).until((text) => text.endsWith("0\r\n\r\n"));
  expect(received.match(/transfer-encoding: chunked/gi)).toHaveLength(1);
  expect(received).not.toMatch(/keep-alive/i);
  expect(bodyOf(received)).toBe("1\r\nx\r\n0\r\n\r\n");
});

test.each(["close", "Keep-Alive, Close"])(
  "Connection: %s ends the connection behind the answer",
  async (value) => {
    const { open } = await serveListener((request, response) => {
      response.setHeader("Connection", value);
      if (request.url === "/later") response.write("x");
      setImmediate(() => response.end("y"));
    });
    for (const path of ["/", "/later"]) {
      const client = await open();
      const received = await client.send(get.replace("/", path)).send(get).untilEnd();
      expect(statuses(received)).toEqual([200]);
      expect(received.match(/connection: [^\r]*/gi)).toEqual(["connection: close"]);
    }
  },
);

test("a status line is sent as the application has it", async () => {
  const lines = ["200 Fine", "200 ", "413 Payload Too Large", "101 Switching Protocols", "700 Own"];
  const { open } = await serveListener((request, response) => {
    const line = decodeURIComponent(request.url?.slice(1) ?? "");
    response.writeHead(Number(line.slice(0, 3)), line.slice(4));
    if (line.startsWith("200")) response.write("x");
    setImmediate(() => response.end());
  });
  for (const line of lines) {
    const client = await open();
    await client
      .send(get.replace("/", `/${encodeURIComponent(line)}`))
      .until((text) => text.includes("\r\n\r\n"));
    expect(client.received.split("\r\n", 1)).toEqual([`HTTP/1.1 ${line}`]);
  }
});

describe("a connection", () => {
  test("has one socket for its requests", async () => {
    const sockets: Socket[] = [];
    const { open } = await serveListener((request, response) => {
      sockets.push(request.socket);
      response.end("x");
    });
    const client = await open();
    await client.send(get).until((text) => statuses(text).length === 1);
    await client.send(get).until((text) => statuses(text).length === 2);
    expect(sockets[0]).toBe(sockets[1]);
    expect(sockets[0]?.listenerCount("close")).toBe(1);
  });

  test("has a headers object for each of its requests, be they the same", async () => {
    const seen: unknown[] = [];
    const { open } = await serveListener(({ headers, rawHeaders }, response) => {
      seen.push(headers["x-mine"], rawHeaders.length);
      headers["x-mine"] = "1";
      rawHeaders.push("X-Mine", "1");
      response.end("x");
    });
    const client = await open();
    for (let i = 1; i <= 4; i++) await client.send(get).until((text) => statuses(text).length === i);
    expect(seen).toEqual([undefined, 2, undefined, 2, undefined, 2, undefined, 2]);
  });

  test("does not keep a timeout of the request before", async () => {
    const { open } = await serveListener((request, response) => {
      if (request.url === "/") request.socket.setTimeout(30, () => request.socket.destroy());
      setTimeout(() => response.end("x"), request.url === "/" ? 0 : 100);
    });
    const client = await open();
    await client.send(get).until((text) => statuses(text).length === 1);
    await client.send(get.replace("/", "/slow")).until((text) => statuses(text).length === 2);
  });

  test("answers pipelined requests in order, whenever their listeners do", async () => {
    const { open } = await serveListener((request, response) => {
      if (request.url === "/slow") setTimeout(() => response.end("slow"), 20);
      else response.end(`at once ${request.url}`);
    });
    const client = await open();
    client.send(["/a", "/slow", "/b", "/c"].map((path) => get.replace("/ ", `${path} `)).join(""));
    const received = await client.until((text) => text.includes("at once /c"));
    expect(received.match(/at once \/.|slow/g)).toEqual(["at once /a", "slow", "at once /b", "at once /c"]);
  });

  test("goes on behind a body that nobody has read", async () => {
    const { open } = await serveListener((_, response) => response.end("x"));
    const client = await open();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc").send(get);
    expect(statuses(await client.until((text) => statuses(text).length === 2))).toEqual([200, 200]);
  });

  test("of HTTP/1.0 ends", async () => {
    const { open } = await serveListener((request, response) => response.end(request.httpVersion));
    const received = await (await open()).send("GET / HTTP/1.0\r\n\r\n").untilEnd();
    expect(bodyOf(received)).toBe("1.0");
  });
});

describe("a body", () => {
  test("holds its sender while nobody reads", async () => {
    let request: IncomingMessage | undefined;
    const { open } = await serveListener((incoming, response) => {
      request = incoming;
      incoming.once("data", () => incoming.pause());
      incoming.on("end", () => response.end("all"));
    });
    const client = await open();
    const size = 32 * 1024 * 1024;
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`).send(Buffer.alloc(size));
    await until(() => request?.isPaused() === true);
    await until(() => isStill(() => client.socket.bytesWritten - client.socket.writableLength));
    expect(client.socket.writableLength).toBeGreaterThan(1024 * 1024);
    expect(request?.readableLength).toBeLessThan(1024 * 1024);
    request?.resume();
    await client.until((text) => text.endsWith("all"));
  });

  test("that breaks its framing is answered with 400, and ends the request", async () => {
    const events: string[] = [];
    const { open, errors } = await serveListener((request, response) => {
      note(events, "request", request, "aborted", "end", "close");
      note(events, "response", response, "finish", "close");
      request.resume();
    });
    const client = await open();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
    expect(statuses(await client.untilEnd())).toEqual([400]);
    await until(() => events.includes("request close"));
    expect(events).toEqual(["request aborted", "response close", "request close"]);
    expect(errors).toEqual([]);
  });

  test("is asked for with 100 when it is read, and not where it is not", async () => {
    const { open } = await serveListener((request, response) => {
      if (request.url === "/unread") response.writeHead(413).end();
      else request.pipe(response);
    });
    const head = "Host: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n";
    const client = await open();
    await client.send(`POST / HTTP/1.1\r\n${head}`).until((text) => text.includes("100 Continue\r\n\r\n"));
    expect(statuses(await client.send("abc").until((text) => text.includes("abc")))).toEqual([100, 200]);
    const other = await open();
    expect(statuses(await other.send(`POST /unread HTTP/1.1\r\n${head}`).untilEnd())).toEqual([413]);
  });

  test("is asked for by writeContinue too", async () => {
    const { open } = await serveListener((request, response) => {
      response.writeContinue();
      setTimeout(() => request.pipe(response), 20);
    });
    const client = await open();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    await client.until((text) => text.includes("100 Continue\r\n\r\n"));
    await client.send("abc").until((text) => text.includes("abc"));
  });

  test("of any size is read: limits are the application's to set", async () => {
    const { port } = await serveListener(
      async (request, response) => {
        let size = 0;
        for await (const piece of request) size += piece.length;
        response.end(String(size));
      },
      { limits: { maxBodyBytes: 10 } },
    );
    const answer = await fetch(`http://127.0.0.1:${port}`, { method: "POST", body: "x".repeat(100_000) });
    expect(await answer.text()).toBe("100000");
  });

  test("that is left half-read behind the answer's end ends for its reader", async () => {
    const events: string[] = [];
    const { open } = await serveListener((request, response) => {
      if (request.method === "GET") {
        response.end("next");
        return;
      }
      note(events, "request", request, "aborted", "close");
      request.once("data", () => {
        request.pause();
        response.end("enough");
      });
    });
    const client = await open();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc");
    await client.until((text) => text.includes("enough"));
    await until(() => events.length === 2);
    await client.send(`def${get}`).until((text) => text.includes("next"));
    expect(events).toEqual(["request aborted", "request close"]);
  });

  test("is read on behind the answer's end", async () => {
    let size = 0;
    let ended = false;
    const { open } = await serveListener((request, response) => {
      request.on("data", (piece) => {
        size += piece.length;
      });
      request.on("end", () => {
        ended = true;
      });
      response.end("early");
    });
    const client = await open();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc");
    await client.until((text) => text.includes("early"));
    client.send("def").send(get);
    await client.until((text) => statuses(text).length === 2);
    expect([size, ended]).toEqual([6, true]);
  });
});

describe("a client that takes its time", () => {
  test("holds the writer until it has taken what waits", async () => {
    let response: ServerResponse | undefined;
    const { open } = await serveListener((_, outgoing) => {
      response = outgoing;
      outgoing.writeHead(200);
    });
    const client = await open();
    client.send(get);
    client.socket.pause();
    await until(() => response !== undefined);
    const piece = Buffer.alloc(256 * 1024);
    while (response?.write(piece)) await new Promise((resolve) => setImmediate(resolve));
    expect(response?.writableNeedDrain).toBe(true);
    expect(response?.writableLength).toBeGreaterThan(0);
    const drained = new Promise((resolve) => response?.once("drain", resolve));
    client.socket.resume();
    await drained;
    expect(response?.writableNeedDrain).toBe(false);
    expect(response?.writableLength).toBe(0);
    response?.end("the end");
    await client.until((text) => text.includes("the end"));
  });

  test("is told of by a timeout, which cuts the connection where nobody listens", async () => {
    let told = 0;
    const { open } = await serveListener((request, response) => {
      if (request.url === "/told") response.setTimeout(20, () => response.end(String(++told)));
      else request.socket.setTimeout(20);
    });
    expect(
      await (await open()).send(get.replace("/", "/told")).until((text) => text.endsWith("1")),
    ).toContain("200");
    const client = await open();
    await client.send(get).until(() => client.ended !== undefined);
    expect(client.received).toBe("");
  });
});

describe("a client that leaves", () => {
  test("ends request and response, and what is written afterwards goes nowhere", async () => {
    const events: string[] = [];
    let response: ServerResponse | undefined;
    const { open, errors, server } = await serveListener((request, outgoing) => {
      response = outgoing;
      note(events, "request", request, "aborted", "error", "close");
      note(events, "response", outgoing, "finish", "error", "close");
      note(events, "socket", request.socket, "close");
    });
    const client = await open();
    client.send(get);
    await until(() => response !== undefined);
    client.socket.resetAndDestroy();
    await until(() => events.includes("request close"));
    expect(events).toEqual([
      "request aborted",
      "response close",
      "socket close",
      "request error",
      "request close",
    ]);
    expect(response?.destroyed).toBe(true);
    let failed: Error | null | undefined;
    response?.write("x", (error) => {
      failed = error;
    });
    response?.end();
    await until(() => failed != null);
    await until(() => server.connections === 0);
    expect(errors).toEqual([]);
  });

  test("fails whoever waits for its body", async () => {
    let failure: unknown;
    let read = "";
    const { open } = await serveListener(async (request) => {
      request.on("data", (piece) => {
        read += piece;
      });
      failure = await finished(request).catch((error) => error);
    });
    const client = await open();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    await until(() => read === "abc");
    client.socket.resetAndDestroy();
    await until(() => failure !== undefined);
    expect(failure).toMatchObject({ code: "ECONNRESET" });
  });

  test("while it is written to lets the writer go on", async () => {
    let over = false;
    const { open, errors } = await serveListener(async (_, response) => {
      const piece = Buffer.alloc(256 * 1024);
      while (!response.destroyed) {
        if (!response.write(piece))
          await new Promise((resolve) => response.once("drain", resolve).once("close", resolve));
        await new Promise((resolve) => setImmediate(resolve));
      }
      over = true;
    });
    const client = await open();
    await client.send(get).until((text) => text.length > 1000);
    client.socket.resetAndDestroy();
    await until(() => over);
    expect(errors).toEqual([]);
  });
});

describe("an application that fails", () => {
  const cases: readonly [name: string, listener: NodeListener][] = [
    [
      "by a throw",
      () => {
        throw new Error("inside");
      },
    ],
    [
      "by a throw in the turn in which it has written",
      (_, response) => {
        response.write("x");
        throw new Error("inside");
      },
    ],
    [
      "by a rejection",
      async () => {
        await new Promise((resolve) => setImmediate(resolve));
        throw new Error("inside");
      },
    ],
  ];
  for (const [name, listener] of cases) {
    test(`${name} is answered with 500, which says nothing of the inside`, async () => {
      const events: string[] = [];
      const { open, errors } = await serveListener((request, response) => {
        note(events, "request", request, "close");
        note(events, "response", response, "close", "finish");
        return listener(request, response);
      });
      const client = await open();
      const received = await client.send(get).until((text) => text.endsWith("\n"));
      expect(statuses(received)).toEqual([500]);
      expect(received).not.toContain("inside");
      expect(errors).toEqual([new Error("inside")]);
      await until(() => events.length === 2);
      expect(events.sort()).toEqual(["request close", "response close"]);
    });
  }

  test("once it has begun to answer has its connection cut", async () => {
    const { open, errors } = await serveListener(async (_, response) => {
      response.write("begun");
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error("inside");
    });
    const client = await open();
    const received = await client.send(get).until(() => client.ended !== undefined);
    expect(received).toContain("begun");
    expect(received).not.toContain("0\r\n\r\n");
    expect(errors).toEqual([new Error("inside")]);
  });

  test("by fewer bytes than it has announced has its connection cut", async () => {
    const { open, errors } = await serveListener((_, response) => {
      response.writeHead(200, { "Content-Length": 10 });
      response.end("short");
    });
    const client = await open();
    await client.send(get).until(() => client.ended !== undefined);
    expect(errors.map(String)).toEqual([expect.stringContaining("5 are missing")]);
  });

  test("by more bytes than it has announced sends those that it has announced", async () => {
    const { open, errors } = await serveListener((_, response) => {
      response.writeHead(200, { "Content-Length": 4 });
      response.end("too long");
    });
    const client = await open();
    expect(
      bodyOf(
        await client
          .send(get)
          .send(get)
          .until((text) => statuses(text).length === 2),
      ),
    ).toMatch(/^too /);
    expect(errors[0]).toMatchObject({ message: "4 more bytes were written than content-length announced" });
  });

  test("by a status that no answer can have is answered with 500", async () => {
    const { open, errors } = await serveListener((_, response) => {
      setImmediate(() => response.writeHead(150).end("x"));
    });
    expect(statuses(await (await open()).send(get).until((text) => text.endsWith("\n")))).toEqual([500]);
    expect(errors.map(String)).toEqual([expect.stringContaining("150 is not a status")]);
  });

  test.each<[string, (request: IncomingMessage, response: ServerResponse) => unknown]>([
    ["the request", (request) => request.destroy()],
    ["the request, with an error", (request) => request.destroy(new Error("enough"))],
    ["the response", (_, response) => response.destroy()],
    ["the socket", (request) => request.socket.destroy(new Error("enough"))],
    ["the socket, softly", (request) => request.socket.destroySoon()],
  ])("by destroying %s has its connection cut, and no more", async (_, destroy) => {
    const events: string[] = [];
    const { open, errors } = await serveListener((request, response) => {
      note(events, "request", request, "close");
      note(events, "response", response, "close");
      response.write("begun");
      setImmediate(() => destroy(request, response));
    });
    const client = await open();
    const received = await client.send(get).until(() => client.ended !== undefined);
    expect(received).not.toContain("0\r\n\r\n");
    await until(() => events.length === 2);
    expect(errors).toEqual([]);
  });
});

describe("the response's socket", () => {
  test("can be taken off and put on again", async () => {
    const { open } = await serveListener((request, response) => {
      const { socket } = request;
      response.detachSocket(socket);
      response.setHeader("X-A", "1");
      response.write("one ");
      response.write(Buffer.from("two "));
      setImmediate(() => {
        response.assignSocket(socket);
        response.end("three");
      });
    });
    const received = await (await open()).send(get).until((text) => text.includes("three"));
    expect(received.match(/HTTP\/1.1 200 OK\r\nX-A: 1\r\n/g)).toHaveLength(1);
    expect(bodyOf(received).replace(/\r\n|^[0-9a-f]+$/gm, "")).toContain("one two three");
  });

  test("takes an answer that is written by hand", async () => {
    const { open } = await serveListener((request) => {
      request.socket.write("HTTP/1.1 418 Teapot\r\nX-A: 1\r\nContent-Length: 5\r\n\r\nshort");
      request.socket.end();
    });
    const received = await (await open()).send(get).until((text) => text.endsWith("short"));
    expect(statuses(received)).toEqual([418]);
    expect(received).toContain("X-A: 1\r\n");
  });
});

test("what watches Node's server by its diagnostics channels sees requests and answers", async () => {
  const seen: unknown[] = [];
  const onStart = (message: unknown): unknown =>
    seen.push((message as { request: IncomingMessage }).request.url);
  const onFinish = (message: unknown): unknown =>
    seen.push((message as { response: ServerResponse }).response.statusCode);
  subscribe("http.server.request.start", onStart);
  subscribe("http.server.response.finish", onFinish);
  onTestFinished(() => {
    unsubscribe("http.server.request.start", onStart);
    unsubscribe("http.server.response.finish", onFinish);
  });
  const { port } = await serveListener((_, response) => response.writeHead(203).end("x"));
  await (await fetch(`http://127.0.0.1:${port}/seen`)).text();
  await until(() => seen.length === 2);
  expect(seen).toEqual(["/seen", 203]);
});

test("under a path of an App it sees the path below, and what was cut off as Express tells it", async () => {
  const app = new App();
  app.mount(
    "/old",
    (request: IncomingMessage & { originalUrl?: string; baseUrl?: string }, response: ServerResponse) => {
      response.end(JSON.stringify([request.url, request.baseUrl, request.originalUrl]));
    },
  );
  const { port } = await serve((exchange) => app.handleExchange(exchange));
  const answer = await fetch(`http://127.0.0.1:${port}/old/a%20b?c`);
  expect(await answer.json()).toEqual(["/a%20b?c", "/old", "/old/a%20b?c"]);
});

describe.skipIf(missingOpenssl !== "")(`over TLS ${missingOpenssl}`, () => {
  test("the socket has the facts of TLS, and requests of HTTP/2 come at once", async () => {
    const sockets = new Set<unknown>();
    const waiting: (() => void)[] = [];
    const application = nodeApplication((request, response) => {
      const { socket } = request;
      sockets.add(socket);
      const facts = [
        (socket as Socket & { encrypted?: boolean }).encrypted,
        (socket as Socket & { alpnProtocol?: string }).alpnProtocol,
        (socket as Socket & { getPeerCertificate?: () => unknown }).getPeerCertificate?.(),
        request.httpVersion,
        request.headers.host?.replace(/\d+$/, ""),
      ];
      waiting.push(() => {
        response.writeHead(200, { "x-facts": JSON.stringify(facts), Trailer: "x-last" });
        response.addTrailers({ "x-last": "1" });
        response.end(request.url);
      });
      if (waiting.length === 2) for (const answer of waiting) answer();
    });
    const { connect } = await serveTls((exchange) => application.handleExchange(exchange));
    const session = connect();
    const ask = (path: string): Promise<[unknown, string, unknown]> =>
      new Promise((resolve) => {
        const stream = session.request({ ":path": path });
        let facts: unknown;
        let body = "";
        stream.on("response", (headers) => {
          facts = JSON.parse(String(headers["x-facts"]));
        });
        stream.setEncoding("utf8").on("data", (text) => {
          body += text;
        });
        let last: unknown;
        stream.on("trailers", (trailers) => {
          last = trailers["x-last"];
        });
        stream.on("end", () => resolve([facts, body, last]));
      });
    const answers = await Promise.all([ask("/a"), ask("/b")]);
    const facts = [true, "h2", {}, "2.0", expect.stringMatching(/^(?:localhost|127\.0\.0\.1):$/)];
    expect(answers).toEqual([
      [facts, "/a", "1"],
      [facts, "/b", "1"],
    ]);
    expect(sockets.size).toBe(2);
  });
});

test("what is neither a listener nor a server is refused", () => {
  expect(() => nodeApplication({} as never)).toThrow(TypeError);
  expect(() => nodeApplication(new EventEmitter() as never)).not.toThrow();
});

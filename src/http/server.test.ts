import { readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { bodyOf, RawClient, statuses } from "../../test/support/raw-client.ts";
import type { Exchange, ExchangeHandler } from "./exchange.ts";
import { HttpServer, type HttpServerOptions } from "./server.ts";

const errors: unknown[] = [];
afterEach(() => {
  errors.length = 0;
});

/** Serves a handler on a free port until the test ends. */
async function serve(
  handler: ExchangeHandler,
  options: HttpServerOptions = {},
): Promise<{ port: number; server: HttpServer; open: () => Promise<RawClient> }> {
  const server = new HttpServer(handler, { onError: (error) => errors.push(error), ...options });
  const address = await server.listen({ kind: "tcp", host: "127.0.0.1", port: 0 });
  onTestFinished(async () => {
    await server.close({ deadline: 0 });
  });
  const port = address.kind === "tcp" ? address.port : 0;
  return {
    port,
    server,
    open: async () => {
      const client = await RawClient.open(port);
      onTestFinished(() => client.close());
      return client;
    },
  };
}

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const hello: ExchangeHandler = (exchange) => exchange.respond(200, ["x-target", exchange.target], "hello");
const echo: ExchangeHandler = async (exchange) =>
  exchange.respond(200, [], (await exchange.body?.bytes()) ?? "nothing");

describe("answers", () => {
  test("keep-alive, with length and date", async () => {
    const client = await (await serve(hello)).open();
    await client.send(GET).until((text) => text.endsWith("hello"));
    expect(client.received).toMatch(
      /^HTTP\/1\.1 200 OK\r\nx-target: \/\r\ncontent-length: 5\r\ndate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n\r\nhello$/,
    );
    await client.send(GET).until((text) => statuses(text).length === 2);
    expect(client.ended).toBeUndefined();
  });

  test.each<[string, ExchangeHandler]>([
    ["whole", (exchange) => exchange.respond(200, ["Connection", "Close", "x", "y"], "hello")],
    [
      "begun",
      (exchange) => {
        const writer = exchange.start(200, ["x", "y", "connection", "close"]);
        writer.write("hello");
        setImmediate(() => writer.end());
      },
    ],
  ])(
    "connection: close, asked for by an answer that is sent %s, ends the connection behind it",
    async (_, answer) => {
      const client = await (await serve(answer)).open();
      await client.send(GET).send(GET).untilEnd();
      expect(statuses(client.received)).toEqual([200]);
      expect(client.received.match(/connection: [^\r]*/gi)).toEqual(["connection: close"]);
      expect(client.received).toContain("hello");
      expect(client.ended).toBe("end");
    },
  );

  test("205 has a length of 0, or ends with the connection where that is asked for", async () => {
    const { open } = await serve((exchange) => {
      const headers = exchange.target.endsWith("close") ? ["connection", "close"] : [];
      if (exchange.target.startsWith("/whole")) exchange.respond(205, headers, null);
      else exchange.start(205, headers).end();
    });
    for (const target of ["/whole", "/begun"]) {
      const client = await open();
      await client.send(GET.replace("/", target)).until((text) => text.endsWith("\r\n\r\n"));
      expect(client.received).toContain("content-length: 0\r\n");
      const closed = await open();
      await closed.send(GET.replace("/", `${target}-close`)).untilEnd();
      expect(closed.received).toMatch(
        /^HTTP\/1\.1 205 Reset Content\r\ndate: [^\r]*\r\nconnection: close\r\n\r\n$/,
      );
    }
  });

  test("a status line of the application's own", async () => {
    const { open } = await serve((exchange) => exchange.respond(777, [], "x", "Très bien"));
    const client = await open();
    await client.send(GET).until((text) => text.endsWith("x"));
    expect(client.received).toMatch(/^HTTP\/1\.1 777 Tr\xe8s bien\r\ncontent-length: 1\r\n/);
  });

  test("101 where nothing was agreed on ends the connection: nobody takes what follows for the other protocol", async () => {
    const { open } = await serve((exchange) => {
      if (exchange.target === "/whole") exchange.respond(101, [], "x", "Switching Protocols");
      else exchange.start(101, [], "Switching Protocols").end();
    });
    for (const target of ["/whole", "/begun"]) {
      const client = await open();
      await client.send(GET.replace("/", target)).send(GET).untilEnd();
      expect(client.received).toMatch(
        /^HTTP\/1\.1 101 Switching Protocols\r\ndate: [^\r]*\r\nconnection: close\r\n\r\n$/,
      );
    }
  });

  test("pipelined requests in order, whether the handler answers at once or later", async () => {
    const { open } = await serve(async (exchange) => {
      if (exchange.target.endsWith("slow")) await sleep(20);
      else if (exchange.target.endsWith("async")) await null;
      exchange.respond(200, [], `<${exchange.target}>`);
    });
    const targets = ["/1slow", "/2", "/3async", "/4slow", "/5", "/6async"];
    const client = await open();
    client.send(targets.map((target) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`).join(""));
    await client.until((text) => text.includes("<6async>") || text.includes("</6async>"));
    expect([...client.received.matchAll(/<(.*?)>/g)].map((match) => match[1])).toEqual(targets);
  });

  test("pipelined requests behind which the client ends its side are all answered", async () => {
    const { open } = await serve(async (exchange) => {
      await sleep(5);
      exchange.respond(200, [], "x");
    });
    const client = await open();
    expect(
      statuses(
        await client
          .send(GET + GET + GET)
          .end()
          .untilEnd(),
      ),
    ).toEqual([200, 200, 200]);
    expect(client.received).toContain("connection: close");
  });

  test("what is ready in one turn goes out in one write", async () => {
    const { open } = await serve(async (exchange) => exchange.respond(200, [], "x"));
    const client = await open();
    let writes = 0;
    client.socket.on("data", () => writes++);
    await client.send(GET.repeat(16)).until((text) => statuses(text).length === 16);
    expect(writes).toBe(1);
  });

  test("HEAD and 204 and 304 have no body", async () => {
    const { open } = await serve((exchange) => {
      if (exchange.target === "/stream") {
        const writer = exchange.start(200, ["content-length", "5"]);
        writer.write("hello");
        writer.end();
      } else exchange.respond(Number(exchange.target.slice(1)), [], "hello");
    });
    const client = await open();
    for (const target of ["HEAD /200", "GET /204", "GET /304", "HEAD /stream"]) {
      client.received = "";
      await client.send(`${target} HTTP/1.1\r\nHost: a\r\n\r\n`).until((text) => text.includes("\r\n\r\n"));
      expect(bodyOf(client.received)).toBe("");
      expect(client.received.includes("content-length: 5"), target).toBe(target.startsWith("HEAD"));
    }
    await client.send(GET.replace("/", "/200")).until((text) => text.endsWith("hello"));
  });

  test("text is sent as UTF-8, bytes as they are, small and large", async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));
    const { port } = await serve((exchange) => {
      const length = Number(exchange.target.slice(2));
      exchange.respond(
        200,
        [],
        exchange.target[1] === "t" ? "é你".repeat(length) : bytes.subarray(0, length),
      );
    });
    for (const length of [0, 1, 100, 100_000]) {
      const text = await fetch(`http://127.0.0.1:${port}/t${length}`);
      expect(await text.text()).toBe("é你".repeat(length));
      const answer = await fetch(`http://127.0.0.1:${port}/b${length}`);
      expect(Buffer.from(await answer.arrayBuffer()).equals(bytes.subarray(0, length))).toBe(true);
    }
  });

  test("a stream is chunked, with trailers; until the end of the connection for HTTP/1.0", async () => {
    const { open } = await serve(async (exchange) => {
      const writer = exchange.start(200, []);
      writer.write("one");
      await sleep(5);
      writer.write(Buffer.from("two"));
      writer.write("");
      writer.end(["x-sum", "6"]);
    });
    const client = await open();
    await client.send(GET).until((text) => text.endsWith("\r\n\r\n") && text.includes("x-sum"));
    expect(bodyOf(client.received)).toBe("3\r\none\r\n3\r\ntwo\r\n0\r\nx-sum: 6\r\n\r\n");
    const old = await open();
    await old.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").untilEnd();
    expect(bodyOf(old.received)).toBe("onetwo");
    expect(old.received).toContain("connection: close");
    expect(old.received).not.toContain("transfer-encoding");
  });

  test("HTTP/1.0 is kept alive where it asks for it", async () => {
    const client = await (await serve(hello)).open();
    const request = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    await client.send(request).until((text) => text.endsWith("hello"));
    expect(client.received).toContain("connection: keep-alive\r\n");
    await client.send("GET / HTTP/1.0\r\n\r\n").untilEnd();
    expect(statuses(client.received)).toEqual([200, 200]);
  });

  test("interim answers come before the answer, but not for HTTP/1.0", async () => {
    const { open } = await serve((exchange) => {
      exchange.inform(103, ["link", "</a.css>; rel=preload"]);
      exchange.respond(200, [], "x");
    });
    const client = await open();
    expect(statuses(await client.send(GET).until((text) => text.endsWith("x")))).toEqual([103, 200]);
    const old = await open();
    expect(statuses(await old.send("GET / HTTP/1.0\r\n\r\n").untilEnd())).toEqual([200]);
  });

  test("a producer waits for a slow client, and memory with it", async () => {
    let written = 0;
    const total = 64 * 1024 * 1024;
    const piece = Buffer.alloc(64 * 1024, "x");
    const { open } = await serve(async (exchange) => {
      const writer = exchange.start(200, ["content-length", String(total)]);
      for (; written < total && !exchange.closed; written += piece.length) await writer.write(piece);
      writer.end();
    });
    const client = await open();
    client.socket.pause();
    client.send(GET);
    let before = -1;
    while (written !== before) {
      before = written;
      await sleep(100);
    }
    expect(written).toBeLessThan(total / 2);
    client.socket.removeAllListeners("data");
    let received = 0;
    client.socket.on("data", (text) => {
      received += text.length;
    });
    client.socket.resume();
    while (received < total) await sleep(10);
    expect(written).toBe(total);
  });
});

describe("request bodies", () => {
  test("by length and chunked, in one piece and in many", async () => {
    const client = await (await serve(echo)).open();
    await client
      .send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
      .until((text) => text.endsWith("abc"));
    client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n");
    await sleep(10);
    await client.send("1\r\nf\r\n0\r\n\r\n").until((text) => text.endsWith("def"));
  });

  test("100 is sent when the body is first asked for, and not when it isn't", async () => {
    const { open } = await serve((exchange) =>
      exchange.target === "/no" ? hello(exchange) : echo(exchange),
    );
    const head = (target: string) =>
      `POST ${target} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n`;
    const client = await open();
    await client.send(head("/")).until((text) => text === "HTTP/1.1 100 Continue\r\n\r\n");
    await client.send("abc").until((text) => text.endsWith("abc"));
    // Unasked for, the body may come or not; only closing is unambiguous.
    await client.send(head("/no")).untilEnd();
    expect(statuses(client.received)).toEqual([100, 200, 200]);
    expect(client.received).toContain("connection: close");
  });

  test("too large by announcement or by count: 413 for the reader, and the rest is not read", async () => {
    const { open } = await serve(
      async (exchange) => {
        const error = await exchange.body?.bytes().then(
          () => undefined,
          (cause: unknown) => cause,
        );
        exchange.respond((error as { status: number }).status, [], "");
      },
      { limits: { maxBodyBytes: 10, maxDrainBytes: 20 } },
    );
    const known = await open();
    await known.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc").untilEnd();
    expect(statuses(known.received)).toEqual([413]);
    const chunks = await open();
    await chunks
      .send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n")
      .send("x".repeat(255))
      .untilEnd();
    expect(statuses(chunks.received)).toEqual([413]);
  });

  test("unread bodies are dropped, small ones by reading on, large ones by closing", async () => {
    const { open } = await serve(hello, { limits: { maxDrainBytes: 1000 } });
    const client = await open();
    const post = (length: number) => `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`;
    await client.send(post(1000)).until((text) => text.endsWith("hello"));
    client.send("x".repeat(1000)).send(GET);
    await client.until((text) => statuses(text).length === 2);
    await client.send(post(1001)).untilEnd();
    expect(statuses(client.received)).toEqual([200, 200, 200]);
    expect(client.received).toMatch(/connection: close\r\n\r\nhello$/);
  });

  test("a body of a million chunks of one byte takes memory like one of a million bytes", async () => {
    let most = 0;
    const { open } = await serve(async (exchange) => {
      const before = process.memoryUsage().rss;
      const watch = setInterval(() => {
        most = Math.max(most, process.memoryUsage().rss - before);
      }, 20);
      const bytes = (await exchange.body?.bytes()) as Uint8Array;
      clearInterval(watch);
      exchange.respond(200, [], `${bytes.length} ${bytes.every((byte) => byte === 0x78)}`);
    });
    const client = await open();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (let sent = 0; sent < 1_000_000; sent += 10_000) client.send("1\r\nx\r\n".repeat(10_000));
    await client.send("0\r\n\r\n").until((text) => text.endsWith("1000000 true"), 25_000);
    expect(most).toBeLessThan(96 * 1024 * 1024); // garbage that is not collected yet included
  });

  test("a body that is read after the answer is gone, and takes nothing of the next request", async () => {
    const late: unknown[] = [];
    const { open } = await serve((exchange) => {
      if (exchange.body === null) return hello(exchange);
      const { body } = exchange;
      const waiting = body.read().catch((error: unknown) => late.push(error));
      exchange.respond(200, [], "early");
      void waiting.then(() => body.bytes()).catch((error: unknown) => late.push(error));
    });
    const client = await open();
    const head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n";
    await client.send(head).until((text) => text.endsWith("early"));
    await client.send(`abcdef${GET}`).until((text) => text.endsWith("hello"));
    expect(statuses(client.received)).toEqual([200, 200]);
    expect(late).toMatchObject([{ code: "body-dropped" }, { code: "body-dropped" }]);
  });

  test("a handler that doesn't read holds the sender", async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const total = 32 * 1024 * 1024;
    const { open } = await serve(async (exchange) => {
      await released;
      if (exchange.body !== null) exchange.body.maxBytes = total;
      exchange.respond(200, [], String((await exchange.body?.bytes())?.length));
    });
    const client = await open();
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${total}\r\n\r\n`).send(Buffer.alloc(total));
    let left = -1;
    while (left !== client.socket.writableLength) {
      left = client.socket.writableLength;
      await sleep(100);
    }
    expect(left).toBeGreaterThan(total / 2);
    release();
    await client.until((text) => text.endsWith(String(total)));
  });

  test("a client that ends within its body", async () => {
    const seen: unknown[] = [];
    const { open } = await serve(async (exchange) => {
      await exchange.body?.bytes().catch((error: unknown) => seen.push(error));
      exchange.respond(400, [], "");
    });
    const client = await open();
    await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na").end().untilEnd();
    expect(seen).toMatchObject([{ status: 400, code: "incomplete-body" }]);
    expect(statuses(client.received)).toEqual([400]);
  });

  test("a malformed chunk is the reader's error, and ends the connection", async () => {
    const { open } = await serve(async (exchange) => {
      const error = await exchange.body?.bytes().catch((cause: unknown) => cause);
      exchange.respond(200, [], (error as { code: string }).code);
    });
    const client = await open();
    await client
      .send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\n")
      .send(GET)
      .untilEnd();
    expect(client.received).toMatch(/connection: close\r\n\r\nbad-chunk$/);
    expect(statuses(client.received)).toEqual([200]);
  });
});

describe("bad input", () => {
  test.each([
    ["GET  / HTTP/1.1\r\n\r\n", 400],
    ["GET / HTTP/1.1\r\n\r\n", 400],
    ["GET / HTTP/3.0\r\n\r\n", 505],
    [`GET /${"a".repeat(9000)} HTTP/1.1\r\n`, 414],
    [`GET / HTTP/1.1\r\nHost: a\r\nX: ${"a".repeat(20_000)}`, 431],
    ["GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n", 417],
    ["GET / HTTP/1.1\r\nHost", 400],
  ])("%j is answered, and the connection closed", async (text, status) => {
    const { open } = await serve(hello);
    const client = await open();
    client.send(text);
    if (status === 400) client.end();
    await client.untilEnd();
    expect(client.ended).toBe("end");
    expect(client.received).toMatch(
      new RegExp(`^HTTP/1.1 ${status} [^]*connection: close\r\n\r\n[^\r\n]+\n$`),
    );
  });

  test("a valid answer is not lost because the next request is bad", async () => {
    const { open } = await serve(async (exchange) => {
      await sleep(5);
      hello(exchange);
    });
    const client = await open();
    expect(statuses(await client.send(`${GET}nonsense\r\n\r\n`).untilEnd())).toEqual([200, 400]);
  });

  test("nothing behind Connection: close is answered", async () => {
    const { open } = await serve(hello);
    const client = await open();
    await client.send(GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n") + GET).untilEnd();
    expect(statuses(client.received)).toEqual([200]);
  });
});

describe("faults of the handler", () => {
  test("a throw is 500 without a word of the inside, and is reported", async () => {
    for (const handler of [
      () => {
        throw new Error("secret");
      },
      async () => {
        await null;
        throw new Error("secret");
      },
    ] as ExchangeHandler[]) {
      const client = await (await serve(handler)).open();
      await client.send(GET).until((text) => text.endsWith("Error\n"));
      expect(statuses(client.received)).toEqual([500]);
      expect(client.received).not.toContain("secret");
      expect(errors.pop()).toMatchObject({ message: "secret" });
    }
  });

  test("after the answer was begun the connection is cut, so that it can't be taken for whole", async () => {
    const { open } = await serve(async (exchange) => {
      exchange.start(200, []).write("half");
      await sleep(5);
      throw new Error("secret");
    });
    const client = await open();
    await client.send(GET).untilEnd();
    expect(bodyOf(client.received)).not.toContain("0\r\n\r\n");
  });

  const refused: [string, (exchange: Exchange) => void, RegExp][] = [
    [
      "a second answer",
      (exchange) => {
        exchange.respond(200, [], "");
        exchange.respond(200, [], "");
      },
      /one answer/,
    ],
    [
      "a line break in a value",
      (exchange) => exchange.respond(200, ["x-a", "b\r\nc: d"], ""),
      /"x-a".*U\+000D/,
    ],
    ["NUL in a value", (exchange) => exchange.respond(200, ["x-a", "\0"], ""), /"x-a".*U\+0000/],
    ["a character beyond latin1", (exchange) => exchange.respond(200, ["x-a", "你"], ""), /"x-a".*U\+4F60/],
    [
      "a value that is no string",
      (exchange) => exchange.respond(200, ["x-a", { toString: () => "a\r\nb" } as never], ""),
      /"x-a".*object/,
    ],
    ["a name that is no token", (exchange) => exchange.respond(200, ["x a", "b"], ""), /"x a"/],
    [
      "framing by hand",
      (exchange) => exchange.respond(200, ["Transfer-Encoding", "chunked"], ""),
      /"Transfer-Encoding"/,
    ],
    [
      "a wrong length",
      (exchange) => exchange.respond(200, ["content-length", "4"], "hello"),
      /says 4.*has 5/,
    ],
    ["a status out of range", (exchange) => exchange.respond(99, [], ""), /99/],
    ["a status that is none", (exchange) => exchange.respond(200.5, [], ""), /200\.5/],
    ["an interim status that is none", (exchange) => exchange.inform(200, []), /200/],
    [
      "too many bytes",
      (exchange) => {
        exchange.start(200, ["content-length", "1"]).write("ab");
      },
      /1 too many/,
    ],
    ["too few bytes", (exchange) => exchange.start(200, ["content-length", "1"]).end(), /1 are missing/],
    [
      "a trailer that may be none",
      (exchange) => exchange.start(200, []).end(["Content-Length", "1"]),
      /"Content-Length"/,
    ],
  ];
  test.each(refused)("%s is refused with an error that names it", async (_, handler, message) => {
    const { open } = await serve(handler);
    const client = await open();
    await client.send(GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")).untilEnd();
    expect(errors).toHaveLength(1);
    expect((errors[0] as Error).message).toMatch(message);
    expect(client.received).not.toMatch(/^c: d/m);
  });
});

describe("a client that leaves", () => {
  test("aborts the signal and ends the writing", async () => {
    let aborted: unknown;
    let done = false;
    const { open, server } = await serve(async (exchange) => {
      exchange.signal.addEventListener("abort", () => {
        aborted = exchange.signal.reason;
      });
      const writer = exchange.start(200, []);
      while (!exchange.closed) {
        await writer.write("x".repeat(10_000));
        await sleep(1);
      }
      writer.end();
      done = true;
    });
    const client = await open();
    await client.send(GET).until((text) => text.length > 1000);
    client.close();
    await expect.poll(() => done).toBe(true);
    expect(aborted).toMatchObject({ name: "AbortError" });
    expect(server.connections).toBe(0);
    expect(errors).toEqual([]);
  });

  test("while the handler thinks: the answer goes nowhere, without an error", async () => {
    let exchange: Exchange | undefined;
    const { open, server } = await serve((given) => {
      exchange = given;
    });
    const client = await open();
    client.send(GET);
    await expect.poll(() => exchange).toBeDefined();
    client.socket.resetAndDestroy();
    await expect.poll(() => server.connections).toBe(0);
    expect(exchange?.closed).toBe(true);
    expect(exchange?.signal.aborted).toBe(true);
    exchange?.respond(200, [], "too late");
  });
});

describe("the control of a connection", () => {
  test("tells of its end, and ends it: behind an answer, or in the place of one", async () => {
    const ends: string[] = [];
    let exchange: Exchange | undefined;
    const { open } = await serve((given) => {
      exchange = given;
      const { target } = given;
      given.connectionControl?.watchClose({ connectionClosed: () => ends.push(target) });
      if (target === "/answered") given.respond(200, [], "hello");
      if (target !== "/idle") given.connectionControl?.end();
      else given.respond(200, [], "hello");
    });
    for (const target of ["/answered", "/unanswered", "/idle"]) {
      const client = await open();
      client.send(GET.replace("/", target));
      if (target === "/idle") {
        await client.until((text) => text.endsWith("hello"));
        exchange?.connectionControl?.end();
      }
      const received = await client.untilEnd();
      expect(received.endsWith("hello")).toBe(target !== "/unanswered");
      expect(exchange?.signal.aborted).toBe(target === "/unanswered");
      // What comes too late goes nowhere.
      if (target === "/unanswered") exchange?.respond(200, [], "late");
      await expect.poll(() => ends.at(-1)).toBe(target);
      exchange?.connectionControl?.end();
      exchange?.connectionControl?.watchClose({ connectionClosed: () => ends.push("again") });
      expect(ends.splice(0)).toEqual([target, "again"]);
    }
    expect(errors).toEqual([]);
  });
});

describe("a client that ends its side", () => {
  test("may have gone: where nothing is sent to it, it is taken to have", async () => {
    const exchanges: Exchange[] = [];
    const { open, server } = await serve(
      (exchange) => {
        exchanges.push(exchange);
        if (exchange.target === "/begun") exchange.start(200, []).write("first");
      },
      { limits: { halfCloseTimeout: 100 } },
    );
    for (const target of ["/", "/begun"]) {
      const client = await open();
      client.send(GET.replace("/", target));
      await expect.poll(() => exchanges.length).toBe(target === "/" ? 1 : 2);
      expect(exchanges.at(-1)?.signal.aborted).toBe(false);
      client.end();
      await expect.poll(() => exchanges.at(-1)?.signal.aborted, { timeout: 5000 }).toBe(true);
      expect(exchanges.at(-1)?.closed).toBe(true);
      await client.untilEnd();
    }
    expect(server.connections).toBe(0);
    expect(errors).toEqual([]);
  });

  test("gets its answer for as long as that goes on", { retry: 3 }, async () => {
    const { open } = await serve(
      async (exchange) => {
        const writer = exchange.start(200, ["content-length", "40"]);
        for (let i = 0; i < 40; i++) {
          await sleep(50);
          await writer.write("x");
        }
        writer.end();
      },
      { limits: { halfCloseTimeout: 1000 } },
    );
    const client = await open();
    client.send(GET);
    client.end();
    await client.untilEnd();
    expect(bodyOf(client.received)).toBe("x".repeat(40));
  });

  test("has gone at once where the application wants that", async () => {
    const exchanges: Exchange[] = [];
    const { open, server } = await serve(
      (exchange) => {
        exchanges.push(exchange);
        if (exchange.target === "/begun") exchange.start(200, []).write("first");
        if (exchange.target !== "/late") exchange.connectionControl?.endWithClient();
      },
      { limits: { halfCloseTimeout: 0 } },
    );
    for (const target of ["/", "/begun", "/late"]) {
      const client = await open();
      client.send(GET.replace("/", target));
      await expect.poll(() => exchanges.at(-1)?.target).toBe(target);
      client.end();
      // Said when it has ended its side already: at once as well.
      await new Promise((resolve) => setImmediate(resolve));
      if (target === "/late") exchanges.at(-1)?.connectionControl?.endWithClient();
      const received = await client.untilEnd();
      expect(received.includes("first")).toBe(target === "/begun");
      expect([exchanges.at(-1)?.closed, exchanges.at(-1)?.signal.aborted]).toEqual([true, true]);
      exchanges.at(-1)?.abort();
    }
    expect(server.connections).toBe(0);
    expect(errors).toEqual([]);
  });

  test("ends its side behind the last of several requests, and that of the one before is no matter", async () => {
    const { open } = await serve(async (exchange) => {
      if (exchange.target === "/first") exchange.connectionControl?.endWithClient();
      else await sleep(20);
      exchange.respond(200, [], exchange.target);
    });
    const client = await open();
    client.send(GET.replace("/", "/first")).send(GET.replace("/", "/second")).end();
    expect(statuses(await client.untilEnd())).toEqual([200, 200]);
  });

  test("is waited for without end where that is asked for", async () => {
    let exchange: Exchange | undefined;
    const { open } = await serve(
      (given) => {
        exchange = given;
      },
      { limits: { halfCloseTimeout: 0 } },
    );
    const client = await open();
    client.send(GET);
    await expect.poll(() => exchange).toBeDefined();
    client.end();
    await sleep(1500); // two looks and more
    exchange?.respond(200, [], "late");
    await client.untilEnd();
    expect(bodyOf(client.received)).toBe("late");
  });
});

describe("deadlines", () => {
  const soon = {
    firstByteTimeout: 50,
    headersTimeout: 50,
    keepAliveTimeout: 50,
    bodyTimeout: 50,
    writeTimeout: 50,
  };

  test("a connection that says nothing, and one that has nothing more to say, is closed silently", async () => {
    const { open } = await serve(hello, { limits: soon });
    const silent = await open();
    const idle = await open();
    idle.send(GET);
    await silent.untilEnd();
    expect([silent.received, silent.ended]).toEqual(["", "end"]);
    await idle.untilEnd();
    expect(statuses(idle.received)).toEqual([200]);
  });

  test("a head that drips is 408, however steadily it drips", async () => {
    const { open } = await serve(hello, { limits: { ...soon, headersTimeout: 300 } });
    const client = await open();
    client.send("GET / HTTP/1.1\r\nHost: a\r\n");
    const drip = setInterval(() => client.send("x"), 20);
    onTestFinished(() => clearInterval(drip));
    await client.untilEnd();
    expect(statuses(client.received)).toEqual([408]);
  });

  test("a body that stops is the reader's 408", async () => {
    const { open } = await serve(
      async (exchange) => {
        const error = await exchange.body?.bytes().catch((cause: unknown) => cause);
        exchange.respond((error as { status: number }).status, [], "");
      },
      { limits: soon },
    );
    const client = await open();
    await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na").untilEnd();
    expect(statuses(client.received)).toEqual([408]);
  });

  test("a client that takes nothing is cut", async () => {
    const { open, server } = await serve(
      (exchange) => exchange.respond(200, [], Buffer.alloc(64 * 1024 * 1024)),
      {
        limits: soon,
      },
    );
    const client = await open();
    client.socket.pause();
    client.send(GET);
    await expect.poll(() => server.connections, { timeout: 10_000 }).toBe(1);
    await expect.poll(() => server.connections, { timeout: 10_000 }).toBe(0);
  });
});

describe("closing", () => {
  test("finishes what is being answered, with Connection: close, and ends idle connections", async () => {
    let started = 0;
    let finish = () => {};
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const { open, server } = await serve(async (exchange) => {
      started++;
      if (exchange.target === "/slow") await gate;
      hello(exchange);
    });
    const idle = await open();
    await idle.send(GET).until((text) => text.endsWith("hello"));
    const busy = await open();
    busy.send(GET.replace("/", "/slow"));
    await expect.poll(() => started).toBe(2);
    const closed = server.close();
    await idle.untilEnd();
    finish();
    await busy.untilEnd();
    expect(busy.received).toMatch(/connection: close\r\n\r\nhello$/);
    idle.close();
    busy.close();
    expect(await closed).toEqual({ finished: 2, aborted: 0 });
  });

  test("a request that comes while it drains is answered, with Connection: close", async () => {
    const { open, server } = await serve(hello);
    const idle = await open();
    await idle.send(GET).until((text) => text.endsWith("hello"));
    const fresh = await open();
    await expect.poll(() => server.connections).toBe(2);
    const closed = server.close({ idleGrace: 5000 });
    for (const client of [idle, fresh]) {
      client.received = "";
      await client.send(GET).untilEnd();
      expect(client.ended).toBe("end");
      expect(client.received).toMatch(/^HTTP\/1.1 200 [\s\S]*connection: close\r\n\r\nhello$/);
      client.close();
    }
    expect(await closed).toEqual({ finished: 2, aborted: 0 });
  });

  test("cuts the rest at the deadline, and says how many", async () => {
    const { open, server } = await serve(() => {});
    const client = await open();
    client.send(GET);
    await expect.poll(() => server.connections).toBe(1);
    expect(await server.close({ deadline: 200 })).toEqual({ finished: 0, aborted: 1 });
    await client.untilEnd();
    expect(client.received).toBe("");
  });

  test("leaves no descriptor behind", async () => {
    const sockets = () => readdirSync("/dev/fd").length;
    const before = sockets();
    const server = new HttpServer(hello);
    const address = await server.listen({ kind: "tcp", host: "127.0.0.1", port: 0 });
    const clients = await Promise.all(
      Array.from({ length: 20 }, () => RawClient.open(address.kind === "tcp" ? address.port : 0)),
    );
    for (const client of clients) client.send(GET);
    await Promise.all(clients.map((client) => client.until((text) => text.endsWith("hello"))));
    for (const client of clients) client.close();
    await server.close();
    await expect.poll(sockets).toBe(before);
  });
});

describe("taking a connection over", () => {
  const UPGRADE =
    "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: shout\r\n\r\n";

  /** Answers in capitals whatever comes. */
  const shout: ExchangeHandler = (exchange) => {
    if (exchange.upgradeOffer === null) return exchange.respond(426, ["upgrade", "shout"], null);
    const transport = exchange.upgrade("shout", ["x-room", "1"]);
    transport.start({
      onData: (chunk) => transport.write(Buffer.from(chunk).toString("latin1").toUpperCase()),
      onEnd: () => transport.end(),
      onDrain: () => {},
      onClose: () => {},
    });
  };

  test("bytes behind the request come first, and then those that follow", async () => {
    const { open, server } = await serve(shout);
    const client = await open();
    await client.send(`${UPGRADE}early `).until((text) => text.endsWith("EARLY "));
    expect(client.received).toBe(
      "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: shout\r\nx-room: 1\r\n\r\nEARLY ",
    );
    await client.send("late").until((text) => text.endsWith("LATE"));
    await client.end().untilEnd();
    await expect.poll(() => server.connections).toBe(0);
  });

  test("a protocol that starts late loses nothing", async () => {
    let start = () => {};
    const { open } = await serve((exchange) => {
      const transport = exchange.upgrade("shout", []);
      start = () => {
        transport.start({
          onData: (chunk) => transport.write(chunk.slice()),
          onEnd: () => transport.end(),
          onDrain: () => {},
          onClose: () => {},
        });
      };
    });
    const client = await open();
    await client.send(`${UPGRADE}one `).until((text) => text.includes("101"));
    client.send("two ").end();
    await sleep(20);
    start();
    await client.untilEnd();
    expect(bodyOf(client.received)).toBe("one two ");
  });

  test.each([
    ["without Connection: upgrade", "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: shout\r\n\r\n"],
    ["in HTTP/1.0", "GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: shout\r\n\r\n"],
    [
      "with a body",
      "POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: shout\r\nContent-Length: 1\r\n\r\nx",
    ],
  ])("is not offered %s", async (_, request) => {
    const client = await (await serve(shout)).open();
    await client.send(request).until((text) => text.includes("\r\n\r\n"));
    expect(statuses(client.received)).toEqual([426]);
    expect(client.received).toContain("upgrade: shout\r\n");
    expect(client.received).toContain("connection: upgrade\r\n");
  });

  test("can't be done unasked, twice, or behind an answer", async () => {
    for (const handler of [
      (exchange: Exchange) => void exchange.upgrade("shout", []),
      (exchange: Exchange) => {
        exchange.respond(200, [], "");
        exchange.upgrade("shout", []);
      },
    ]) {
      const client = await (await serve(handler)).open();
      await client.send(GET).until((text) => text.length > 0);
      expect(errors.pop()).toMatchObject({ name: "ExchangeError" });
    }
    const client = await (
      await serve((exchange) => {
        exchange.upgrade("sh out", []);
      })
    ).open();
    await client.send(UPGRADE).until((text) => text.includes("500"));
    expect(errors.pop()).toMatchObject({ message: '"sh out" is no protocol\'s name' });
  });

  test("is cut when the server closes", async () => {
    const { open, server } = await serve(shout);
    const client = await open();
    await client.send(UPGRADE).until((text) => text.includes("101"));
    expect(await server.close({ deadline: 200 })).toEqual({ finished: 0, aborted: 1 });
    await client.untilEnd();
  });
});

describe("data rates", () => {
  const rates = { rateGrace: 300, minBodyRate: 1000, minAnswerRate: 100_000_000 };

  test("a body that drips is 408, though it never stops", async () => {
    const { open } = await serve(echo, { limits: rates, onError: () => {} });
    const client = await open();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
    const drip = setInterval(() => client.send("x"), 20);
    onTestFinished(() => clearInterval(drip));
    await client.untilEnd();
    // The handler let the error through.
    expect(statuses(client.received)).toEqual([500]);
  });

  test("time in which nobody asks for the body doesn't count", async () => {
    const { open } = await serve(
      async (exchange) => {
        await sleep(1500);
        await echo(exchange);
      },
      { limits: rates },
    );
    const client = await open();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n");
    await sleep(1450);
    await client.send("abc").until((text) => text.endsWith("abc"));
  });

  test("a client that takes an answer by drips is cut, though it never stops", async () => {
    const { open, server } = await serve(
      (exchange) => exchange.respond(200, [], Buffer.alloc(32 * 1024 * 1024)),
      {
        limits: rates,
      },
    );
    const client = await open();
    client.socket.pause();
    client.send(GET);
    const drip = setInterval(() => client.socket.read(1000), 20);
    onTestFinished(() => clearInterval(drip));
    await expect.poll(() => server.connections, { timeout: 10_000 }).toBe(1);
    await expect.poll(() => server.connections, { timeout: 10_000 }).toBe(0);
  });
});

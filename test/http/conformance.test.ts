/** What RFC 9112 and RFC 9110 ask of a server's answers and connections, over real sockets. docs/http-conformance.md lists it. */
import { describe, expect, test } from "vitest";
import type { ExchangeHandler } from "../../src/http/exchange.ts";
import { bodyOf, statuses } from "../support/raw-client.ts";
import { serve } from "./serve.ts";

const get = (fields = "", line = "GET / HTTP/1.1") => `${line}\r\nHost: a\r\n${fields}\r\n`;
const post = (fields: string, body = "") => `POST / HTTP/1.1\r\nHost: a\r\n${fields}\r\n${body}`;
const last = get("Connection: close\r\n", "GET /last HTTP/1.1");
const hello: ExchangeHandler = (exchange) => exchange.respond(200, [], "hello");
const echo: ExchangeHandler = async (exchange) =>
  exchange.respond(200, [], (await exchange.body?.bytes()) ?? "nothing");

describe("methods", () => {
  test("OPTIONS *, TRACE and unknown methods are the application's to answer", async () => {
    const seen: string[] = [];
    const { open } = await serve((exchange) => {
      seen.push(`${exchange.method} ${exchange.target}`);
      exchange.respond(exchange.method === "OPTIONS" ? 200 : 405, ["allow", "OPTIONS"], null);
    });
    const client = await open();
    const lines = ["OPTIONS * HTTP/1.1", "TRACE / HTTP/1.1", "get / HTTP/1.1", "FOOBAR / HTTP/1.1"];
    await client.send(lines.map((line) => get("", line)).join("") + last).untilEnd();
    expect(seen).toEqual(["OPTIONS *", "TRACE /", "get /", "FOOBAR /", "GET /last"]);
    expect(statuses(client.received)).toEqual([200, 405, 405, 405, 405]);
  });

  test("CONNECT is 501, and what follows it is not read", async () => {
    const { open } = await serve(hello);
    const client = await open();
    await client.send(`CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n${get()}`).untilEnd();
    expect(statuses(client.received)).toEqual([501]);
  });

  test("an answer to HEAD has no content and the fields of GET's, and the next answer follows it", async () => {
    const { open } = await serve((exchange) => {
      if (exchange.target === "/chunks") {
        const writer = exchange.start(200, []);
        writer.write("hello");
        writer.end();
      } else exchange.respond(200, ["x-a", "b"], "hello");
    });
    const client = await open();
    const head = (target: string) => get("", `HEAD ${target} HTTP/1.1`);
    await client.send(head("/") + head("/chunks") + last).untilEnd();
    const [first, second, third] = client.received.split(/(?=HTTP\/1\.1 200)/);
    expect(first).toMatch(/x-a: b\r\ncontent-length: 5\r\n[\s\S]*\r\n\r\n$/);
    expect(second).toMatch(/\r\n\r\n$/);
    expect(third).toMatch(/hello$/);
  });

  test("a refusal of a HEAD request has no content", async () => {
    const { open } = await serve(hello);
    const client = await open();
    await client.send("HEAD / HTTP/1.1\r\n\r\n").untilEnd();
    expect(statuses(client.received)).toEqual([400]);
    expect(bodyOf(client.received)).toBe("");
  });
});

describe("statuses", () => {
  test.each([204, 304])("%s has no content and no Transfer-Encoding, however it is sent", async (status) => {
    const { open } = await serve((exchange) => {
      if (exchange.target === "/last") exchange.respond(status, [], "hello");
      else {
        const writer = exchange.start(status, []);
        writer.write("hello");
        writer.end(["x-sum", "1"]);
      }
    });
    const client = await open();
    await client.send(get() + last).untilEnd();
    expect(statuses(client.received)).toEqual([status, status]);
    expect(client.received).not.toMatch(/hello|transfer-encoding|content-length|x-sum/);
  });

  test("204 has no Content-Length, not even an application's", async () => {
    const { open } = await serve((exchange) => {
      if (exchange.target === "/last") exchange.respond(204, ["content-length", "0"], null);
      else exchange.start(204, ["content-length", "0"]).end();
    });
    const client = await open();
    await client.send(get() + last).untilEnd();
    expect(client.received).not.toContain("content-length: 0");
  });

  test("205 has no content", async () => {
    const { open } = await serve((exchange) => exchange.respond(205, [], "hello"));
    const client = await open();
    await client.send(last).untilEnd();
    expect(client.received).toContain("content-length: 0");
    expect(client.received).not.toContain("hello");
  });

  test("an interim answer has no Content-Length", async () => {
    const { open } = await serve((exchange) => {
      exchange.inform(103, ["content-length", "5"]);
      exchange.respond(200, [], "x");
    });
    const client = await open();
    await client.send(last).untilEnd();
    expect(client.received).not.toContain("content-length: 5");
  });

  test("304 may have the Content-Length that 200 would have", async () => {
    const { open } = await serve((exchange) => exchange.respond(304, ["content-length", "5"], null));
    const client = await open();
    await client.send(get() + last).untilEnd();
    expect(client.received.match(/content-length: 5\r\n/g)).toHaveLength(2);
    expect(statuses(client.received)).toEqual([304, 304]);
  });

  test("a status without a phrase keeps the space before it", async () => {
    const { open } = await serve((exchange) => exchange.respond(599, [], null));
    const client = await open();
    expect(await client.send(last).untilEnd()).toMatch(/^HTTP\/1\.1 599 \r\n/);
  });
});

describe("messages that are sent", () => {
  test("every answer has a Date, refusals too, and an application's own stays the only one", async () => {
    const { open } = await serve((exchange) =>
      exchange.respond(200, exchange.target === "/own" ? ["Date", "x"] : [], null),
    );
    const client = await open();
    await client.send(get() + get("", "GET /own HTTP/1.1") + get(" ")).untilEnd();
    const [plain, own, refused] = client.received.split(/(?=HTTP\/1\.1 )/);
    const date = /\r\ndate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n/;
    expect(plain).toMatch(date);
    expect(own?.match(/date:.*/gi)).toEqual(["Date: x"]);
    expect(refused).toMatch(date);
    expect(statuses(client.received)).toEqual([200, 200, 400]);
  });

  test("HTTP/1.0 is answered as HTTP/1.1, without chunks and without interim answers", async () => {
    const { open } = await serve(async (exchange) => {
      exchange.inform(103, []);
      await exchange.body?.bytes();
      const writer = exchange.start(200, []);
      writer.write("hello");
      writer.end(["x-sum", "1"]);
    });
    const client = await open();
    const expecting = "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx";
    await client.send(expecting).untilEnd();
    expect(client.received).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*connection: close\r\n\r\nhello$/);
    expect(client.received).not.toMatch(/transfer-encoding|content-length|x-sum/);
  });

  test("an answer in chunks has no Content-Length, and one with a length no chunks", async () => {
    const { open } = await serve((exchange) => {
      const writer = exchange.start(200, exchange.target === "/last" ? ["Content-Length", "5"] : []);
      writer.write("hello");
      writer.end();
    });
    const client = await open();
    await client.send(get() + last).untilEnd();
    const [chunks, length] = client.received.split(/(?=HTTP\/1\.1 )/);
    expect(chunks).toMatch(/transfer-encoding: chunked\r\n[\s\S]*5\r\nhello\r\n0\r\n\r\n$/);
    expect(chunks).not.toMatch(/content-length/i);
    expect(length).toMatch(/Content-Length: 5\r\n[\s\S]*\r\n\r\nhello$/);
    expect(length).not.toMatch(/transfer-encoding/);
  });
});

describe("connections", () => {
  test.each([
    ["of HTTP/1.1 persist", get(), false],
    ["with Connection: close are closed, and the answer says so", get("Connection: close\r\n"), true],
    ["with close in a list are closed", get("Connection: x, Close\r\nConnection: y\r\n"), true],
    ["of HTTP/1.0 are closed", "GET / HTTP/1.0\r\n\r\n", true],
    ["of HTTP/1.0 with keep-alive persist", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", false],
    [
      "of HTTP/1.0 with keep-alive and close are closed",
      "GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n",
      true,
    ],
  ])("%s", async (_, request, closes) => {
    let requests = 0;
    const { open } = await serve((exchange) => {
      requests++;
      hello(exchange);
    });
    const client = await open();
    // What follows is answered on a connection that persists, and never seen on one that does not.
    await client.send(request + last).untilEnd();
    expect(client.ended).toBe("end");
    expect(requests).toBe(closes ? 1 : 2);
    const [first] = client.received.split(/(?<=hello)/);
    expect(first?.includes("connection: close")).toBe(closes);
  });

  test("10,000 pipelined requests are answered in order, in bounded memory", async () => {
    let requests = 0;
    let most = 0;
    const { open } = await serve(
      async (exchange) => {
        requests++;
        most = Math.max(most, process.memoryUsage().rss);
        if (requests % 100 === 0) await null;
        exchange.respond(200, [], `<${exchange.target}>`);
      },
      { limits: { maxRequestsPerConnection: 0 } },
    );
    const client = await open();
    const before = process.memoryUsage().rss;
    const targets = Array.from({ length: 10_000 }, (_, i) => `/${i}`);
    client.send(targets.map((target) => get("", `GET ${target} HTTP/1.1`)).join(""));
    await client.until((text) => text.includes("</9999>"), 20_000);
    expect([...client.received.matchAll(/<(.*?)>/g)].map((match) => match[1])).toEqual(targets);
    expect(most - before).toBeLessThan(100 * 1024 * 1024);
  });

  test("a connection has so many requests; the last answer says close", async () => {
    const { open } = await serve(hello, { limits: { maxRequestsPerConnection: 3 } });
    const client = await open();
    await client.send(get().repeat(5)).untilEnd();
    expect(statuses(client.received)).toEqual([200, 200, 200]);
    expect(client.received.match(/connection: close/g)).toHaveLength(1);
    expect(client.received).toMatch(/connection: close\r\n\r\nhello$/);
  });

  test("one empty line between requests is ignored, a second one is refused", async () => {
    const { open } = await serve(hello);
    const client = await open();
    await client.send(`\r\n${get()}\r\n${get()}\r\n\r\n${get()}`).untilEnd();
    expect(statuses(client.received)).toEqual([200, 200, 400]);
  });

  test("a protocol that was not offered is not switched to", async () => {
    const { open, errors } = await serve((exchange) => void exchange.upgrade("other", []));
    const client = await open();
    await client
      .send(get("Connection: upgrade, close\r\nUpgrade: chat, shout/2\r\n"))
      .until((text) => text.includes("\r\n\r\n"));
    expect(statuses(client.received)).toEqual([500]);
    expect(errors).toMatchObject([{ name: "ExchangeError" }]);
  });

  test("an https target on a connection without TLS is 421", async () => {
    const { open } = await serve(hello);
    const client = await open();
    await client.send(get("Connection: close\r\n", "GET https://a/ HTTP/1.1")).untilEnd();
    expect(statuses(client.received)).toEqual([421]);
  });
});

describe("no request is read into or out of another", () => {
  const inner = get("", "GET /inner HTTP/1.1");
  const chunkedInner = `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`;
  const both = (length: number | string, coding: string, body: string) =>
    post(`Content-Length: ${length}\r\nTransfer-Encoding:${coding}\r\n`, body);

  test.each([
    ["CL.TE", both(6, " chunked", "0\r\n\r\nX")],
    ["CL.TE with a request behind", both(5 + inner.length, " chunked", `0\r\n\r\n${inner}`)],
    ["TE.CL", post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", chunkedInner)],
    ["a plus before the length", both(`+${5 + inner.length}`, " chunked", `0\r\n\r\n${inner}`)],
    ["a folded coding", both(5, "\r\n chunked", `0\r\n\r\n${inner}`)],
    ["a coding with trailing whitespace", both(5, " chunked ", `0\r\n\r\n${inner}`)],
    ["a coding with a leading comma", both(5, " ,chunked", `0\r\n\r\n${inner}`)],
    ["a coding in another case", both(5, " CHUNKED", `0\r\n\r\n${inner}`)],
    ["two codings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", `0\r\n\r\n${inner}`)],
    ["two lengths", post(`Content-Length: 0\r\nContent-Length: ${inner.length}\r\n`, inner)],
    ["a length behind a bare CR", post(`X: y\rContent-Length: ${inner.length}\r\n`, inner)],
    ["a length behind a bare LF", post(`X: y\nContent-Length: ${inner.length}\r\n`, inner)],
    ["a length with an underscore", post(`Content_Length: ${inner.length}\r\n`, inner)],
    ["chunked in HTTP/1.0", `POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`],
    ["a header that ends at CRLF CR", `GET / HTTP/1.1\r\nHost: a\r\n\r${inner}`],
  ])("%s is one refusal, and nothing behind it is read", async (_, bytes) => {
    let requests = 0;
    const { open } = await serve((exchange) => {
      requests++;
      hello(exchange);
    });
    const client = await open();
    await client.send(bytes).send(get()).untilEnd();
    expect(statuses(client.received)).toEqual([400]);
    expect(client.received).toMatch(/connection: close/);
    expect(requests).toBe(0);
  });

  test.each([
    ["a chunk size with a sign", "+0\r\n\r\nX"],
    ["a chunk that is longer than its size", `1\r\nab\r\n0\r\n\r\n${inner}`],
    ["a bare LF behind a chunk extension", `1;\n${inner}`],
    ["an extension that is none", `1;\r\na\r\n0\r\n\r\n${inner}`],
  ])("%s ends the connection, whether the handler reads or not", async (_, body) => {
    for (const reads of [true, false]) {
      let requests = 0;
      const { open } = await serve(async (exchange) => {
        requests++;
        const wrong = reads ? await exchange.body?.bytes().catch((error: unknown) => error) : undefined;
        exchange.respond(wrong instanceof Error ? 400 : 200, [], null);
      });
      const client = await open();
      await client.send(post("Transfer-Encoding: chunked\r\n", body)).send(get()).untilEnd();
      expect(requests).toBe(1);
      expect(statuses(client.received)).toEqual([reads ? 400 : 200]);
    }
  });

  test.each(["GET", "HEAD", "OPTIONS", "POST"])(
    "the content of %s is not taken for a request, read or not",
    async (method) => {
      for (const reads of [true, false]) {
        const seen: string[] = [];
        const { open } = await serve(async (exchange) => {
          seen.push(exchange.target);
          if (reads) await exchange.body?.bytes();
          exchange.respond(200, [], null);
        });
        const client = await open();
        await client
          .send(`${get(`Content-Length: ${inner.length}\r\n`, `${method} /outer HTTP/1.1`)}${inner}${last}`)
          .untilEnd();
        expect(seen).toEqual(["/outer", "/last"]);
      }
    },
  );

  test("content that comes without waiting for 100 is not taken for a request", async () => {
    const { open } = await serve(echo);
    const client = await open();
    await client
      .send(post(`Expect: 100-continue\r\nContent-Length: ${inner.length}\r\n`, inner) + last)
      .untilEnd();
    expect(statuses(client.received.replace(inner, ""))).toEqual([200, 200]);
    expect(client.received).toContain(inner);
  });

  test("a request cut off within its content is not handled as whole", async () => {
    const { open } = await serve(async (exchange) => {
      const got = await exchange.body?.bytes().catch((error: Error) => error);
      exchange.respond(got instanceof Error ? 400 : 200, [], null);
    });
    for (const message of [
      post("Content-Length: 3\r\n", "ab"),
      post("Transfer-Encoding: chunked\r\n", "2\r\nab\r\n"),
      post("Transfer-Encoding: chunked\r\n", "2\r\nab\r\n0\r\n"),
    ]) {
      const client = await open();
      await client.send(message).end().untilEnd();
      expect(statuses(client.received)).toEqual([400]);
      expect(client.received).toContain("connection: close");
    }
  });
});

describe("what an application sends can't end a line, a head or a message early", () => {
  const evil = "x\r\nset-cookie: evil=1\r\n\r\n<script>";
  const coerced = (value: unknown) => value as string;
  const sneaky: unknown[] = [
    evil,
    "x\nset-cookie: evil=1",
    "x\rset-cookie: evil=1",
    "x\0",
    "x\x7f",
    "x\u010a\u010dset-cookie: evil=1",
    "x\u560a\u560d",
    { toString: () => evil },
    [evil],
    Object(evil),
    { [Symbol.toPrimitive]: () => evil },
    1,
    null,
    undefined,
  ];
  test.each([
    [
      "a value",
      (what: unknown): ExchangeHandler =>
        (exchange) =>
          exchange.respond(200, ["x-a", coerced(what)], null),
    ],
    [
      "a name",
      (what: unknown): ExchangeHandler =>
        (exchange) =>
          exchange.respond(200, [coerced(what), "a"], null),
    ],
    [
      "a value of a stream",
      (what: unknown): ExchangeHandler =>
        (exchange) =>
          exchange.start(200, ["x-a", coerced(what)]).end(),
    ],
    [
      "a value of an interim answer",
      (what: unknown): ExchangeHandler =>
        (exchange) =>
          exchange.inform(103, ["x-a", coerced(what)]),
    ],
    [
      "a trailer",
      (what: unknown): ExchangeHandler =>
        (exchange) => {
          const writer = exchange.start(200, []);
          try {
            writer.end(["x-a", coerced(what)]);
          } catch (error) {
            exchange.abort();
            throw error;
          }
        },
    ],
  ])("%s", async (_, handlerFor) => {
    let what: unknown;
    const { open, errors } = await serve((exchange) => handlerFor(what)(exchange));
    for (what of sneaky) {
      const client = await open();
      await client.send(last).untilEnd();
      expect(client.received).not.toMatch(/evil/);
      expect(errors.splice(0)).toMatchObject([{ name: "ExchangeError" }]);
      expect(statuses(client.received).length).toBeLessThan(2);
    }
  });

  test.each([[["X", "1", "Y"]], [["X"]]])("a list with a name but no value: %j", async (headers) => {
    const { open, errors } = await serve((exchange) => exchange.respond(200, headers, null));
    const client = await open();
    expect(statuses(await client.send(last).untilEnd())).toEqual([500]);
    expect(errors).toMatchObject([{ name: "ExchangeError" }]);
  });

  test.each(["200", "200 OK\r\nx: y", { valueOf: () => 200 }, Number.NaN, 101, 199, 600, 2.5e2 + 0.5])(
    "a status that is none: %j",
    async (status) => {
      const { open, errors } = await serve((exchange) => exchange.respond(status as number, [], null));
      const client = await open();
      expect(statuses(await client.send(last).untilEnd())).toEqual([500]);
      expect(errors).toMatchObject([{ name: "ExchangeError" }]);
    },
  );
});

describe("header lists", () => {
  test("a frozen list is sent the same each time, and one that changed is looked through anew", async () => {
    const frozen = Object.freeze(["x-a", "1"]);
    const open_ = ["x-a", "1"];
    const { open } = await serve((exchange) => {
      exchange.respond(200, exchange.target === "/frozen" ? frozen : open_, null);
      open_[1] = "2";
    });
    const client = await open();
    for (const [target, value] of [
      ["/frozen", 1],
      ["/frozen", 1],
      ["/", 2],
      ["/", 2],
    ] as const) {
      client.received = "";
      await client.send(get("", `GET ${target} HTTP/1.1`)).until((text) => text.endsWith("\r\n\r\n"));
      expect(client.received).toContain(`x-a: ${value}\r\n`);
    }
  });
});

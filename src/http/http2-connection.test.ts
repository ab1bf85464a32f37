import { once } from "node:events";
import type { ClientHttp2Stream } from "node:http2";
import { connect as connectTcp } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { missingOpenssl } from "../../test/support/certificates.ts";
import {
  CANCEL,
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  frame,
  GOAWAY,
  get,
  HEADERS,
  headerBlock,
  INITIAL_WINDOW_SIZE,
  INTERNAL_ERROR,
  NO_ERROR,
  PING,
  PROTOCOL_ERROR,
  post,
  RST_STREAM,
  uint32,
  WINDOW_UPDATE,
} from "../../test/support/frame-client.ts";
import { ask, serveTls, testCertificates } from "../../test/support/tls-server.ts";
import { until } from "../../test/support/until.ts";
import { Listener } from "../net/listener/listener.ts";
import type { Exchange, ExchangeHandler } from "./exchange.ts";
import { HttpServer } from "./server.ts";

const errors: unknown[] = [];
afterEach(() => {
  errors.length = 0;
});

const serve: typeof serveTls = (handler, options = {}, tls = {}) =>
  serveTls(handler, { onError: (error) => errors.push(error), ...options }, tls);

const hello: ExchangeHandler = (exchange) => exchange.respond(200, [], "hello");
const echo: ExchangeHandler = async (exchange) =>
  exchange.respond(200, [], (await exchange.body?.bytes()) ?? "nothing");
/** Answers with what went wrong when the body was read. */
const tellBody: ExchangeHandler = async (exchange) => {
  try {
    exchange.respond(200, [], await exchange.body!.bytes());
  } catch (error) {
    const { status, code } = error as { status: number; code: string };
    exchange.respond(status, [], code);
  }
};

/** Sends a million bytes as they are taken, and tells how many were. */
function sendMegabyte(stream: ClientHttp2Stream, onSent: (bytes: number) => void, sent = 0): void {
  onSent(sent);
  if (sent === 1_000_000) stream.end();
  else stream.write(Buffer.alloc(10_000), () => sendMegabyte(stream, onSent, sent + 10_000));
}

describe.skipIf(missingOpenssl !== "")(`HTTP/2 ${missingOpenssl}`, () => {
  describe("answers", () => {
    test("have a length and a date, and fields of HTTP/1.1's connections are left out", async () => {
      const { connect } = await serve((exchange) =>
        exchange.respond(426, ["Upgrade", "websocket", "te", "x", "a", " b\t"], "hello"),
      );
      const { headers, status, body } = await ask(connect(), {});
      expect(status).toBe(426);
      expect(headers).toEqual({ "content-length": "5", date: expect.stringMatching(/ GMT$/), a: "b" });
      expect(body.toString()).toBe("hello");
    });

    test("a date of the application's own stands", async () => {
      const { connect } = await serve((exchange) => exchange.respond(200, ["Date", "yesterday"], ""));
      expect((await ask(connect(), {})).headers["date"]).toBe("yesterday");
    });

    test("a field that node:http2 takes for one that may stand once is sent joined", async () => {
      const { connect } = await serve((exchange) =>
        exchange.respond(200, ["etag", '"a"', "etag", '"b"', "__proto__", "x", "12", "y"], ""),
      );
      const { headers } = await ask(connect(), {});
      expect(headers["etag"]).toBe('"a", "b"');
      expect(headers["12"]).toBe("y");
    });

    test("205 has no content, whatever the application gives", async () => {
      const { connect } = await serve((exchange) => {
        if (exchange.target === "/whole") return exchange.respond(205, [], null);
        const writer = exchange.start(205, []);
        writer.write("x");
        writer.end(["x", "y"]);
      });
      const session = connect();
      for (const path of ["/whole", "/stream"]) {
        expect(await ask(session, { ":path": path })).toMatchObject({ status: 205, complete: true });
      }
    });

    test("a header section larger than a frame", async () => {
      const { open } = await serve((exchange) => exchange.respond(200, ["x", "é".repeat(100_000)], "z"));
      const client = await open();
      client.headers(1, get);
      await client.until(() => client.body(1) === "z");
      const section = [...client.of(HEADERS, 1), ...client.of(CONTINUATION, 1)];
      expect(section.reduce((sum, { payload }) => sum + payload.length, 0)).toBeGreaterThan(100_000);
    });

    test("end with their last bytes, and need no empty frame", async () => {
      const { open } = await serve(hello);
      const client = await open();
      client.headers(1, get);
      await client.until(() => client.of(DATA, 1).length > 0);
      expect(client.of(DATA, 1).map(({ flags, payload }) => [flags, payload.length])).toEqual([
        [END_STREAM, 5],
      ]);
      await client.send(frame(PING, 0, 0, "12345678")).until(() => client.of(PING).length > 0);
      expect(client.of(RST_STREAM)).toEqual([]);
    });

    test("a producer waits for a slow client", async () => {
      let produced = 0;
      const { open } = await serve(async (exchange) => {
        const writer = exchange.start(200, []);
        for (let i = 0; i < 100; i++) {
          await writer.write(Buffer.alloc(100_000, 65 + (i % 26)));
          produced += 100_000;
        }
        writer.end();
      });
      const client = await open();
      client.headers(1, get);
      await client.until(() => client.body(1).length === 65_535);
      await sleep(50);
      expect(produced).toBeLessThan(300_000);
      const opening = setInterval(
        () => client.send(frame(WINDOW_UPDATE, 0, 0, uint32(1e6)), frame(WINDOW_UPDATE, 0, 1, uint32(1e6))),
        5,
      );
      onTestFinished(() => clearInterval(opening));
      await client.until(() => client.of(DATA, 1).some(({ flags }) => flags & END_STREAM));
      expect(client.body(1)).toBe(
        Array.from({ length: 100 }, (_, i) => String.fromCharCode(65 + (i % 26)).repeat(100_000)).join(""),
      );
    });

    test("many at once, each its own", async () => {
      const { connect } = await serve(async (exchange) => {
        await sleep(Number(exchange.target.slice(1)) % 7);
        exchange.respond(200, [], `<${exchange.target}>${"x".repeat(20_000)}`);
      });
      const session = connect();
      const answers = await Promise.all(
        Array.from({ length: 90 }, (_, i) => ask(session, { ":path": `/${i}` })),
      );
      expect(answers.map(({ body }) => body.toString().slice(0, 5))).toEqual(
        answers.map((_, i) => `</${i}>${"x".repeat(20_000)}`.slice(0, 5)),
      );
      expect(answers.every(({ body, complete }) => complete && body.length > 20_000)).toBe(true);
    });
  });

  describe("requests that are none", () => {
    test.each<[string, readonly string[]]>([
      ["a name in upper case", [...get, "Foo", "x"]],
      ["connection", [...get, "connection", "close"]],
      ["transfer-encoding", [...get, "transfer-encoding", "chunked"]],
      ["upgrade", [...get, "upgrade", "websocket"]],
      ["te other than trailers", [...get, "te", "gzip"]],
      ["no path", get.slice(0, 6)],
      ["an empty path", [...get.slice(0, 6), ":path", ""]],
      ["no method", get.slice(2)],
      ["no scheme", [...get.slice(0, 2), ...get.slice(4)]],
      ["neither authority nor host", [...get.slice(0, 4), ":path", "/"]],
      ["a path twice", [...get, ":path", "/"]],
      ["a pseudo-header field behind others", [...get.slice(0, 6), "a", "b", ":path", "/"]],
      ["an unknown pseudo-header field", [...get, ":status", "200"]],
      [":protocol, which was not offered", [...get, ":protocol", "websocket"]],
      ["two lengths", [...get, "content-length", "0", "content-length", "0"]],
      ["a length without content", [...get, "content-length", "1"]],
    ])("%s: the stream is reset, and the connection goes on", async (_, fields) => {
      let called = 0;
      const { open } = await serve((exchange) => {
        called++;
        exchange.respond(200, [], "x");
      });
      const client = await open();
      client.headers(1, fields).headers(3, get);
      await client.until(() => client.resetCode(1) !== undefined && client.status(3) === 200);
      expect(client.resetCode(1)).toBe(PROTOCOL_ERROR);
      expect(called).toBe(1);
    });

    test("what is refused with a status has it, and its body is not waited for", async () => {
      const { open } = await serve(hello);
      const client = await open();
      client.headers(1, [...post, "host", "example.org"], END_HEADERS);
      client.headers(3, [":method", "HEAD", ...get.slice(2, 6), ":path", "/#"]);
      client.headers(5, [":method", "CONNECT", ":authority", "localhost:1"], END_HEADERS);
      await client.until(() => client.resetCode(1) !== undefined && client.resetCode(5) !== undefined);
      expect([1, 3, 5].map((id) => client.status(id))).toEqual([400, 400, 501]);
      expect([client.resetCode(1), client.resetCode(5)]).toEqual([NO_ERROR, NO_ERROR]);
      expect(client.body(1)).toBe("Host and :authority name different hosts\n");
      expect(client.body(3)).toBe("");
      client.headers(7, get);
      await client.until(() => client.status(7) === 200);
    });

    test("a field that nghttp2 takes for malformed does not reach the application", async () => {
      const { open } = await serve((exchange) => exchange.respond(200, [], exchange.headers.list.join()));
      const client = await open();
      client.headers(1, [...get, "a", "x\ny", "b", "x\0y", "c d", "x", "", "x", "e", "sound"]);
      await client.until(() => client.body(1) !== "" || client.resetCode(1) !== undefined);
      expect(["host,localhost,e,sound", ""]).toContain(client.body(1));
    });
  });

  describe("request bodies", () => {
    test("padded and in pieces of all sizes, and large ones", async () => {
      const { open, connect } = await serve(echo);
      const client = await open();
      client.headers(1, post, END_HEADERS);
      const PADDED = 0x8;
      client.send(
        frame(DATA, 0, 1, "a"),
        frame(DATA, PADDED, 1, "\x03bc\0\0\0"),
        frame(DATA, 0, 1),
        frame(DATA, 0, 1, "d".repeat(600)),
        frame(DATA, END_STREAM, 1, "e".repeat(16_384)),
      );
      await client.until(() => client.of(DATA, 1).some(({ flags }) => flags & END_STREAM));
      expect(client.body(1)).toBe(`abc${"d".repeat(600)}${"e".repeat(16_384)}`);
      const bytes = Buffer.from(Array.from({ length: 1_000_000 }, (_, i) => i % 251));
      const { body } = await ask(connect(), { ":method": "POST" }, { send: (stream) => stream.end(bytes) });
      expect(body.equals(bytes)).toBe(true);
    });

    test("a length of 0, and an end without content", async () => {
      const { open } = await serve(async (exchange) =>
        exchange.respond(200, [], `${exchange.body === null} ${(await exchange.body?.bytes())?.length}`),
      );
      const client = await open();
      client.headers(1, [...post, "content-length", "0"], END_HEADERS).send(frame(DATA, END_STREAM, 1));
      client.headers(3, post, END_HEADERS).send(frame(DATA, END_STREAM, 3));
      client.headers(5, post);
      await client.until(() => [1, 3, 5].every((id) => client.body(id) !== ""));
      expect([1, 3, 5].map((id) => client.body(id))).toEqual(["true undefined", "false 0", "true undefined"]);
    });

    test("trailers, and such as may not be trailers", async () => {
      const { open } = await serve(async (exchange) => {
        try {
          const length = (await exchange.body?.bytes())?.length;
          exchange.respond(200, [], `${length} ${exchange.body?.trailers?.list}`);
        } catch (error) {
          exchange.respond((error as { status: number }).status, [], (error as Error).message);
        }
      });
      const client = await open();
      const fields = [
        ["x-sum", "3"],
        ["content-type", "x"],
        Array.from({ length: 30 }, () => ["a", "b"]).flat(),
      ];
      fields.forEach((trailers, i) => {
        const id = 2 * i + 1;
        client.headers(id, post, END_HEADERS).send(frame(DATA, 0, id, "abc"));
        client.headers(id, trailers);
      });
      await client.until(() => [1, 3, 5].every((id) => client.body(id) !== ""));
      expect([1, 3, 5].map((id) => `${client.status(id)} ${client.body(id)}`)).toEqual([
        "200 3 x-sum,3",
        "400 content-type may not be sent as a trailer",
        "431 more than 20 trailer lines",
      ]);
    });

    test("100 is sent when the body is first asked for, and not when it isn't", async () => {
      const { open } = await serve(async (exchange) => {
        if (exchange.target === "/refuse") return exchange.respond(413, [], "no");
        await sleep(20);
        await echo(exchange);
      });
      const client = await open();
      const expecting = [...post, "expect", "100-continue"];
      client.headers(1, expecting, END_HEADERS);
      await client.until(() => client.of(HEADERS, 1).length === 1);
      expect(client.status(1)).toBeUndefined();
      client.send(frame(DATA, END_STREAM, 1, "now"));
      await client.until(() => client.body(1) === "now");
      expect(client.of(HEADERS, 1).length).toBe(2);
      client.headers(3, [...expecting.slice(0, 6), ":path", "/refuse", ...expecting.slice(8)], END_HEADERS);
      await client.until(() => client.resetCode(3) !== undefined);
      expect([client.status(3), client.resetCode(3), client.of(HEADERS, 3).length]).toEqual([
        413,
        NO_ERROR,
        1,
      ]);
    });

    test("a handler that doesn't read holds the sender, and no other stream", async () => {
      let go = (): void => {};
      const waiting = new Promise<void>((resolve) => {
        go = resolve;
      });
      const { connect } = await serve(async (exchange) => {
        if (exchange.target === "/other") return exchange.respond(200, [], "other");
        await waiting;
        exchange.respond(200, [], String((await exchange.body!.bytes()).length));
      });
      const session = connect();
      let sent = 0;
      const answer = ask(
        session,
        { ":method": "POST" },
        {
          send: (stream) => sendMegabyte(stream, (bytes) => (sent = bytes)),
        },
      );
      await until(() => sent > 50_000);
      expect((await ask(session, { ":path": "/other" })).body.toString()).toBe("other");
      await sleep(50);
      expect(sent).toBeLessThan(70_000);
      go();
      expect((await answer).body.toString()).toBe("1000000");
    });

    test("a reader that stops for a while holds the sender, and then gets the rest", async () => {
      let sent = 0;
      const { connect } = await serve(async (exchange) => {
        let length = (await exchange.body!.read())?.length ?? 0;
        // What is in the window, what waits here, and what was under way.
        await until(() => sent >= 60_000);
        await sleep(100);
        const held = sent < 300_000;
        for await (const piece of exchange.body!) length += piece.length;
        exchange.respond(200, [], `${length} ${held}`);
      });
      const { body } = await ask(
        connect(),
        { ":method": "POST" },
        {
          send: (stream) => sendMegabyte(stream, (bytes) => (sent = bytes)),
        },
      );
      expect(body.toString()).toBe("1000000 true");
    });

    test("a client that resets, with whatever code, or sends other than it announced", async () => {
      const seen: string[] = [];
      const { open } = await serve(async (exchange) => {
        const outcome = await exchange.body!.bytes().then(
          () => "whole",
          (error: { status: number; code: string }) => `${error.status} ${error.code}`,
        );
        await until(() => exchange.closed);
        seen.push(`${outcome} ${exchange.signal.aborted}`);
      });
      const client = await open();
      [CANCEL, NO_ERROR, INTERNAL_ERROR].forEach((code, i) => {
        const id = 2 * i + 1;
        client.headers(id, post, END_HEADERS).send(frame(DATA, 0, id, "abc"));
        client.send(frame(RST_STREAM, 0, id, uint32(code)));
      });
      // Apart, or nghttp2 has no handler called at all.
      client.headers(7, [...post, "content-length", "2"], END_HEADERS);
      client.headers(9, post, END_HEADERS).send(frame(DATA, 0, 9, "abc"));
      await sleep(20);
      client.send(frame(DATA, END_STREAM, 7, "a"), frame(RST_STREAM, 0, 9, uint32(NO_ERROR)));
      await client.until(() => client.resetCode(7) === PROTOCOL_ERROR);
      // More than it announced; that is the end of the connection for some versions of nghttp2.
      client.headers(11, [...post, "content-length", "2"], END_HEADERS);
      await sleep(20);
      client.send(frame(DATA, END_STREAM, 11, "abc"));
      await client.until(() => client.ended || client.resetCode(11) === PROTOCOL_ERROR);
      await until(() => seen.length >= 3);
      expect(new Set(seen)).toEqual(new Set(["400 incomplete-body true"]));
    });

    test("too large, by announcement or by count: 413 for the reader, and the rest is not read", async () => {
      const { open } = await serve(tellBody, { limits: { maxBodyBytes: 1000, maxDrainBytes: 2000 } });
      const client = await open();
      client.headers(1, [...post, "content-length", "100000"], END_HEADERS);
      client.headers(3, post, END_HEADERS).send(frame(DATA, 0, 3, "x".repeat(1500)));
      await client.until(() => client.resetCode(1) !== undefined && client.body(3) !== "");
      expect([1, 3].map((id) => `${client.status(id)} ${client.body(id)}`)).toEqual([
        "413 body-too-large",
        "413 body-too-large",
      ]);
      await client.until(() => client.resetCode(3) !== undefined);
      expect([1, 3].map((id) => client.resetCode(id))).toEqual([NO_ERROR, NO_ERROR]);
    });

    test("an unread rest is dropped: its stream ends with it, when it is too much, or at a deadline", async () => {
      const { open, server } = await serve(hello, { limits: { bodyTimeout: 2000, maxDrainBytes: 10_000 } });
      const client = await open();
      for (const id of [1, 3, 5]) client.headers(id, post, END_HEADERS);
      client.headers(7, [...post, "content-length", "10001"], END_HEADERS);
      await client.until(() => [1, 3, 5, 7].every((id) => client.body(id) === "hello"));
      client.send(frame(DATA, END_STREAM, 1, "x".repeat(9000)), frame(DATA, 0, 3, "x".repeat(11_000)));
      await client.until(() => client.resetCode(3) === NO_ERROR && client.resetCode(7) === NO_ERROR);
      expect(client.resetCode(5)).toBeUndefined();
      await client.until(() => client.resetCode(5) === NO_ERROR);
      expect(client.resetCode(1)).toBeUndefined();
      expect(server.connections).toBe(1);
    });

    test("a second reader at the same time is a fault", async () => {
      const { open } = await serve(async (exchange) => {
        const first = exchange.body!.read();
        await expect(exchange.body!.read()).rejects.toThrow("is being read already");
        exchange.respond(200, [], (await first) ?? "");
      });
      const client = await open();
      client.headers(1, post, END_HEADERS);
      await sleep(20);
      client.send(frame(DATA, END_STREAM, 1, "one"));
      await client.until(() => client.body(1) === "one");
    });
  });

  describe("ends before their time", () => {
    test("an abort resets the stream alone", async () => {
      let exchange: Exchange | undefined;
      const { open } = await serve((each) => {
        if (each.target === "/other") return each.respond(200, [], "other");
        exchange = each;
        each.start(200, []).write("begun");
      });
      const client = await open();
      client.headers(1, get);
      await client.until(() => client.body(1) === "begun");
      exchange?.abort();
      await client.until(() => client.resetCode(1) !== undefined);
      expect(client.resetCode(1)).toBe(INTERNAL_ERROR);
      client.headers(3, [...get.slice(0, 6), ":path", "/other"]);
      await client.until(() => client.body(3) === "other");
    });

    test("a throw is 500 without a word of the inside, or a reset, and is reported", async () => {
      const { connect } = await serve(async (exchange) => {
        if (exchange.target === "/begun") exchange.start(200, []).write("begun");
        if (exchange.target === "/async") await null;
        throw new Error("secret");
      });
      const session = connect();
      for (const path of ["/sync", "/async"]) {
        const { status, body } = await ask(session, { ":path": path });
        expect([status, body.toString()]).toEqual([500, "Internal Server Error\n"]);
      }
      expect(await ask(session, { ":path": "/begun" })).toMatchObject({
        status: 200,
        resetCode: INTERNAL_ERROR,
      });
      expect(errors.map((error) => (error as Error).message)).toEqual(["secret", "secret", "secret"]);
    });

    test("a synchronous throw too", async () => {
      const { connect } = await serve(() => {
        throw new Error("secret");
      });
      expect((await ask(connect(), {})).status).toBe(500);
      expect(errors.length).toBe(1);
    });

    test("a client that resets aborts the signal, whatever the code", async () => {
      const aborted: string[] = [];
      const { open } = await serve(async (exchange) => {
        const { signal } = exchange;
        await until(() => signal.aborted);
        aborted.push((signal.reason as Error).name);
        exchange.respond(200, [], "nobody listens");
      });
      const client = await open();
      for (const [id, code] of [
        [1, CANCEL],
        [3, NO_ERROR],
      ] as const) {
        client.headers(id, get);
        await sleep(20);
        client.send(frame(RST_STREAM, 0, id, uint32(code)));
      }
      await until(() => aborted.length === 2);
      expect(aborted).toEqual(["AbortError", "AbortError"]);
      expect(errors).toEqual([]);
    });
  });

  describe("deadlines", () => {
    const slow = { keepAliveTimeout: 1, firstByteTimeout: 10_000, rateGrace: 60_000 };

    test("an idle connection is ended with GOAWAY", async () => {
      const { open } = await serve(hello, { limits: slow });
      const client = await open();
      client.headers(1, get);
      await client.untilEnded();
      expect([client.status(1), client.goAwayCode]).toEqual([200, NO_ERROR]);
    });

    test("one whose request is being answered isn't", async () => {
      const { open } = await serve(
        async (exchange) => {
          await sleep(1500);
          exchange.respond(200, [], "late");
        },
        { limits: { ...slow, firstByteTimeout: 1 } },
      );
      const client = await open();
      client.headers(1, get);
      await client.until(() => client.body(1) === "late");
    });

    test("a body that stops, and one that drips, is the reader's 408", async () => {
      const { open } = await serve(tellBody, {
        limits: { bodyTimeout: 600, minBodyRate: 1000, rateGrace: 1500 },
      });
      const client = await open();
      client.headers(1, post, END_HEADERS).headers(3, post, END_HEADERS);
      const drip = setInterval(() => client.send(frame(DATA, 0, 3, "x")), 50);
      onTestFinished(() => clearInterval(drip));
      await client.until(() => client.body(1) !== "" && client.body(3) !== "");
      expect([1, 3].map((id) => `${client.status(id)} ${client.body(id)}`)).toEqual([
        "408 body-timeout",
        "408 body-timeout",
      ]);
    });

    test("an answer that is taken too slowly is reset, others are not", async () => {
      const { open } = await serve((exchange) => exchange.respond(200, [], "x".repeat(100_000)), {
        limits: { minAnswerRate: 100_000, rateGrace: 200, keepAliveTimeout: 60_000 },
      });
      const client = await open([INITIAL_WINDOW_SIZE, 0]);
      client.headers(1, get).headers(3, get);
      client.send(frame(WINDOW_UPDATE, 0, 0, uint32(1e6)), frame(WINDOW_UPDATE, 0, 3, uint32(1e6)));
      const drip = setInterval(() => client.send(frame(WINDOW_UPDATE, 0, 1, uint32(1000))), 50);
      onTestFinished(() => clearInterval(drip));
      await client.until(() => client.resetCode(1) !== undefined);
      expect(client.body(3).length).toBe(100_000);
      expect(client.ended).toBe(false);
    });
  });

  describe("closing", () => {
    test("answers what was asked, takes nothing new, and ends idle connections", async () => {
      let answer = (): void => {};
      const { server, open } = await serve(async (exchange) => {
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
        exchange.respond(200, [], "late");
      });
      const [idle, busy] = [await open(), await open()];
      busy.headers(1, get);
      await until(() => server.connections === 2 && answer.name !== "");
      await busy.send(frame(PING, 0, 0, "12345678")).until(() => busy.of(PING).length > 0);
      const closing = server.close({ deadline: 20_000, idleGrace: 0 });
      await idle.untilEnded();
      await busy.until(() => busy.of(GOAWAY).length > 0);
      expect(idle.goAwayCode).toBe(NO_ERROR);
      // The last stream that is answered: a client may ask for others again elsewhere (RFC 9113 §6.8).
      expect(busy.of(GOAWAY)[0]?.payload.readUInt32BE(0)).toBe(1);
      busy.headers(3, get);
      answer();
      await busy.untilEnded();
      expect([busy.body(1), busy.status(3)]).toEqual(["late", undefined]);
      expect(await closing).toEqual({ finished: 2, aborted: 0 });
    });

    test("within the grace, a request that was on its way is answered", async () => {
      const { server, open } = await serve(hello);
      const client = await open();
      await until(() => server.connections === 1);
      const closing = server.close({ idleGrace: 1000 });
      client.headers(1, get);
      await client.untilEnded();
      expect(client.body(1)).toBe("hello");
      expect(await closing).toEqual({ finished: 1, aborted: 0 });
    });

    test("cuts the rest at the deadline", async () => {
      let signal: AbortSignal | undefined;
      const { server, open } = await serve((exchange) => {
        signal = exchange.signal;
        return new Promise<void>(() => {});
      });
      const client = await open();
      client.headers(1, get);
      await until(() => signal !== undefined);
      expect(await server.close({ deadline: 100, idleGrace: 10 })).toEqual({ finished: 0, aborted: 1 });
      expect(signal?.aborted).toBe(true);
      await client.untilEnded();
    });

    test("after its last request a connection is ended, and the request answered", async () => {
      const { open } = await serve(hello, { limits: { maxRequestsPerConnection: 3 } });
      const client = await open();
      for (const id of [1, 3, 5]) {
        client.headers(id, get);
        await client.until(() => client.body(id) === "hello");
      }
      await client.untilEnded();
      expect(client.goAwayCode).toBe(NO_ERROR);
      expect(client.of(GOAWAY)[0]?.payload.readUInt32BE(0)).toBe(5);
    });
  });

  describe("which version is spoken", () => {
    async function agree(port: number, ALPNProtocols: string[] | undefined): Promise<string | false | null> {
      const socket = connectTls({
        ...{ port, host: "127.0.0.1", rejectUnauthorized: false },
        ...(ALPNProtocols && { ALPNProtocols }),
      });
      onTestFinished(() => void socket.destroy());
      await once(socket, "secureConnect");
      return socket.alpnProtocol;
    }
    const both = ["http/1.1", "h2"];

    test("HTTP/2 where the client offers it, else HTTP/1.1", async () => {
      const { port } = await serve(hello);
      expect(await agree(port, both)).toBe("h2");
      expect(await agree(port, ["http/1.1"])).toBe("http/1.1");
      expect(await agree(port, undefined)).toBe(false);
    });

    test("it can be turned off for a server, or a listener", async () => {
      expect(await agree((await serve(hello, { http2: false })).port, both)).toBe("http/1.1");
      expect(await agree((await serve(hello, {}, { alpnProtocols: ["http/1.1"] })).port, both)).toBe(
        "http/1.1",
      );
    });

    test("a connection that came from elsewhere", async () => {
      const { tls } = await testCertificates();
      const server = new HttpServer((exchange) => exchange.respond(200, [], exchange.httpVersion));
      const listener = await Listener.open(
        { kind: "tcp", host: "127.0.0.1", port: 0 },
        (transport) => server.serve(transport),
        { tls: { ...tls, alpnProtocols: ["h2"] } },
      );
      onTestFinished(async () => {
        listener.close();
        await server.close({ deadline: 0 });
      });
      const { FrameClient } = await import("../../test/support/frame-client.ts");
      const client = await FrameClient.open(listener.address.kind === "tcp" ? listener.address.port : 0);
      onTestFinished(() => client.close());
      client.headers(1, get);
      await client.until(() => client.body(1) === "2.0");
    });
  });

  test("the ends of the connection, a proxy's word included", async () => {
    const { tls } = await testCertificates();
    const server = new HttpServer((exchange) => {
      const { remoteAddress, remotePort, encrypted, tls: facts, proxied } = exchange.connection;
      const told = [remoteAddress, remotePort, encrypted, facts?.alpn, proxied !== undefined];
      exchange.respond(200, [], told.join());
    });
    const address = await server.listen(
      { kind: "tcp", host: "127.0.0.1", port: 0 },
      { tls, proxyProtocol: { from: ["127.0.0.1"] } },
    );
    onTestFinished(async () => {
      await server.close({ deadline: 0 });
    });
    const tcp = connectTcp(address.kind === "tcp" ? address.port : 0, "127.0.0.1");
    tcp.write("PROXY TCP4 192.0.2.1 192.0.2.2 1234 443\r\n");
    const socket = connectTls({ socket: tcp, rejectUnauthorized: false, ALPNProtocols: ["h2"] });
    onTestFinished(() => void socket.destroy());
    await once(socket, "secureConnect");
    socket.write(Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
    socket.write(frame(0x4, 0, 0));
    socket.write(frame(HEADERS, END_HEADERS | END_STREAM, 1, headerBlock(get)));
    let received = "";
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString("latin1");
    });
    await until(() => received.includes("192.0.2.1,1234,true,h2,true"));
  });
});

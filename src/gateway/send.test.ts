import { runInNewContext } from "node:vm";
import { describe, expect, it, vi } from "vitest";
import { MemoryExchange } from "./memory-exchange.ts";
import { Response } from "./response.ts";
import { isForeignResponse, sendPieces, sendResponse } from "./send.ts";

const Platform = globalThis.Response;
const encoder = new TextEncoder();

/** A stream that gives a piece each time it is pulled, and tells what became of it. */
function counted(last = Number.POSITIVE_INFINITY, failure?: Error) {
  const seen = { pulled: 0, cancelled: undefined as unknown };
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (seen.pulled === last)
          return failure === undefined ? controller.close() : controller.error(failure);
        controller.enqueue(encoder.encode(String(seen.pulled++ % 10)));
      },
      cancel(reason) {
        seen.cancelled = reason;
      },
    },
    { highWaterMark: 0 },
  );
  return { seen, stream };
}

/** A stream that has a piece, and then keeps silent. */
function startedStream(text: string): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.enqueue(encoder.encode(text)) });
}

/** Lets everything that is ready run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("sendResponse", () => {
  it("sends text, bytes and nothing at once", () => {
    for (const [body, text] of [
      ["text", "text"],
      [encoder.encode("bytes"), "bytes"],
      [null, ""],
    ] as const) {
      const exchange = new MemoryExchange("/");
      const sending = sendResponse(exchange, new Response(body, { status: 202, headers: { a: "b" } }));
      expect(sending).toBeUndefined();
      expect([exchange.responseStatus, exchange.responseHeader("a"), exchange.takeText()]).toEqual([
        202,
        "b",
        text,
      ]);
    }
  });

  it("sends streams, blobs and async iterables", async () => {
    async function* pieces() {
      yield "1";
      yield encoder.encode("2");
    }
    for (const body of [counted(3).stream, new Blob(["012"]), pieces()]) {
      const exchange = new MemoryExchange("/");
      await sendResponse(exchange, new Response(body));
      expect(exchange.complete).toBe(true);
      expect(exchange.takeText()).toMatch(/^(012|12)$/);
    }
    const blob = new MemoryExchange("/");
    await sendResponse(blob, new Response(new Blob(["abc"], { type: "text/css" })));
    expect(blob.responseHeaders).toEqual(["content-type", "text/css", "content-length", "3"]);
  });

  it("sends the platform's responses, of this realm and of another's make", async () => {
    const headers = [
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
      ["connection", "close"],
    ] as [string, string][];
    const exchange = new MemoryExchange("/");
    await sendResponse(exchange, new Platform("text", { status: 203, headers }));
    expect(exchange.responseStatus).toBe(203);
    expect(exchange.responseHeaders).toEqual([
      ...["connection", "close"],
      ...["content-type", "text/plain;charset=UTF-8"],
      ...["set-cookie", "a=1", "set-cookie", "b=2"],
    ]);
    expect(exchange.takeText()).toBe("text");

    const foreign = runInNewContext(
      `class Response { status = 200; bodyUsed = false; headers = [["a", "b"]]; body = null; get [Symbol.toStringTag]() { return "Response" } }
      new Response()`,
    );
    expect(isForeignResponse(foreign)).toBe(true);
    const empty = new MemoryExchange("/");
    expect(sendResponse(empty, foreign)).toBeUndefined();
    expect([empty.responseHeader("a"), empty.complete]).toEqual(["b", true]);
    for (const other of [{}, { status: 200, headers: [], body: null }, new Blob([])]) {
      expect(isForeignResponse(other)).toBe(false);
    }
  });

  it("refuses responses that can't be sent", async () => {
    const used = new Response("text");
    await used.text();
    const sent = new Response("text");
    sendResponse(new MemoryExchange("/"), sent);
    const foreign = new Platform("text");
    await foreign.text();
    for (const response of [used, sent, foreign, Response.error(), Platform.error()]) {
      const exchange = new MemoryExchange("/");
      expect(() => sendResponse(exchange, response)).toThrow(TypeError);
      expect(exchange.started).toBe(false);
    }
  });

  it("reads a stream no faster than the client", async () => {
    const { seen, stream } = counted(100);
    const exchange = new MemoryExchange("/", { highWaterMark: 4 });
    const sending = sendResponse(exchange, new Response(stream));
    await settle();
    expect(seen.pulled).toBe(5);
    expect(exchange.takeText()).toBe("01234");
    await settle();
    expect(seen.pulled).toBe(10);
    while (!exchange.closed) {
      exchange.take();
      await settle();
    }
    await sending;
    expect([seen.pulled, exchange.complete]).toEqual([100, true]);
  });

  it("cancels the stream when the client goes, waiting for either side", async () => {
    const endless = counted();
    const exchange = new MemoryExchange("/", { highWaterMark: 0 });
    const sending = sendResponse(exchange, new Response(endless.stream));
    await settle();
    exchange.disconnect();
    await sending;
    expect(endless.seen.cancelled).toBe(exchange.signal.reason);
    // The second was asked for in the same turn, to see whether the first is all.
    expect(endless.seen.pulled).toBe(2);

    let cancelled: unknown;
    const silent = new ReadableStream<Uint8Array>({
      cancel(reason) {
        cancelled = reason;
      },
    });
    const waiting = new MemoryExchange("/");
    const sendingSilence = sendResponse(waiting, new Response(silent));
    await settle();
    waiting.disconnect();
    await sendingSilence;
    expect(cancelled).toBe(waiting.signal.reason);
  });

  it("runs a generator's finally when the client goes", async () => {
    let cleaned = false;
    async function* endless() {
      try {
        for (;;) yield "x";
      } finally {
        cleaned = true;
      }
    }
    const exchange = new MemoryExchange("/", { highWaterMark: 0 });
    const sending = sendResponse(exchange, new Response(endless()));
    await settle();
    exchange.disconnect();
    await sending;
    await settle();
    expect(cleaned).toBe(true);
  });

  it("cuts the answer when the stream fails, and says why", async () => {
    const failure = new Error("half way");
    const exchange = new MemoryExchange("/");
    await expect(sendResponse(exchange, new Response(counted(2, failure).stream))).rejects.toBe(failure);
    expect([exchange.aborted, exchange.complete]).toEqual([true, false]);
  });

  it("leaves the exchange unanswered when the stream fails before anything was sent", async () => {
    const failure = new Error("at once");
    const failing = new MemoryExchange("/");
    await expect(sendResponse(failing, new Response(counted(0, failure).stream))).rejects.toBe(failure);
    expect([failing.started, failing.closed]).toEqual([false, false]);
    let cancelled = false;
    const wrong = new ReadableStream({
      pull: (controller) => controller.enqueue(1),
      cancel() {
        cancelled = true;
      },
    });
    const exchange = new MemoryExchange("/");
    await expect(sendResponse(exchange, new Response(wrong))).rejects.toThrow(/a piece of a body/);
    expect([exchange.started, cancelled]).toEqual([false, true]);
  });

  it("sends a stream that ends behind its first piece whole, and begins any other at once", async () => {
    for (const [response, text] of [
      [new Platform("text"), "text"],
      [new Platform(encoder.encode("bytes")), "bytes"],
      [new Platform(""), ""],
      [new Response(counted(1).stream), "0"],
    ] as const) {
      const exchange = new MemoryExchange("/");
      const start = vi.spyOn(exchange, "start");
      await sendResponse(exchange, response);
      expect([exchange.takeText(), exchange.complete, start.mock.calls.length]).toEqual([text, true, 0]);
    }
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const exchange = new MemoryExchange("/");
    const sending = sendResponse(exchange, new Platform(readable, { headers: { a: "b" } }));
    await settle();
    expect([exchange.started, exchange.responseHeader("a")]).toEqual([true, "b"]);
    const writer = writable.getWriter();
    await writer.write(encoder.encode("event"));
    await settle();
    expect(exchange.takeText()).toBe("event");
    await writer.close();
    await sending;
    expect(exchange.complete).toBe(true);

    // The first piece is there, and nothing tells when the next comes.
    const held = new MemoryExchange("/");
    void sendResponse(held, new Platform(startedStream("hello")));
    await settle();
    expect([held.takeText(), held.complete]).toEqual(["hello", false]);
  });

  it("sends no response whose header can't be sent", async () => {
    const exchange = new MemoryExchange("/");
    const { seen, stream } = counted();
    const sending = sendResponse(exchange, new Response(stream, { headers: { "transfer-encoding": "x" } }));
    await expect(sending).rejects.toThrow(/transfer-encoding/);
    expect([exchange.started, seen.cancelled]).toEqual([false, expect.any(Error)]);
  });

  it.each([2, 4])("holds a stream of 3 bytes to a content-length of %i", async (length) => {
    const exchange = new MemoryExchange("/");
    const response = new Response(counted(3).stream, { headers: { "content-length": String(length) } });
    await expect(sendResponse(exchange, response)).rejects.toThrow(/announced/);
    expect(exchange).toMatchObject({ aborted: true, complete: false });
  });

  it("doesn't read a stream for HEAD", async () => {
    const { seen, stream } = counted();
    const exchange = new MemoryExchange("/", { method: "HEAD" });
    await sendResponse(exchange, new Response(stream, { headers: { "content-length": "3" } }));
    expect(exchange).toMatchObject({ complete: true, responseStatus: 200 });
    expect(seen.pulled).toBe(0);
  });
});

describe("sendPieces", () => {
  it("begins with the first piece, so that what fails before can still be answered", async () => {
    const failure = new Error("at once");
    const exchange = new MemoryExchange("/");
    await expect(sendPieces(exchange, counted(0, failure).stream, () => [])).rejects.toBe(failure);
    expect(exchange.started).toBe(false);

    const firsts: unknown[] = [];
    const fine = new MemoryExchange("/");
    await sendPieces(fine, ["a", "b"], (first) => {
      firsts.push(first);
      return ["x-first", String(first)];
    });
    expect(firsts).toEqual(["a"]);
    expect([fine.responseHeader("x-first"), fine.takeText(), fine.complete]).toEqual(["a", "ab", true]);
  });

  it("stops when the client goes before the first piece", async () => {
    let cancelled = false;
    const silent = new ReadableStream({
      cancel() {
        cancelled = true;
      },
    });
    const exchange = new MemoryExchange("/");
    const sending = sendPieces(exchange, silent, () => []);
    await settle();
    exchange.disconnect();
    await sending;
    expect(cancelled).toBe(true);
    expect(exchange.started).toBe(false);
  });
});

import { EventEmitter, on, once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { until } from "../../../test/support/until.ts";
import { parseAnswer, requestHead, type ServedApp, serveApp } from "../../../test/web/serve-app.ts";
import { App, type EventProducer, type ServerSentEvent, type SseOptions, sse } from "../index.ts";
import { formatEvent } from "./event-format.ts";

const errors: unknown[] = [];
beforeEach(() => {
  errors.length = 0;
});

async function served(producer: EventProducer, options?: SseOptions): Promise<ServedApp> {
  const app = new App({ logError: (error) => void errors.push(error) });
  app.get("/", () => sse(producer, options));
  return serveApp(app);
}

/** Reads a stream as a browser does (HTML standard, §9.2.6). */
function readEvents(text: string): { type: string; data: string; id: string }[] {
  const events: { type: string; data: string; id: string }[] = [];
  let id = "";
  let type = "";
  let data: string[] = [];
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line === "") {
      if (data.length > 0) events.push({ type: type || "message", data: data.join("\n"), id });
      type = "";
      data = [];
      continue;
    }
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") data.push(value);
    else if (name === "event") type = value;
    else if (name === "id" && !value.includes("\0")) id = value;
  }
  return events;
}

describe("an event's text", () => {
  it.each([
    [{ data: "a" }, "data: a\n\n"],
    [{ data: "a\nb\r\nc\rd" }, "data: a\ndata: b\ndata: c\ndata: d\n\n"],
    [{ data: "" }, "data: \n\n"],
    [{ data: " a" }, "data:  a\n\n"],
    [{ data: { a: "ä\n" } }, 'data: {"a":"ä\\n"}\n\n'],
    [{ data: null }, "data: null\n\n"],
    [{ data: 7, event: "tick", id: "1", retry: 0 }, "event: tick\ndata: 7\nid: 1\nretry: 0\n\n"],
    [{ id: "" }, "id: \n\n"],
    [{ comment: "a\rdata: x" }, ": a\n: data: x\n\n"],
  ] as [ServerSentEvent, string][])("%j", (event, text) => {
    expect(formatEvent(event)).toBe(text);
  });

  it.each([
    [{ data: "x", event: "a\nid: 1" }, /event has no line end/],
    [{ data: "x", event: "a\rb" }, /event has no line end/],
    [{ data: "x", id: "a\rb" }, /id has no line end/],
    [{ data: "x", id: "a\nb" }, /id has no line end/],
    [{ data: "x", id: "a\0b" }, /no NUL/],
    [{ data: "x", id: { toString: () => "a\nb" } as unknown as string }, /id has no line end/],
    [{ retry: 1.5 }, /retry is a whole number/],
    [{ retry: -1 }, /retry is a whole number/],
    [{ retry: "1\ndata: x" as unknown as number }, /retry is a whole number/],
    [{ data: () => {} }, /no form for function/],
    [{}, /the event is empty/],
  ] as [ServerSentEvent, RegExp][])("is refused: %j", (event, message) => {
    expect(() => formatEvent(event)).toThrow(message);
  });

  it("is read as it was meant, whatever the data", () => {
    const text = fc.string({ unit: fc.constantFrom(..."a:\r\n \0ä", "data: ", "id: x\n") });
    fc.assert(
      fc.property(text, text, (data, comment) => {
        const [event, ...others] = readEvents(formatEvent({ data, comment, id: "1", event: "t" }));
        expect(event).toEqual({ type: "t", data: data.replace(/\r\n|\r/g, "\n"), id: "1" });
        expect(others).toEqual([]);
      }),
    );
  });
});

describe("sse", () => {
  it("sends what a generator yields, and ends with it", async () => {
    const { ask } = await served(
      async function* () {
        yield "ä";
        yield { event: "tick", id: "7", data: [1] };
      },
      { retry: 2000, headers: { "x-a": "1", "content-type": "text/plain" } },
    );
    const answer = await ask("GET /");
    expect(answer.complete).toBe(true);
    expect(answer.bytes.toString()).toBe("retry: 2000\n\ndata: ä\n\nevent: tick\ndata: [1]\nid: 7\n\n");
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    expect(answer.headers.get("cache-control")).toBe("no-cache, no-transform");
    expect(answer.headers.get("x-accel-buffering")).toBe("no");
    expect(answer.headers.get("x-a")).toBe("1");
  });

  it("sends what a function sends", async () => {
    const { ask } = await served(async ({ send }) => {
      await send("a");
      await send({ data: "b" });
      void send("not waited for");
    });
    expect((await ask("GET /")).body).toBe("data: a\n\ndata: b\n\ndata: not waited for\n\n");
  });

  it("tells the producer the last event that the client has", async () => {
    const { ask } = await served(async function* ({ lastEventId }) {
      yield { data: lastEventId };
    });
    expect((await ask("GET /", { "last-event-id": "\u00c3\u00a47" })).bytes.toString()).toBe("data: ä7\n\n");
    expect((await ask("GET /")).body).toBe("data: \n\n");
  });

  it("sends the head and each event at once", async () => {
    const emitter = new EventEmitter();
    const { open } = await served(async function* ({ signal }) {
      for await (const [data] of on(emitter, "event", { signal })) yield data as string;
    });
    const client = await open();
    client.send(requestHead("GET /"));
    await client.until((received) => received.includes("\r\n\r\n"));
    await until(() => emitter.listenerCount("event") > 0);
    for (const data of ["one", "two"]) {
      emitter.emit("event", data);
      await client.until((received) => received.includes(`data: ${data}\n\n`));
    }
    client.close();
    await until(() => emitter.listenerCount("event") === 0);
    expect(errors).toEqual([]);
  });

  it("ends the producer when the client leaves: a generator", async () => {
    let ended = false;
    const { open } = await served(async function* () {
      try {
        for (;;) {
          yield "x";
          await sleep(1);
        }
      } finally {
        ended = true;
      }
    });
    const client = await open();
    client.send(requestHead("GET /"));
    await client.until((received) => received.includes("data: x"));
    client.close();
    await until(() => ended);
    expect(errors).toEqual([]);
  });

  it("ends the producer when the client leaves: a function", async () => {
    let reason: unknown;
    let aborted = false;
    const { open } = await served(async ({ send, signal }) => {
      signal.addEventListener("abort", () => {
        aborted = true;
      });
      try {
        for (;;) {
          await send("x");
          await sleep(1);
        }
      } catch (error) {
        reason = error;
        throw error;
      }
    });
    const client = await open();
    client.send(requestHead("GET /"));
    await client.until((received) => received.includes("data: x"));
    client.close();
    await until(() => reason !== undefined);
    expect([(reason as Error).name, aborted]).toEqual(["AbortError", true]);
    expect(errors).toEqual([]);
  });

  it("does not call the producer for HEAD", async () => {
    let calls = 0;
    const { ask } = await served(async function* () {
      calls++;
      yield "x";
    });
    const answer = await ask("HEAD /");
    expect([answer.status, answer.headers.get("content-type"), calls]).toEqual([200, "text/event-stream", 0]);
  });

  it("sends comments while there is nothing else, and no more after the end", async () => {
    const emitter = new EventEmitter();
    const { open } = await served(
      async ({ send }) => {
        await once(emitter, "go");
        await send("x");
      },
      { heartbeat: 1 },
    );
    const client = await open();
    client.send(requestHead("GET /", { connection: "close" }));
    await client.until((received) => received.split(":\n\n").length > 2);
    emitter.emit("go");
    const { body, complete } = parseAnswer(await client.untilEnd());
    expect([body.replaceAll(":\n\n", ""), complete]).toEqual(["data: x\n\n", true]);
  });

  it.each<[string, EventProducer]>([
    [
      "a generator",
      async function* () {
        yield "x";
        await new Promise(setImmediate);
        throw new Error("broken");
      },
    ],
    [
      "a function",
      async ({ send }) => {
        await send("x");
        await new Promise(setImmediate);
        throw new Error("broken");
      },
    ],
    [
      "an event that has no form",
      async function* () {
        yield "x";
        await new Promise(setImmediate);
        yield { id: "broken\nid: 2", data: "x" };
      },
    ],
  ])("breaks the answer when the producer fails: %s", async (_, producer) => {
    const { ask } = await served(producer);
    expect((await ask("GET /")).complete).toBe(false);
    expect(String(errors)).toMatch(/broken/);
  });

  it("answers 500 when the producer fails at once", async () => {
    const { ask } = await served(async () => {
      throw new Error("broken");
    });
    expect((await ask("GET /")).status).toBe(500);
    expect(String(errors)).toMatch(/broken/);
  });

  it("holds a producer that waits, and cuts off a client for whom too much would be kept", async () => {
    let sent = 0;
    let over = false;
    const { open } = await served(async ({ send, signal }) => {
      signal.addEventListener("abort", () => {
        over = true;
      });
      for (; !signal.aborted; sent++) {
        void send("x".repeat(100_000));
        await new Promise(setImmediate);
      }
    });
    const client = await open();
    client.send(requestHead("GET /"));
    client.socket.pause();
    await until(() => over);
    client.socket.resume();
    await client.untilEnd();
    expect(sent).toBeLessThan(1000);
    expect(String(errors)).toMatch(/more than 1048576 bytes of events wait/);

    errors.length = 0;
    let produced = 0;
    const waiting = await served(async function* () {
      for (; produced < 200; produced++) yield "x".repeat(100_000);
    });
    const slow = await waiting.open();
    slow.send(requestHead("GET /", { connection: "close" }));
    slow.socket.pause();
    await sleep(200);
    expect(produced).toBeLessThan(200);
    slow.socket.resume();
    expect(parseAnswer(await slow.untilEnd()).complete).toBe(true);
    expect(errors).toEqual([]);
  });

  it("can be read like any response", async () => {
    const response = sse(async function* () {
      yield "a";
    });
    expect(await response.text()).toBe("data: a\n\n");
  });

  it("refuses a retry that is no number of milliseconds", () => {
    expect(() => sse(async () => {}, { retry: 0.5 })).toThrow(/whole number of milliseconds/);
  });
});

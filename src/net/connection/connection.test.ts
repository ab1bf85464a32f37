/** What a connection's reads and writes do, over a connection in memory. The faults of real sockets are in connection-faults.test.ts. */
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, expectTypeOf, test } from "vitest";
import { Random } from "../../../test/support/random.ts";
import { until } from "../../../test/support/until.ts";
import { lines } from "../codecs/delimiters.ts";
import { jsonLines } from "../codecs/json-lines.ts";
import { lengthPrefixed } from "../codecs/lengths.ts";
import { ConnectionLost, EndOfStream, InvalidData, LimitExceeded, Timeout } from "../errors.ts";
import { type TransportPairOptions, transportPair } from "../transport/memory-transport.ts";
import type { Protocol, Transport } from "../transport/transport.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";

/** Two ends, the first with options. */
function pair(options?: ConnectionOptions, transport?: TransportPairOptions): [Connection, Connection] {
  const [one, other] = transportPair(transport);
  return [new Connection(one, options), new Connection(other)];
}

/** Waits until a number changes no more from one look to the next. */
async function untilStill(look: () => number): Promise<void> {
  let before = Number.NaN;
  await until(() => {
    const still = look() === before;
    before = look();
    return still;
  });
}

const asText = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString("latin1");

/** A transport that records what it is given, and takes it or not. */
class Recorder implements Transport {
  readonly reusesChunks: boolean;
  readonly remoteAddress: undefined;
  readonly remotePort: undefined;
  readonly localAddress: undefined;
  readonly localPort: undefined;
  readonly encrypted = false;
  readonly writes: (string | Uint8Array)[] = [];
  full = false;
  protocol: Protocol | undefined;

  constructor(reusesChunks = false) {
    this.reusesChunks = reusesChunks;
  }
  get bufferedBytes(): number {
    return this.full ? 1 : 0;
  }
  start(protocol: Protocol): void {
    this.protocol = protocol;
  }
  close(): void {}
  write(data: string | Uint8Array): boolean {
    this.writes.push(data);
    return !this.full;
  }
  writePair(head: string, body: Uint8Array): boolean {
    this.write(head);
    return this.write(body);
  }
  pause(): void {}
  resume(): void {}
  end(): void {
    this.writes.push("<end>");
  }
  destroy(): void {
    this.protocol?.onClose(null);
  }
  drain(): void {
    this.protocol?.onDrain();
  }
  get sent(): string {
    return this.writes.map((data) => Buffer.from(data as string).toString()).join("");
  }
}

describe("reading", () => {
  test("chunks come as they are, and the end is null, again and again", async () => {
    const [here, there] = pair();
    const first = here.read();
    await there.write("one");
    expect(asText(await first)).toBe("one");
    await there.write("two");
    await there.end();
    expect(asText(await here.read())).toBe("two");
    expect(await here.read()).toBeNull();
    expect(await here.read()).toBeNull();
    expect(await here.readLine()).toBeNull();
  });

  test("max holds for what is buffered and for what comes", async () => {
    const [here, there] = pair();
    const first = here.read({ max: 2 });
    await there.write("abcde");
    expect(asText(await first)).toBe("ab");
    expect(asText(await here.read({ max: 1 }))).toBe("c");
    expect(asText(await here.read())).toBe("de");
    for (const max of [0, -1, 1.5, Number.NaN]) {
      expect(() => here.read({ max })).toThrow(`a whole number from 1 up, not ${max}`);
    }
  });

  test("an iterator can be left and begun again", async () => {
    const [here, there] = pair({}, { chunkSize: 3 });
    await there.write("abcdefghi");
    await there.end();
    for await (const chunk of here) {
      expect(asText(chunk)).toBe("abc");
      break;
    }
    expect(asText(await here.readExactly(1))).toBe("d");
    const rest: (string | null)[] = [];
    for await (const chunk of here) rest.push(asText(chunk));
    expect(rest.join("")).toBe("efghi");
    for await (const chunk of here) expect.unreachable(String(chunk));
  });

  test.each([1, 2, 3, 7, 1000])("every kind of read finds its bytes in chunks of %i", async (chunkSize) => {
    const [here, there] = pair({}, { chunkSize });
    await there.write("line\r\nnächste\n\n1234head\r\n\r\nbody");
    await there.end();
    expect(await here.readLine()).toBe("line");
    expect(await here.readLine()).toBe("nächste");
    expect(await here.readLine()).toBe("");
    expect(asText(await here.peek(2))).toBe("12");
    expect(asText(await here.readExactly(4))).toBe("1234");
    expect(asText(await here.readExactly(0))).toBe("");
    expect(asText(await here.readUntil("\r\n\r\n"))).toBe("head\r\n\r\n");
    expect(asText(await here.peek(100))).toBe("body");
    expect(await here.readLine()).toBe("body");
    expect(asText(await here.peek(1))).toBe("");
  });

  test("what was read can be put back", async () => {
    const [here, there] = pair();
    await there.write("GET / HTTP");
    const start = await here.readExactly(3);
    here.unread(start);
    expect(asText(await here.read())).toBe("GET");
    expect(asText(await here.read())).toBe(" / HTTP");
  });

  test("text never splits a character", async () => {
    const [here, there] = pair({}, { chunkSize: 1 });
    await there.write("aß→😀z");
    await there.end();
    const parts: string[] = [];
    for await (const part of here.text()) parts.push(part);
    expect(parts).toEqual(["a", "ß", "→", "😀", "z"]);
    expect(await here.readText()).toBeNull();
  });

  test("a character that never becomes whole is replaced at the end", async () => {
    const [here, there] = pair();
    await there.write(Uint8Array.of(0x61, 0xe2, 0x82));
    expect(await here.readText()).toBe("a");
    await there.end();
    expect(await here.readText()).toBe("\ufffd");
    expect(await here.readText()).toBeNull();
  });

  test("invalid UTF-8 in a line is replaced, or an error that takes the line", async () => {
    const [here, there] = pair();
    for (let i = 0; i < 2; i++) await there.write(Buffer.from("a\xffb\n", "latin1"));
    await there.write("next\n");
    expect(await here.readLine()).toBe("a\ufffdb");
    const error = await here.readLine({ fatal: true }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(InvalidData);
    expect(asText((error as InvalidData).bytes)).toBe("a\xffb");
    expect(await here.readLine({ fatal: true })).toBe("next");
  });

  test("four bytes that are kept do not keep the chunk that they came in", async () => {
    const [here, there] = pair();
    await there.write(new Uint8Array(60_000));
    expect((await here.readExactly(4)).buffer.byteLength).toBe(4);
    expect((await here.readUntil(Uint8Array.of(0, 0))).buffer.byteLength).toBe(2);
    expect(((await here.read({ max: 100 })) as Uint8Array).buffer.byteLength).toBe(100);
  });

  test("a small chunk out of a pool does not keep the pool", async () => {
    const recorder = new Recorder();
    const connection = new Connection(recorder);
    const waiting = connection.read();
    recorder.protocol?.onData(new Uint8Array(8192).subarray(0, 4));
    expect((await waiting)?.buffer.byteLength).toBe(4);
  });

  test("a transport that lends its chunks may overwrite them", async () => {
    const recorder = new Recorder(true);
    const connection = new Connection(recorder);
    const lent = Buffer.from("first");
    const waiting = connection.read();
    recorder.protocol?.onData(lent);
    lent.fill("x");
    recorder.protocol?.onData(lent);
    lent.fill("y");
    expect(asText(await waiting)).toBe("first");
    expect(asText(await connection.read())).toBe("xxxxx");
  });
});

describe("errors that take nothing", () => {
  test("LimitExceeded: the bytes stay, a greater limit finds them", async () => {
    const [here, there] = pair();
    await there.write(`${"x".repeat(100)}\n`);
    const error = await here.readLine({ max: 10 }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(LimitExceeded);
    expect(error).toMatchObject({ limit: 10, message: "there is no line end within 10 bytes" });
    await expect(here.readUntil("!", { max: 50 })).rejects.toThrow("no delimiter within 50 bytes");
    expect(await here.readLine({ max: 101 })).toBe("x".repeat(100));
  });

  test("a line has 64 KiB if nothing else is said", async () => {
    const [here, there] = pair();
    void there.write(`${"x".repeat(64 * 1024 - 1)}\n${"x".repeat(64 * 1024)}\n`);
    expect(await here.readLine()).toHaveLength(64 * 1024 - 1);
    await expect(here.readLine()).rejects.toMatchObject({ limit: 65536 });
  });

  test("Timeout: what came stays, and the next read goes on", async () => {
    const [here, there] = pair();
    await there.write("par");
    const error = await here.readLine({ timeout: 20 }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(Timeout);
    expect(error).toMatchObject({ milliseconds: 20 });
    await there.write("tial\n");
    expect(await here.readLine()).toBe("partial");
  });

  test("a connection can have a timeout for reads that say none", async () => {
    const [here, there] = pair({ readTimeout: 20 });
    await expect(here.read()).rejects.toMatchObject({ name: "Timeout", milliseconds: 20 });
    await expect(here.framed(lines()).receive()).rejects.toThrow(Timeout);
    const reading = here.read({ timeout: 0 });
    setTimeout(() => void there.write("late"), 60);
    expect(asText(await reading)).toBe("late");
  });

  test("EndOfStream: it has what came, and that stays", async () => {
    const [here, there] = pair();
    await there.write("abc");
    await there.end();
    const error = await here.readExactly(5).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(EndOfStream);
    expect((error as EndOfStream).message).toBe("the peer ended its side after 3 of 5 bytes");
    expect(asText((error as EndOfStream).partial)).toBe("abc");
    await expect(here.readUntil("\n")).rejects.toThrow("before the delimiter");
    expect(asText(await here.readExactly(3))).toBe("abc");
    await expect(here.readExactly(1)).rejects.toThrow(EndOfStream);
  });

  test("an abort: the signal's reason, before and while it waits", async () => {
    const [here, there] = pair();
    await there.write("par");
    await expect(here.readLine({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
    });
    const controller = new AbortController();
    const reading = here.readLine({ signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(reading).rejects.toThrow("enough");
    const { signal } = new AbortController();
    const again = here.readLine({ signal });
    await there.write("tial\n");
    expect(await again).toBe("partial");
  });

  test("a second read while one waits", async () => {
    const [here, there] = pair();
    const first = here.readLine();
    for (const second of [here.read(), here.peek(1), here[Symbol.asyncIterator]().next()]) {
      await expect(second).rejects.toThrow("a read is under way on this connection");
    }
    expect(() => here.unread(Buffer.from("x"))).toThrow("a read is under way");
    await there.write("fine\n");
    expect(await first).toBe("fine");
  });
});

describe("backpressure", () => {
  test("a reader that stops holds the writer, and nothing is lost", async () => {
    const [here, there] = pair();
    const block = new Uint8Array(32 * 1024);
    let written = 0;
    const writing = (async () => {
      for (let i = 0; i < 64; i++) {
        await there.write(block.fill(i));
        written++;
      }
      await there.end();
    })();
    await untilStill(() => written);
    // Three buffers of 64 KiB are full: the reader's, the transport's, and what was written while it said stop.
    expect(written).toBeLessThan(10);
    expect(there.bufferedBytes).toBeGreaterThan(0);
    let read = 0;
    for await (const chunk of here) {
      for (const at of [0, chunk.length - 1]) expect(chunk[at]).toBe(Math.floor((read + at) / block.length));
      read += chunk.length;
    }
    await writing;
    expect(read).toBe(64 * block.length);
    expect(there.bufferedBytes).toBe(0);
  });

  test("a read that needs more than the mark gets it", async () => {
    const [here, there] = pair({ highWaterMark: 1000 });
    void there.write(new Uint8Array(500_000).fill(1));
    void there.write("!");
    await until(() => there.bufferedBytes > 0);
    expect((await here.readExactly(500_000)).every((byte) => byte === 1)).toBe(true);
    expect(asText(await here.readExactly(1))).toBe("!");
  });
});

describe("writing", () => {
  test("small writes of one turn go out together, in order", async () => {
    const recorder = new Recorder();
    const connection = new Connection(recorder);
    for (let i = 0; i < 10; i++) await connection.write(`${i},`);
    await connection.write(Buffer.from("ü"));
    await connection.write("→");
    await connection.write("");
    expect(recorder.writes).toEqual([]);
    await turn();
    expect(recorder.writes).toHaveLength(1);
    expect(recorder.sent).toBe("0,1,2,3,4,5,6,7,8,9,ü→");
    await connection.write("alone");
    await turn();
    expect(recorder.writes[1]).toBe("alone");
  });

  test("what is large goes out at once, behind what is small, and in slices", async () => {
    const recorder = new Recorder();
    const connection = new Connection(recorder);
    const large = new Random(1).bytes(200_000);
    void connection.write("head");
    void connection.write(large);
    void connection.write("x".repeat(20_000));
    void connection.write("é".repeat(20_000));
    expect(recorder.writes.map(({ length }) => length)).toEqual([
      4, 65536, 65536, 65536, 3392, 20_000, 40_000,
    ]);
    expect(Buffer.concat(recorder.writes.map((data) => Buffer.from(data as string)))).toEqual(
      Buffer.concat([Buffer.from("head"), large, Buffer.from("x".repeat(20_000) + "é".repeat(20_000))]),
    );
  });

  test("a transport that is full is left alone until it drains", async () => {
    const recorder = new Recorder();
    recorder.full = true;
    const connection = new Connection(recorder);
    let safe = 0;
    const writes = ["a".repeat(20_000), "b", "c", "d".repeat(70_000), "e"];
    for (const data of writes) void connection.write(data).then(() => safe++);
    const ended = connection.end().then(() => "ended");
    await turn();
    expect(recorder.writes.map(({ length }) => length)).toEqual([20_000]);
    expect(connection.bufferedBytes).toBe(70_003 + 1);
    recorder.drain();
    await turn();
    expect(recorder.writes.map(({ length }) => length)).toEqual([20_000, 2]);
    expect(safe).toBe(0);
    recorder.full = false;
    recorder.drain();
    expect(await ended).toBe("ended");
    expect(safe).toBe(5);
    expect(recorder.sent).toBe(`${writes.join("")}<end>`);
    expect(connection.bufferedBytes).toBe(0);
  });

  test("any sequence of writes arrives as it was written", async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = new Random(seed);
      const [here, there] = pair(
        {},
        { chunkSize: random.pick([1000, 70_000]), highWaterMark: random.pick([100, 50_000]) },
      );
      const expected: Buffer[] = [];
      const writing = (async () => {
        for (let i = 0; i < 30; i++) {
          const size = random.pick([0, 1, 10, 5000, 20_000, 100_000]);
          const data = random.below(2) === 0 ? random.bytes(size) : random.pick(["x", "ß", "→"]).repeat(size);
          expected.push(Buffer.from(data as string));
          const written = there.write(data);
          if (random.below(2) === 0) await written;
        }
        await there.end();
      })();
      const chunks: Uint8Array[] = [];
      for await (const chunk of here) chunks.push(chunk);
      await writing;
      expect(Buffer.concat(chunks).equals(Buffer.concat(expected)), `seed ${seed}`).toBe(true);
    }
  });

  test("after end() nothing can be written, and the other direction goes on", async () => {
    const [here, there] = pair();
    await here.write("bye");
    await here.end();
    await here.end();
    await expect(here.write("more")).rejects.toThrow("nothing can be written after end()");
    expect(asText(await there.read())).toBe("bye");
    expect(await there.read()).toBeNull();
    await there.write("answer\n");
    expect(await here.readLine()).toBe("answer");
    expect(here.isOpen).toBe(true);
    await there.end();
    await here.closed;
    expect(here.isOpen).toBe(false);
  });
});

describe("the end of it", () => {
  test("abort: what waits fails, the signal says why, and the peer sees a reset", async () => {
    const [here, there] = pair();
    const reading = here.read();
    const { signal } = here;
    here.abort(new Error("no more"));
    here.abort();
    await expect(reading).rejects.toThrow("no more");
    await expect(here.read()).rejects.toThrow("no more");
    await expect(here.write("x")).rejects.toThrow("no more");
    await expect(here.end()).rejects.toThrow("no more");
    expect(signal.reason).toMatchObject({ message: "no more" });
    await here.closed;
    await expect(there.read()).rejects.toMatchObject({
      name: "ConnectionLost",
      code: "ECONNRESET",
      message: "the connection was reset by the peer",
    });
    await there.closed;
    expect(there.signal.aborted).toBe(true);
    expect(there.signal.reason).toBeInstanceOf(ConnectionLost);
  });

  test("what came before a reset can still be read", async () => {
    const [here, there] = pair();
    await there.write("last words\n");
    await until(async () => (await here.peek(1)).length > 0);
    there.abort();
    await here.closed;
    expect(await here.readLine()).toBe("last words");
    await expect(here.readLine()).rejects.toThrow(ConnectionLost);
  });

  test("close: sends what was written, drops what comes, and resolves when the peer has ended", async () => {
    const [here, there] = pair();
    void here.write("x".repeat(300_000));
    void there.write("unread");
    const reading = here.readExactly(1000);
    const closing = here.close();
    await expect(reading).rejects.toThrow("closed here");
    await expect(here.read()).rejects.toThrow(ConnectionLost);
    expect((await there.readExactly(300_000)).length).toBe(300_000);
    expect(await there.read()).toBeNull();
    await there.end();
    await closing;
    await here.close();
    expect(here.signal.aborted).toBe(true);
  });

  test("close: a peer that does not end is given two seconds", async () => {
    const [here, there] = pair();
    const begun = performance.now();
    {
      await using closed = here;
      expect(closed.isOpen).toBe(true);
    }
    expect(performance.now() - begun).toBeGreaterThan(2000);
    expect(await there.read()).toBeNull();
  });

  test("deadlines of the whole connection", async () => {
    const [idle, other] = pair({ idleTimeout: 100 });
    await expect(idle.read()).rejects.toMatchObject({
      name: "Timeout",
      message: "nothing came or went for 100 ms (idleTimeout)",
    });
    await expect(other.read()).rejects.toThrow(ConnectionLost);
    const [total] = pair({ totalTimeout: 100 });
    await total.closed;
    expect(total.signal.reason).toMatchObject({ message: "the connection has lasted 100 ms (totalTimeout)" });
  });

  test("a peer that takes nothing is given up", async () => {
    const [here, there] = pair({ writeTimeout: 100 });
    const writing = (async () => {
      for (;;) await here.write(new Uint8Array(10_000));
    })();
    await expect(writing).rejects.toMatchObject({
      name: "Timeout",
      message: "the peer took nothing for 100 ms (writeTimeout)",
    });
    await there.closed;
  });
});

describe("messages", () => {
  test("both directions, typed", async () => {
    const [here, there] = pair({}, { chunkSize: 1 });
    interface Note {
      text: string;
    }
    const notes = here.framed(jsonLines<Note>());
    await there.framed(jsonLines<Note>()).send({ text: "hello" });
    const note = await notes.receive();
    expectTypeOf(note).toEqualTypeOf<Note | null>();
    expect(note).toEqual({ text: "hello" });
    await there.write('{"text":1}\n{"text":2}');
    await there.end();
    const texts: unknown[] = [];
    for await (const { text } of notes) texts.push(text);
    expect(texts).toEqual([1, 2]);
    expect(await notes.receive()).toBeNull();
  });

  test("an end within a message", async () => {
    const [here, there] = pair();
    await there.write(Uint8Array.of(0, 0, 0, 9, 1, 2));
    await there.end();
    const error = await here
      .framed(lengthPrefixed())
      .receive()
      .catch((error: unknown) => error);
    expect(error).toBeInstanceOf(EndOfStream);
    expect((error as EndOfStream).partial).toHaveLength(6);
  });

  test("a fault ends the loop, and not the connection", async () => {
    const [here, there] = pair();
    await there.write('oops\n{"fine":true}\n');
    const values = here.framed(jsonLines());
    await expect(
      (async () => {
        for await (const value of values) expect.unreachable(String(value));
      })(),
    ).rejects.toThrow(InvalidData);
    expect(await values.receive()).toEqual({ fine: true });
    await expect(values.send(undefined)).rejects.toThrow("no form in JSON");
    await values.send("still open");
    expect(await there.readLine()).toBe('"still open"');
  });
});

test("lines() is readLine in a loop, and an aborted connection says so at once", async () => {
  const [near, far] = transportPair();
  const connection = new Connection(near);
  const peer = new Connection(far);
  await peer.write("one\r\ntwo\nthree");
  await peer.end();
  const got: string[] = [];
  for await (const line of connection.lines()) got.push(line);
  expect(got).toEqual(["one", "two", "three"]);
  connection.abort();
  expect(connection.isOpen).toBe(false);
  expect(connection.signal.aborted).toBe(true);
});

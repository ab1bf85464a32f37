import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { until } from "../../../test/support/until.ts";
import { transportPair } from "./memory-transport.ts";
import type { Protocol } from "./transport.ts";

/** Writes down what a transport says. */
class Log implements Protocol {
  readonly entries: string[] = [];
  onData(chunk: Uint8Array): void {
    this.entries.push(Buffer.from(chunk).toString("latin1"));
  }
  onEnd(): void {
    this.entries.push("end");
  }
  onDrain(): void {
    this.entries.push("drain");
  }
  onClose(error: Error | null): void {
    this.entries.push(`close ${error?.message ?? "in order"}`);
  }
}

test("bytes come in later turns, in chunks of the size that was asked for", async () => {
  const [one, other] = transportPair({ chunkSize: 2 });
  const log = new Log();
  one.start(new Log());
  const bytes = Buffer.from("cde");
  one.writePair("ab\xff", bytes);
  bytes.fill("x"); // what was written is the transport's
  other.start(log);
  expect(log.entries).toEqual([]);
  await until(() => one.bufferedBytes === 0);
  expect(log.entries).toEqual(["ab", "\xff", "cd", "e"]);
});

test("a side that is paused gets nothing, and the other is told to wait", async () => {
  const [one, other] = transportPair({ highWaterMark: 4 });
  const [log, otherLog] = [new Log(), new Log()];
  one.start(log);
  other.start(otherLog);
  other.pause();
  expect(one.write("abc")).toBe(true);
  expect(one.write("d")).toBe(false);
  await turn();
  await turn();
  expect(otherLog.entries).toEqual([]);
  expect(one.bufferedBytes).toBe(4);
  other.resume();
  await until(() => log.entries.length > 0);
  expect(log.entries).toEqual(["drain"]);
  expect(otherLog.entries.join("")).toBe("abcd".slice(0, otherLog.entries.join("").length));
});

test("each side ends for itself, and both close then", async () => {
  const [one, other] = transportPair();
  const [log, otherLog] = [new Log(), new Log()];
  one.start(log);
  other.start(otherLog);
  one.write("bye");
  one.end();
  await until(() => otherLog.entries.includes("end"));
  expect(otherLog.entries).toEqual(["bye", "end"]);
  expect(log.entries).toEqual([]);
  other.write("too");
  other.end();
  await until(() => log.entries.length === 3);
  expect(log.entries).toEqual(["too", "end", "close in order"]);
  expect(otherLog.entries).toEqual(["bye", "end", "close in order"]);
  expect(() => one.write("more")).toThrow("write after end");
});

test("a side that is destroyed drops what is on its way, and the other sees a reset", async () => {
  const [one, other] = transportPair();
  const [log, otherLog] = [new Log(), new Log()];
  one.start(log);
  other.start(otherLog);
  one.write("lost");
  one.destroy();
  one.destroy();
  await until(() => otherLog.entries.length > 0 && log.entries.length > 0);
  await turn();
  expect(log.entries).toEqual(["close in order"]);
  expect(otherLog.entries).toEqual(["close read ECONNRESET"]);
});

test("a chunk has at least one byte", () => {
  expect(() => transportPair({ chunkSize: 0 })).toThrow("at least one byte, not 0");
});

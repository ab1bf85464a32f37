import { expect, test } from "vitest";
import { Connection } from "../connection/connection.ts";
import { transportPair } from "../transport/memory-transport.ts";
import { Handler, isHandler, toConnectionHandler } from "./handler.ts";

const closing = new AbortController().signal;

function connection(): Connection {
  return new Connection(transportPair()[0]);
}

class Recorder extends Handler {
  static calls: string[] = [];
  static failing: readonly string[] = [];
  readonly id: number = Recorder.calls.length;

  override setup(): void {
    this.#record("setup");
  }
  async handle(): Promise<void> {
    this.#record("handle");
  }
  override async finish(): Promise<void> {
    this.#record("finish");
  }
  #record(what: string): void {
    Recorder.calls.push(`${what} ${this.id}`);
    if (Recorder.failing.includes(what)) throw new Error(`${what} failed`);
  }
}

function run(...failing: string[]): Promise<unknown> {
  Recorder.calls = [];
  Recorder.failing = failing;
  return Promise.resolve(toConnectionHandler(Recorder)(connection(), closing));
}

test("a class gets an instance for each connection, and its three methods in order", async () => {
  await run();
  await toConnectionHandler(Recorder)(connection(), closing);
  expect(Recorder.calls).toEqual(["setup 0", "handle 0", "finish 0", "setup 3", "handle 3", "finish 3"]);
});

test("finish is called whatever the others came to", async () => {
  await expect(run("handle")).rejects.toThrow("handle failed");
  expect(Recorder.calls).toEqual(["setup 0", "handle 0", "finish 0"]);
  await expect(run("setup")).rejects.toThrow("setup failed");
  expect(Recorder.calls).toEqual(["setup 0", "finish 0"]);
});

test("no error of the class form is lost", async () => {
  await expect(run("finish")).rejects.toThrow("finish failed");
  const both = await run("handle", "finish").catch((error: unknown) => error);
  expect((both as AggregateError).errors.map(String)).toEqual([
    "Error: handle failed",
    "Error: finish failed",
  ]);
});

test("setup and finish can be left out", async () => {
  const calls: string[] = [];
  class Short extends Handler {
    handle(): void {
      calls.push("handle");
    }
  }
  await toConnectionHandler(Short)(connection(), closing);
  expect(calls).toEqual(["handle"]);
});

test.each([
  ["a function", () => {}, true],
  ["an async function", async () => {}, true],
  ["a class of handlers", Recorder, true],
  [
    "a class that has handle() from another copy of Socle",
    class {
      handle(): void {}
    },
    true,
  ],
  ["a class without handle()", class {}, false],
  ["an instance", new Recorder(), false],
  ["nothing", undefined, false],
])("%s is a handler: %#", (_, value, expected) => {
  expect(isHandler(value)).toBe(expected);
});

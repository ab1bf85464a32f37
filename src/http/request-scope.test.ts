import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { serve } from "../../test/http/serve.ts";
import { statuses } from "../../test/support/raw-client.ts";
import type { Exchange } from "./exchange.ts";

const storage = new AsyncLocalStorage<string>();
const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;
/** Of each request, what it found in the storage. */
let found: (string | undefined)[] = [];

const answer = (exchange: Exchange): void => exchange.respond(200, [], exchange.target);

/** Sends requests at once, on one connection, and waits for all answers. */
async function pipeline(handler: (exchange: Exchange) => void | Promise<void>): Promise<void> {
  found = [];
  const server = await serve((exchange) => {
    found.push(storage.getStore());
    return handler(exchange);
  });
  const client = await server.open();
  client.send(get("/1") + get("/2") + get("/3"));
  await client.until((text) => statuses(text).length === 3 && text.endsWith("/3"));
  // And one more, which comes later.
  client.send(get("/4"));
  await client.until((text) => text.endsWith("/4"));
}

test("a request that another one's handler makes way for does not run in its async context", async () => {
  await pipeline((exchange) =>
    storage.run(exchange.target, async () => {
      await sleep(1);
      answer(exchange);
    }),
  );
  expect(found).toEqual([undefined, undefined, undefined, undefined]);
});

test("nor does one whose turn comes within the same turn of the event loop", async () => {
  await pipeline((exchange) => storage.run(exchange.target, answer, exchange));
  expect(found).toEqual([undefined, undefined, undefined, undefined]);
});

test("what a handler enters for good is its own", async () => {
  for (const handler of [
    (exchange: Exchange) => {
      storage.enterWith(exchange.target);
      answer(exchange);
    },
    async (exchange: Exchange) => {
      storage.enterWith(exchange.target);
      await sleep(1);
      expect(storage.getStore()).toBe(exchange.target);
      answer(exchange);
    },
  ]) {
    await pipeline(handler);
    expect(found).toEqual([undefined, undefined, undefined, undefined]);
  }
});

test("handlers run in the context in which their server was made", async () => {
  await storage.run("the server's", () => pipeline(answer));
  expect(found).toEqual(Array(4).fill("the server's"));
});

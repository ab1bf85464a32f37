/** Thousands of requests at once over real sockets: none sees anything of another. */
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { serve } from "../../../test/http/serve.ts";
import { Local, LocalProxy, LocalStack } from "../../context/index.ts";
import { currentApp, g, request } from "../globals.ts";
import { App, local } from "../index.ts";

const connections = 50;
const perConnection = 60;

/** One of several ways to let others run. */
async function pause(id: number): Promise<void> {
  if (id % 4 === 0) await null;
  else if (id % 4 === 1) await turn();
  else if (id % 4 === 2) await sleep(id % 5);
  else await new Promise<void>((resolve) => process.nextTick(resolve));
}

function makeApps(): { app: App; inFlight: () => number } {
  const value = local<number>();
  const attributes = new Local<{ id: number }>();
  const stack = new LocalStack<{ id: number }>();
  let running = 0;
  let most = 0;

  /** What is seen now, from everything that can be looked at. */
  function seen(app: App): string {
    const ids = [g["id"], value.get(), attributes.id, stack.top?.id, Number(request.query.get("id"))];
    return LocalProxy.currentObject(currentApp) === app ? ids.join() : "another app";
  }

  async function work(app: App, id: number): Promise<string> {
    const before = [Object.keys(g).length, value.has(), "id" in attributes, stack.top];
    if (before.join() !== "0,false,false,") return `left over: ${before}`;
    most = Math.max(most, ++running);
    g["id"] = id;
    value.set(id);
    attributes.id = id;
    stack.push({ id });
    const expected = Array(5).fill(id).join();
    for (let step = 0; step < 4; step++) {
      await pause(id + step);
      const now = seen(app);
      if (now !== expected) return `saw ${now}`;
    }
    running--;
    return `${id}`;
  }

  const inner = new App();
  inner.get("/inner", () => work(inner, Number(request.query.get("id"))));
  const app = new App();
  app.mount("/mounted", inner);
  // Set before the first await, so in the stack of whoever has called: the engine, and the end of the request before.
  app.get("/plain", () => work(app, Number(request.query.get("id"))));
  app.get("/nested", async () => {
    const id = Number(request.query.get("id"));
    const own = work(app, id);
    const response = inner.fetch(new globalThis.Request(`http://localhost/inner?id=${id + 10_000}`));
    const byHand = app.testContext(`/hand?id=${id}`, async () => {
      await pause(id);
      return request.path;
    });
    const results = [await own, await byHand, await (await response).text(), seen(app)];
    return results.join(" ");
  });
  app.get("/stream", async function* () {
    yield await work(app, Number(request.query.get("id")));
    await pause(Number(g["id"]));
    yield ` ${seen(app)}`;
  });
  return { app, inFlight: () => most };
}

function expectedAnswer(path: string, id: number): string {
  const all = Array(5).fill(id).join();
  if (path === "/nested") return `${id} /hand ${id + 10_000} ${all}`;
  return path === "/stream" ? `${id} ${all}` : `${id}`;
}

const paths = ["/plain", "/nested", "/stream", "/mounted/inner"];

it("thousands of interleaved requests keep to themselves", async () => {
  const { app, inFlight } = makeApps();
  const server = await serve((exchange) => app.handleExchange(exchange));
  const pathOf = (id: number): string => paths[id % paths.length] as string;

  /** Asks one after the other on a connection that is kept. */
  async function askAll(connection: number): Promise<void> {
    const client = await server.open();
    let at = 0;
    // Half of them are pipelined: all of it is sent before anything has come back.
    const ids = Array.from({ length: perConnection }, (_, i) => connection * perConnection + i);
    const send = (id: number) =>
      client.send(`GET ${pathOf(id)}?id=${id} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    if (connection % 2 === 0) for (const id of ids) send(id);
    for (const id of ids) {
      if (connection % 2 === 1) send(id);
      const body = await client
        .until((text) => bodyAt(text, at) !== undefined)
        .then((text) => bodyAt(text, at));
      at = body?.end ?? at;
      if (body?.text !== expectedAnswer(pathOf(id), id))
        throw new Error(`${pathOf(id)} ${id}: ${body?.text}`);
    }
  }

  await Promise.all(Array.from({ length: connections }, (_, connection) => askAll(connection)));
  expect(server.errors).toEqual([]);
  expect(inFlight()).toBeGreaterThan(connections / 2);
  expect([request, g, currentApp].some((global) => LocalProxy.isBound(global))).toBe(false);
});

/** The body of the answer that begins at a place, and where it ends; undefined while it isn't whole. */
function bodyAt(text: string, at: number): { text: string; end: number } | undefined {
  const start = text.indexOf("\r\n\r\n", at) + 4;
  if (start < 4) return undefined;
  const head = text.slice(at, start);
  const length = /content-length: (\d+)/i.exec(head)?.[1];
  if (length !== undefined) {
    const end = start + Number(length);
    return text.length < end ? undefined : { text: text.slice(start, end), end };
  }
  const end = text.indexOf("0\r\n\r\n", start);
  if (end < 0) return undefined;
  const lines = text.slice(start, end).split("\r\n");
  return { text: lines.filter((_, i) => i % 2 === 1).join(""), end: end + 5 };
}

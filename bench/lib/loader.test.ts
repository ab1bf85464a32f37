/** Each load notices when a server doesn't do its work: what is measured is only ever the work done. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { BenchError } from "./benchmark.ts";
import { loaderProgram, runLoader, startLoader } from "./loader.ts";

const hasTools =
  process.platform === "linux" &&
  ["cc", "taskset", "prlimit"].every((program) => spawnSync(program, ["--version"]).error === undefined);
const testLoader = test.runIf(hasTools);

/** A server that does something with each connection; resolves to its port. */
async function serve(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    onConnection(socket);
  }).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

function run<Result>(name: string, ...words: (string | number)[]): Promise<Result> {
  return runLoader<Result>([loaderProgram(name), ...words.map(String)], 0, 20);
}

/** An echo, or one that spoils the first byte of what it sends back. */
function echo(spoils: boolean): (socket: Socket) => void {
  return (socket) => {
    socket.on("data", (chunk: Buffer) => {
      if (spoils) chunk[0] = 0xff;
      socket.write(chunk);
    });
  };
}

testLoader("echo counts the messages that came back, and refuses others", async () => {
  const { messages, latency } = await run<{ messages: number; latency: { p50: number; p99: number } }>(
    "echo",
    await serve(echo(false)),
    8,
    64,
    0.2,
  );
  expect(messages).toBeGreaterThan(100);
  expect(latency.p50).toBeGreaterThan(0);
  expect(latency.p99).toBeGreaterThanOrEqual(latency.p50);
  await expect(run("echo", await serve(echo(true)), 8, 64, 0.2)).rejects.toThrow(
    "the echo is not what was sent",
  );
  await expect(run("echo", await serve((socket) => socket.end()), 8, 64, 0.2)).rejects.toThrow(BenchError);
});

testLoader("what is sent must be counted right by the server", async () => {
  const counting = (offset: number) => (socket: Socket) => {
    let bytes = offset;
    socket.on("data", (chunk) => {
      bytes += chunk.length;
    });
    socket.on("end", () => socket.end(String(bytes)));
  };
  const bytes = 3_000_000;
  const words = [0.1, bytes, "", String(bytes)];
  const { transfers } = await run<{ transfers: number }>(
    "transfer",
    "send",
    await serve(counting(0)),
    ...words,
  );
  expect(transfers).toBeGreaterThan(0);
  await expect(run("transfer", "send", await serve(counting(1)), ...words)).rejects.toThrow("3000001");
});

testLoader("what is received must be all there is", async () => {
  const sending = (bytes: number) => (socket: Socket) => {
    socket.once("data", () => socket.end(Buffer.alloc(bytes)));
  };
  const words = [0.1, 3_000_000, "please"];
  await run("transfer", "receive", await serve(sending(3_000_000)), ...words);
  await expect(run("transfer", "receive", await serve(sending(2_999_999)), ...words)).rejects.toThrow(
    "sent 2999999 bytes and not 3000000",
  );
});

testLoader("idle connections are held open, and those that the server closes are counted", async () => {
  const open: Socket[] = [];
  const port = await serve((socket) => {
    open.push(socket);
    socket.once("data", () => socket.write("ok"));
  });
  await using load = startLoader([loaderProgram("idle"), String(port), "20", "2", "hi"], 0, 20);
  await load.said("READY");
  expect(open).toHaveLength(20);
  await Promise.all(
    open.slice(0, 3).map(async (socket) => {
      socket.destroy();
      await once(socket, "close");
    }),
  );
  expect(await load.result()).toEqual({ connections: 20, closed: 3 });
});

testLoader("a client that stops reading still gets everything in the end", async () => {
  const bytes = 30_000_000;
  const port = await serve((socket) => socket.end(Buffer.alloc(bytes)));
  await using load = startLoader(
    [loaderProgram("stall"), "reader", String(port), "0.1", String(bytes)],
    0,
    20,
  );
  await load.said("STALLED");
  expect(await load.result()).toEqual({ bytes });
});

testLoader("a client sends no more than a server takes that doesn't read", async () => {
  const port = await serve((socket) => socket.pause());
  await using load = startLoader([loaderProgram("stall"), "writer", String(port), "0.3"], 0, 20);
  await load.said("STALLED");
  const { bytes } = await load.result<{ bytes: number }>();
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThan(64 * 2 ** 20);
});

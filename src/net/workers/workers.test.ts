import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TcpAddress } from "../address.ts";
import { type BoundListener, bind } from "../listener/bind.ts";
import { describeExit, startProcess, startThread, type Worker, type WorkerExit } from "./workers.ts";

type Message = Record<string, unknown>;

let entry: URL;
let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "socle-workers-"));
  const file = join(directory, "entry.mjs");
  const workers = new URL("./workers.ts", import.meta.url).href;
  await writeFile(
    file,
    `import { createServer } from "node:net";
     import { threadId } from "node:worker_threads";
     import { openWorkerLink } from ${JSON.stringify(workers)};
     const link = await openWorkerLink();
     await new Promise((later) => setTimeout(later, link.data.delay));
     link.onOrphaned(() => process.exit(3));
     link.onMessage(async (message) => {
       if (message.throws !== undefined) throw new RangeError(message.throws);
       if (message.hangs) {
         await link.send({ hanging: true });
         for (;;);
       }
       if (message.exit === undefined) return link.send({ echo: message });
       for (let n = 0; n < 100; n++) link.send({ last: n, pad: "x".repeat(10_000) });
       await link.send({ last: 100 });
       process.exit(message.exit);
     });
     for (const fd of link.listeners) {
       const server = createServer((socket) => socket.end(process.pid + "/" + threadId));
       server.listen({ fd }, () => link.send({ listening: fd, data: link.data }));
     }
     if (link.listeners.length === 0) link.send({ data: link.data });`,
  );
  entry = pathToFileURL(file);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

interface Running {
  worker: Worker<Message>;
  messages: Message[];
  exit: Promise<WorkerExit>;
  /** Resolves when a message has come for which `wanted` is true. */
  message(wanted: (message: Message) => boolean): Promise<Message>;
}

function run(data: Message, listeners: number[] = [], start: typeof startThread = startProcess): Running {
  const messages: Message[] = [];
  let look = (): void => {};
  let onExit: (exit: WorkerExit) => void = () => {};
  const exit = new Promise<WorkerExit>((resolve) => {
    onExit = resolve;
  });
  const worker = start<Message, Message>({
    entry,
    listeners,
    data,
    onMessage(message) {
      messages.push(message);
      look();
    },
    onExit,
  });
  const message = (wanted: (message: Message) => boolean): Promise<Message> =>
    new Promise((resolve) => {
      look = () => {
        const found = messages.find(wanted);
        if (found !== undefined) resolve(found);
      };
      look();
    });
  return { worker, messages, exit, message };
}

/** What the one says who accepts a connection. */
async function whoAccepts({ address }: BoundListener): Promise<string> {
  let said = "";
  const { port } = address as TcpAddress;
  for await (const chunk of connect(port, "127.0.0.1").setEncoding("utf8")) said += chunk;
  return said;
}

test("a worker gets its data and answers messages, those that came early as well", async () => {
  const { worker, exit, message } = run({ delay: 50, name: "first" });
  worker.send({ n: 1 });
  worker.send({ n: 2 });
  expect(await message((m) => "data" in m)).toEqual({ data: { delay: 50, name: "first" } });
  expect(await message((m) => (m["echo"] as Message | undefined)?.["n"] === 2)).toBeDefined();
  worker.kill("SIGTERM");
  expect(describeExit(await exit)).toBe("was killed by SIGTERM");
});

test("a worker accepts on an inherited socket", async () => {
  await using bound = await bind({ kind: "tcp", host: "127.0.0.1", port: 0 });
  const { worker, exit, message } = run({ delay: 0 }, [bound.fd]);
  await message((m) => "listening" in m);
  expect(await whoAccepts(bound)).toBe(`${worker.pid}/0`);
  worker.kill("SIGKILL");
  await exit;
});

test("all of its messages come before the notice of its end", async () => {
  const { worker, messages, exit, message } = run({ delay: 0 });
  await message((m) => "data" in m);
  worker.send({ exit: 5 });
  expect(describeExit(await exit)).toBe("ended with exit code 5");
  expect(messages.at(-1)).toEqual({ last: 100 });
});

test("a message to a worker that has ended is lost without notice", async () => {
  const { worker, exit, message } = run({ delay: 0 });
  await message((m) => "data" in m);
  worker.kill("SIGKILL");
  await exit;
  worker.send({ n: 1 });
  worker.kill("SIGKILL");
});

test("a thread gets its data, shares memory, and answers messages, those that came early as well", async () => {
  const shared = new Int32Array(new SharedArrayBuffer(4));
  const { worker, exit, message } = run({ delay: 20, shared }, [], startThread);
  worker.send({ n: 1 });
  expect(await message((m) => m["echo"] !== undefined)).toEqual({ echo: { n: 1 } });
  const { data } = (await message((m) => "data" in m)) as { data: { shared: Int32Array } };
  shared[0] = 5;
  expect(data.shared[0]).toBe(5);
  worker.send({ exit: 6 });
  expect(describeExit(await exit)).toBe("ended with exit code 6");
});

test("all of a thread's messages come before the notice of its end", async () => {
  const { worker, messages, exit, message } = run({ delay: 0 }, [], startThread);
  await message((m) => "data" in m);
  worker.send({ exit: 5 });
  await exit;
  expect(messages.at(-1)).toEqual({ last: 100 });
});

test("what a thread died of is told", async () => {
  const { worker, exit } = run({ delay: 0 }, [], startThread);
  worker.send({ throws: "too far" });
  const end = await exit;
  expect(end.error?.stack).toContain("entry.mjs");
  expect(describeExit(end)).toBe("died of RangeError: too far");
});

test("a thread that never comes to its event loop can be killed", async () => {
  const { worker, exit, message } = run({ delay: 0 }, [], startThread);
  worker.send({ hangs: true });
  await message((m) => "hanging" in m);
  worker.kill("SIGKILL");
  expect((await exit).code).toBe(1);
});

test("a process that is given a socket twice has two descriptors of it", async () => {
  await using bound = await bind({ kind: "tcp", host: "127.0.0.1", port: 0 });
  const { worker, messages, exit, message } = run({ delay: 0 }, [bound.fd, bound.fd]);
  await message(() => messages.length === 2);
  expect(new Set(messages.map((m) => m["listening"])).size).toBe(2);
  worker.kill("SIGKILL");
  await exit;
});

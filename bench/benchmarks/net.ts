import type { Benchmark, Server, Target } from "../lib/benchmark.ts";
import { deno } from "../lib/commands.ts";

const mebibyte = 2 ** 20;
const gibibyte = 2 ** 30;

/** The programs of `peers/net/` that do one piece of work. */
function servers(work: string, ...others: Server[]): Server[] {
  return [
    { name: "Socle", role: "subject", command: ["node", `bench/peers/net/socle-${work}.ts`] },
    { name: "node:net", role: "peer", command: ["node", `bench/peers/net/node-net-${work}.mjs`] },
    ...others,
  ];
}

const bun = (work: string): Server => ({
  name: "Bun.listen",
  role: "peer",
  command: ["bun", `bench/peers/net/bun-${work}.ts`],
});
const denoListen = (work: string): Server => ({
  name: "Deno.listen",
  role: "peer",
  ...deno(`bench/peers/net/deno-${work}.ts`),
});
const python: Server = {
  name: "socketserver",
  role: "peer",
  command: ["python", "bench/peers/net/socketserver-echo.py"],
};

const memory: Target = { metric: "memoryGrowth", atMost: 64 * mebibyte };

export default {
  name: "net",
  what: "the socket server (model `events`) beside bare sockets of Node, Bun, Deno and Python",
  rounds: 3,
  seconds: 3,
  rows: [
    {
      name: "echo",
      what: "messages of 64 bytes come back, one at a time on each connection",
      servers: servers("echo", bun("echo"), denoListen("echo"), python),
      load: { kind: "echo", connections: 64, bytes: 64 },
      targets: [
        { metric: "cpu", peers: ["node:net"], atMost: 1.15 },
        { metric: "cpu", peers: ["Bun.listen", "Deno.listen", "socketserver"], atMost: 1 },
      ],
    },
    {
      name: "gigabyte",
      what: "one gigabyte through one connection, counted; on Node a bare socket.pipe(sink)",
      servers: servers("sink", bun("sink"), denoListen("sink")),
      load: { kind: "transfer", direction: "send", bytes: gibibyte },
      targets: [
        { metric: "cpu", peers: ["node:net"], atMost: 1.1 },
        { metric: "rate", peers: ["node:net"], atLeast: 1 / 1.1 },
        memory,
      ],
    },
    {
      name: "stalled-client",
      what: "the client reads 1 MiB of the gigabyte that the server sends, and stops",
      servers: servers("source"),
      load: { kind: "stall", client: "reader", bytes: gibibyte },
      targets: [memory],
    },
    {
      name: "stalled-handler",
      what: "the client sends all that is taken by a handler that has stopped reading",
      servers: servers("unread"),
      load: { kind: "stall", client: "writer", bytes: gibibyte },
      targets: [memory, { metric: "heldBytes", atMost: 64 * mebibyte }],
    },
    {
      name: "idle",
      what: "memory for each idle connection, on which nothing was sent",
      servers: servers("echo", bun("echo"), denoListen("echo")),
      load: { kind: "idle", connections: 10_000 },
      targets: [{ metric: "memoryPerConnection", peers: ["node:net"], atMost: 1.25 }],
    },
  ],
} satisfies Benchmark as Benchmark;

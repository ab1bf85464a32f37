import type { Benchmark } from "../lib/benchmark.ts";
import { browserHeaders } from "../lib/browser.ts";
import { deno, socleServe } from "../lib/commands.ts";

export default {
  name: "hello",
  what: "the smallest JSON answer, from the hello app of the examples and the same app on its peers",
  rounds: 5,
  seconds: 5,
  rows: [
    {
      name: "GET",
      what: "GET /hello with a browser's twelve header lines",
      servers: [
        { name: "Socle", role: "subject", command: socleServe("examples/hello/web.ts:main()") },
        { name: "node:http", role: "peer", command: ["node", "bench/peers/hello/node-http.mjs"] },
        {
          name: "Fastify",
          role: "peer",
          packages: ["fastify"],
          command: ["node", "bench/peers/hello/fastify.mjs"],
        },
        {
          name: "Hono",
          role: "peer",
          packages: ["hono", "@hono/node-server"],
          command: ["node", "bench/peers/hello/hono.mjs"],
        },
        { name: "Bun.serve", role: "peer", command: ["bun", "bench/peers/hello/bun.ts"] },
        { name: "Deno.serve", role: "peer", ...deno("bench/peers/hello/deno.ts") },
        { name: "node:net", role: "reference", command: ["node", "bench/peers/hello/node-net.mjs"] },
      ],
      load: {
        kind: "requests",
        requests: [{ method: "GET", target: "/hello", headers: browserHeaders }],
        answer: { status: 200, body: '{"hello":"world"}' },
      },
      targets: [{ metric: "cpu", peers: ["node:http"], atMost: 1 }],
    },
  ],
} satisfies Benchmark as Benchmark;

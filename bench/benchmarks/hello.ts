import type { Benchmark } from "../lib/benchmark.ts";
import { browserHeaders } from "../lib/browser.ts";

export default {
  name: "hello",
  what: "the smallest JSON answer, from the hello app of the examples and the same app on its peers",
  servers: [
    {
      name: "Socle",
      role: "subject",
      command: [
        "node",
        "bin/socle.js",
        "serve",
        "examples/hello/web.ts:main()",
        "-w",
        "1",
        "-b",
        "127.0.0.1:{port}",
      ],
    },
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
    {
      name: "Deno.serve",
      role: "peer",
      command: [
        "deno",
        "run",
        "--no-config",
        "--no-lock",
        "--allow-net",
        "--allow-env",
        "bench/peers/hello/deno.ts",
      ],
      env: { DENO_NO_UPDATE_CHECK: "1" },
    },
    { name: "node:net", role: "reference", command: ["node", "bench/peers/hello/node-net.mjs"] },
  ],
  loads: [
    {
      name: "GET",
      what: "GET /hello with a browser's twelve header lines",
      request: { method: "GET", target: "/hello", headers: browserHeaders },
      answer: { status: 200, body: '{"hello":"world"}' },
    },
  ],
  targets: [{ load: "GET", metric: "cpuPerRequest", peer: "node:http", atMost: 1 }],
} satisfies Benchmark as Benchmark;

/** Applications that were written for other servers: what they cost on Socle, unchanged, and there. */
import type { Benchmark, RequestLoad, Row, Server, Target } from "../lib/benchmark.ts";
import { browserHeaders } from "../lib/browser.ts";
import { deno, socleServe } from "../lib/commands.ts";
import { item, postOrder } from "./http/api.ts";

const folder = "bench/peers/gateway";

/** A file of `peers/gateway/` that serves the application of another, whose path is seen from there. */
function peer(
  name: string,
  runtime: "node" | "bun",
  file: string,
  app: string,
  ...packages: string[]
): Server {
  return { name, role: "peer", packages, command: [runtime, `${folder}/${file}`, app] };
}

const plain = "Socle";
const fastFetch = "Socle --fast-fetch";

/** The second has the light `Request`, `Response` and `Headers` in place of the platform's. */
function socle(app: string, ...packages: string[]): Server[] {
  const file = `${folder}/${app}`;
  return [
    { name: plain, role: "subject", packages, command: socleServe(file) },
    { name: fastFetch, role: "subject", packages, command: socleServe(file, "--fast-fetch") },
  ];
}

function atMost(limit: number, subject: string, ...peers: string[]): Target {
  return { metric: "cpu", subject, peers, atMost: limit };
}

const hono = "../http/api/hono-app.mjs";

const honoRow: Row = {
  name: "hono-json",
  what: "GET JSON from a Hono app with 100 routes and a number in the path, with a browser's twelve header lines",
  servers: [
    ...socle(hono, "hono"),
    peer("@hono/node-server", "node", "node-server.mjs", hono, "hono", "@hono/node-server"),
    peer("srvx", "node", "srvx.mjs", hono, "hono", "srvx"),
    peer("bare adapter", "node", "bare-adapter.mjs", hono, "hono"),
    peer("Hono on Bun", "bun", "bun.ts", hono, "hono"),
    { name: "Hono on Deno", role: "peer", packages: ["hono"], ...deno(`${folder}/deno.ts`, hono) },
  ],
  load: item,
  targets: [
    atMost(0.65, fastFetch, "@hono/node-server"),
    atMost(1, fastFetch, "Hono on Bun"),
    atMost(0.9, plain, "srvx", "bare adapter"),
  ],
};

const post = "./post-app.mjs";

const postRow: Row = {
  name: "hono-post",
  what: "POST 4 KiB of JSON to a bare fetch handler, read by request.json() and answered by Response.json()",
  servers: [
    ...socle(post),
    peer("@hono/node-server", "node", "node-server.mjs", post, "@hono/node-server"),
    peer("srvx", "node", "srvx.mjs", post, "srvx"),
    peer("Bun.serve", "bun", "bun.ts", post),
  ],
  load: {
    kind: "requests",
    requests: [postOrder(37, 4096)],
    answer: {
      status: 200,
      body: '{"resource":"orders","customer":"Ada Lovelace","lines":37,"total":8787.5}',
    },
  },
  targets: [atMost(0.7, fastFetch, "@hono/node-server")],
};

const order: RequestLoad = {
  ...item,
  requests: [{ method: "GET", target: "/orders/12345", headers: browserHeaders }],
};

/** The same app on Socle, and on node:http by its framework's own `listen()`. */
function nodeRow(name: string, framework: string, ...packages: string[]): Row {
  const app = `${name}-app.mjs`;
  return {
    name,
    what: `GET JSON from a small ${framework} app, a number in the path, with a browser's twelve header lines`,
    servers: [
      { name: plain, role: "subject", packages, command: socleServe(`${folder}/${app}`) },
      peer("node:http", "node", "listen.mjs", `./${app}`, ...packages),
    ],
    load: order,
    targets: [atMost(1.03, plain, "node:http")],
  };
}

export default {
  name: "gateway",
  what: "applications written for other servers, unchanged on Socle and on their own",
  // Three of the targets leave 3 % between two servers: five rounds, so that one that was disturbed doesn't decide.
  rounds: 5,
  seconds: 3,
  rows: [
    honoRow,
    postRow,
    nodeRow("express", "Express", "express"),
    nodeRow("koa", "Koa", "koa", "@koa/router", "@koa/bodyparser"),
    nodeRow("fastify", "Fastify", "fastify"),
  ],
} satisfies Benchmark as Benchmark;

/** An application of a hundred routes, in the frameworks that one would write it in. */
import type { Request, RequestLoad, Row, Server } from "../../lib/benchmark.ts";
import { browserHeaders } from "../../lib/browser.ts";
import { deno, socleServe } from "../../lib/commands.ts";

const folder = "bench/peers/http/api";
export const socle: Server = {
  name: "Socle",
  role: "subject",
  command: socleServe(`${folder}/socle.ts:main()`),
};

function peer(name: string, runtime: "node" | "bun", file: string, ...packages: string[]): Server {
  return { name, role: "peer", packages, command: [runtime, `${folder}/${file}`] };
}

export const peers: Server[] = [
  peer("node:http", "node", "node-http.mjs", "find-my-way"),
  peer("Fastify", "node", "fastify.mjs", "fastify"),
  peer("Hono on Node", "node", "hono-node.mjs", "hono", "@hono/node-server"),
  peer("h3", "node", "h3.mjs", "h3", "srvx"),
  peer("Express", "node", "express.mjs", "express"),
  peer("Koa", "node", "koa.mjs", "koa", "@koa/router", "@koa/bodyparser"),
  peer("Bun.serve", "bun", "bun.ts"),
  peer("Elysia on Bun", "bun", "elysia.ts", "elysia"),
  peer("Hono on Bun", "bun", "hono-bun.ts", "hono"),
  { name: "Hono on Deno", role: "peer", packages: ["hono"], ...deno(`${folder}/hono-deno.ts`) },
];
const all = peers.map(({ name }) => name);

const get: Request = { method: "GET", target: "/api/orders/12345", headers: browserHeaders };
export const item: RequestLoad = {
  kind: "requests",
  requests: [get],
  answer: {
    status: 200,
    body: '{"resource":"orders","id":12345,"active":true,"owner":{"id":45,"name":"Ada Lovelace"}}',
  },
};

export const jsonRow: Row = {
  name: "json",
  what: "GET JSON from an application with 100 routes and a number in the path, with a browser's twelve header lines",
  servers: [socle, ...peers],
  load: item,
  targets: [{ metric: "cpu", peers: all, atMost: 1 }],
};

export const pipelinedRow: Row = {
  name: "pipelined",
  what: "the same, many at once",
  servers: [socle, ...peers],
  load: { ...item, pipeline: 16 },
  targets: [{ metric: "rate", peers: all, atLeast: 5 }],
};

/** Sends an order of so many lines, which are padded to so many bytes. */
export function postOrder(lines: number, bytes: number): Request {
  const order = {
    customer: { id: 1815, name: "Ada Lovelace", email: "ada@example.org", vat: null },
    placed: "2026-03-14T15:09:26.535Z",
    currency: "EUR",
    shipping: {
      street: "St James's Square 12",
      city: "London",
      zip: "SW1Y 4JH",
      country: "GB",
      express: false,
    },
    lines: Array.from({ length: lines }, (_, i) => ({
      sku: `ENGINE-${1000 + i}`,
      title: `Gear wheel no. ${i + 1}`,
      quantity: i + 1,
      price: 12.5,
      tags: ["brass", "gear"],
    })),
    note: "Please ring twice.",
  };
  return {
    method: "POST",
    target: "/api/orders",
    headers: [...browserHeaders, ["Content-Type", "application/json"]],
    body: JSON.stringify(order).padEnd(bytes),
  };
}

export const postRow: Row = {
  name: "post",
  what: "POST 1 KiB of JSON to the same application, parsed and answered",
  servers: [socle, ...peers],
  load: {
    kind: "requests",
    requests: [postOrder(7, 1024)],
    answer: {
      status: 200,
      body: '{"resource":"orders","customer":"Ada Lovelace","lines":7,"total":350}',
    },
  },
  targets: [
    { metric: "cpu", peers: ["Fastify"], atMost: 0.65 },
    { metric: "cpu", peers: ["Bun.serve"], atMost: 1 },
  ],
};

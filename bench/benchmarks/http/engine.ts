/** The engine alone beside the servers that others build on: the smallest answer, in several circumstances. */
import type { Request, RequestLoad, Row, Server } from "../../lib/benchmark.ts";
import { browserHeaders, closingHeaders, variedHeaders } from "../../lib/browser.ts";
import { deno } from "../../lib/commands.ts";

const socle: Server = {
  name: "Socle",
  role: "subject",
  command: ["node", "bench/peers/http/socle-engine.ts"],
};
const nodeHttp: Server = {
  name: "node:http",
  role: "peer",
  command: ["node", "bench/peers/http/node-http.mjs"],
};
const nodeHttps: Server = { ...nodeHttp, name: "node:https" };
const srvx: Server = {
  name: "srvx",
  role: "peer",
  packages: ["srvx"],
  command: ["node", "bench/peers/http/srvx.mjs"],
};
const bun: Server = { name: "Bun.serve", role: "peer", command: ["bun", "bench/peers/http/bun.ts"] };
const denoServe: Server = { name: "Deno.serve", role: "peer", ...deno("bench/peers/http/deno.ts") };
const nodeNet: Server = {
  name: "node:net",
  role: "reference",
  command: ["node", "bench/peers/http/node-net.mjs"],
};
const epoll: Server = { name: "C epoll", role: "reference", command: ["c", "bench/peers/http/epoll.c"] };
const closing = (server: Server): Server => ({ ...server, env: { CLOSE: "1" } });

const get = (headers: Request["headers"]): Request => ({ method: "GET", target: "/", headers });
const hello = (...requests: Request[]): RequestLoad => ({
  kind: "requests",
  requests,
  answer: { status: 200, body: "Hello, World!\n" },
});

export const helloRow: Row = {
  name: "hello",
  what: "GET hello through the engine alone, with a browser's twelve header lines",
  servers: [socle, nodeHttp, srvx, bun, denoServe, nodeNet, epoll],
  load: hello(get(browserHeaders)),
  targets: [
    { metric: "cpu", peers: ["Bun.serve", "Deno.serve"], atMost: 1 },
    { metric: "cpu", peers: ["node:http"], atMost: 0.6 },
    { metric: "cpu", peers: ["C epoll"], atMost: 1.3 },
  ],
};

/** More than any sensible cache of header blocks would hold, and prime, so that 64 connections don't fall into step. */
const clients = 4001;

export const variedRow: Row = {
  name: "hello-varied",
  what: `the same from ${clients.toLocaleString("en-US")} different clients: no two requests in turn are alike`,
  servers: [socle, nodeHttp, bun, denoServe, nodeNet, epoll],
  load: hello(...variedHeaders(clients).map(get)),
  targets: [],
};

export const newConnectionRow: Row = {
  name: "new-connection",
  what: "GET hello on a new connection for each request",
  servers: [socle, nodeHttp, bun, denoServe, closing(nodeNet), closing(epoll)],
  load: hello(get(closingHeaders)),
  targets: [{ metric: "cpu", peers: ["node:http"], atMost: 0.8 }],
};

export const tlsRow: Row = {
  name: "tls",
  what: "GET hello over TLS, on connections that stay open",
  servers: [socle, nodeHttps, bun, denoServe],
  load: { ...hello(get(browserHeaders)), tls: true },
  targets: [{ metric: "cpu", peers: ["node:https"], atMost: 1 }],
};

export const idleRow: Row = {
  name: "idle",
  what: "memory for each idle keep-alive connection, after one request was answered on it",
  servers: [socle, nodeHttp, bun, denoServe, nodeNet],
  load: { kind: "idle", connections: 10_000, request: get(browserHeaders) },
  targets: [{ metric: "memoryPerConnection", peers: ["node:net"], atMost: 1.5 }],
};

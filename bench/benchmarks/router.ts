/** Finding the route of a path, and its parameters, apart from all else that a server does. */
import type { Benchmark, Row, Server } from "../lib/benchmark.ts";

function peer(name: string, file: string, routes: number, packageName: string, ...args: string[]): Server {
  return {
    name,
    role: "peer",
    packages: [packageName],
    command: ["node", `bench/peers/router/${file}`, String(routes), ...args],
  };
}

function row(routes: number): Row {
  const peers = [
    peer("find-my-way", "find-my-way.mjs", routes, "find-my-way"),
    peer("rou3", "rou3.mjs", routes, "rou3"),
    peer("memoirist", "memoirist.mjs", routes, "memoirist"),
    peer("Hono RegExpRouter", "hono.mjs", routes, "hono", "RegExpRouter"),
    peer("Hono TrieRouter", "hono.mjs", routes, "hono", "TrieRouter"),
  ];
  return {
    name: `${routes}-routes`,
    what: `the route and the parameters of a path, of ${routes.toLocaleString("en-US")} routes: text, one parameter, two, the rest, and none`,
    servers: [
      { name: "Socle", role: "subject", command: ["node", "bench/peers/router/socle.mjs", String(routes)] },
      ...peers,
    ],
    load: { kind: "matches" },
    targets: [{ metric: "match", peers: peers.map(({ name }) => name), atMost: 1 }],
  };
}

export default {
  name: "router",
  what: "the router alone, beside those of Fastify, h3, Elysia and Hono",
  rounds: 3,
  seconds: 1,
  rows: [10, 100, 1000, 10_000].map(row),
} satisfies Benchmark as Benchmark;

/** Large bodies, both ways. */
import type { Row, Server, Target } from "../../lib/benchmark.ts";
import { deno } from "../../lib/commands.ts";

const mebibyte = 2 ** 20;
const folder = "bench/peers/http/transfer";

const servers: Server[] = [
  { name: "Socle", role: "subject", command: ["node", `${folder}/socle.ts`] },
  { name: "node:http", role: "peer", command: ["node", `${folder}/node-http.mjs`] },
  { name: "Bun.serve", role: "peer", command: ["bun", `${folder}/bun.ts`] },
  { name: "Deno.serve", role: "peer", ...deno(`${folder}/deno.ts`) },
];

/** What is carried in a run is many times 100 MiB: memory that stays under this doesn't grow with it. */
const targets: Target[] = [
  { metric: "rate", peers: ["node:http", "Deno.serve"], atLeast: 1 },
  { metric: "memoryGrowth", atMost: 64 * mebibyte },
];

export const uploadRow: Row = {
  name: "upload",
  what: "POST of 100 MiB, read and counted piece by piece",
  servers,
  load: {
    kind: "transfer",
    direction: "send",
    bytes: 100 * mebibyte,
    request: { method: "POST", target: "/", headers: [["Content-Type", "application/octet-stream"]] },
  },
  targets,
};

export const downloadRow: Row = {
  name: "download",
  what: "GET of 100 MiB, written in pieces of 64 KiB as the client takes them",
  servers,
  load: {
    kind: "transfer",
    direction: "receive",
    bytes: 100 * mebibyte,
    request: { method: "GET", target: "/", headers: [] },
  },
  targets,
};

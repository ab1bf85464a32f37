import type { Benchmark } from "../lib/benchmark.ts";
import { jsonRow, pipelinedRow, postRow } from "./http/api.ts";
import { helloRow, idleRow, newConnectionRow, tlsRow, variedRow } from "./http/engine.ts";
import { downloadRow, uploadRow } from "./http/transfer.ts";

export default {
  name: "http",
  what: "the HTTP engine and the framework on it beside the servers and frameworks of Node, Bun and Deno",
  // With three rounds of three seconds all rows together take under 25 minutes.
  rounds: 3,
  seconds: 3,
  rows: [
    helloRow,
    variedRow,
    jsonRow,
    pipelinedRow,
    postRow,
    uploadRow,
    downloadRow,
    newConnectionRow,
    idleRow,
    tlsRow,
  ],
} satisfies Benchmark as Benchmark;

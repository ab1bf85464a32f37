import type { Benchmark } from "../lib/benchmark.ts";
import { pageRow } from "./web/page.ts";
import { routesRow } from "./web/routes.ts";
import { sessionRow } from "./web/session.ts";
import { uploadRow } from "./web/upload.ts";
import { validatedRow } from "./web/validated.ts";

export default {
  name: "web",
  what: "the framework beside those of Node and Bun, and Flask: what a request costs as a whole",
  rounds: 3,
  seconds: 3,
  rows: [routesRow, validatedRow, sessionRow, uploadRow, pageRow],
} satisfies Benchmark as Benchmark;

/**
 * How the tests run. Type assertions (`expectTypeOf`) are checked by `npm run typecheck`, which
 * `npm test` runs first: Vitest itself only strips the types.
 */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import SummaryReporter from "./test/support/summary-reporter.ts";

const source = fileURLToPath(new URL("src", import.meta.url));

export default defineConfig({
  resolve: {
    // The package's own name means its source here, as in tsconfig.json. Processes that a test starts
    // run the build in dist/, which the global setup makes.
    alias: [
      { find: /^socle$/, replacement: `${source}/web/index.ts` },
      { find: /^socle\/globals$/, replacement: `${source}/web/globals.ts` },
      { find: /^socle\/client$/, replacement: `${source}/web/client/index.ts` },
      { find: /^socle\/([a-z]+)$/, replacement: `${source}/$1/index.ts` },
    ],
  },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts", "bench/lib/**/*.test.ts"],
    globalSetup: "test/support/global-setup.ts",
    reporters: ["default", new SummaryReporter()],
    // Real sockets and processes on a busy machine: long enough that only a hang reaches it.
    testTimeout: 30_000,
    // In a check of everything at once a process may be starved for seconds; a fault of ours fails again.
    retry: process.env["CI"] === "true" ? 2 : 0,
    hookTimeout: 60_000,
  },
});

/** Each fetch framework as a whole: its answers on Socle, with and without fast fetch, are those of its own host on Node. */
import { testFramework } from "./framework-tests.ts";

const flags = [[], ["--fast-fetch"]];

await testFramework("Hono", new URL("hono/index.mjs", import.meta.url), flags);
await testFramework("h3", new URL("h3/index.mjs", import.meta.url), flags);
await testFramework("h3 by its Node handler", new URL("h3-node.mjs", import.meta.url), [[]]);
await testFramework("Elysia", new URL("elysia/index.mjs", import.meta.url), flags);
await testFramework("itty-router", new URL("itty.mjs", import.meta.url), flags);
await testFramework("@hono/node-server", new URL("hono-node.mjs", import.meta.url), [[]]);

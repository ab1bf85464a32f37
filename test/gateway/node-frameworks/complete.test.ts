/** Each Node-style framework as a whole: its answers on Socle are those of its own server. */
import { testFramework } from "../fetch-apps/complete/framework-tests.ts";

await testFramework("Fastify", new URL("fastify/index.mjs", import.meta.url), [[]]);
await testFramework("Connect", new URL("connect.mjs", import.meta.url), [[]]);

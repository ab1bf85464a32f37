// node node-server.mjs MODULE: Hono's own server on Node, for the fetch application that a module exports.
import { serve } from "@hono/node-server";

const { app } = await import(process.argv[2]);
serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: "127.0.0.1" });

// node srvx.mjs MODULE: the server of h3 and Nitro, for the fetch application that a module exports.
import { serve } from "srvx/node";

const { app } = await import(process.argv[2]);
serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: "127.0.0.1", silent: true });

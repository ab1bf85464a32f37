// deno run deno.ts MODULE: for the fetch application that a module exports.
const { app } = await import(Deno.args[0]);
Deno.serve({ port: Number(Deno.env.get("PORT")), hostname: "127.0.0.1" }, app.fetch);

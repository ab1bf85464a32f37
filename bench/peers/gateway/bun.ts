// bun bun.ts MODULE: for the fetch application that a module exports.
const { app } = await import(process.argv[2]);
Bun.serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: "127.0.0.1" });

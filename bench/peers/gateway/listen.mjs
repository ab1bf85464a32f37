// node listen.mjs MODULE: the app of Express, Koa or Fastify that a module exports, on node:http by its own listen().
const { app } = await import(process.argv[2]);
app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });

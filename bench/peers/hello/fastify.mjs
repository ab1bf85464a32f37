import fastify from "fastify";

const app = fastify();
app.get("/hello", async (request) => ({ hello: request.query.name ?? "world" }));
await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });

import Fastify from "fastify";

const fastify = Fastify({
  logger: true,
});

// Declare a route
fastify.get("/", async () => {
  return { hello: "world" };
});

export default fastify;

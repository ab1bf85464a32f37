import multipart from "@fastify/multipart";
import fastify from "fastify";

const app = fastify();
await app.register(multipart);
app.post("/pictures", async (request, reply) => {
  const picture = await request.file();
  if (picture === undefined) return reply.code(400).send("no picture was chosen");
  const content = await picture.toBuffer();
  return { title: picture.fields.title.value, size: content.length, last: content.at(-1) };
});
await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });

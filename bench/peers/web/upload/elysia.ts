import { Elysia, t } from "elysia";

new Elysia()
  .post(
    "/pictures",
    async ({ body: { title, picture } }) => {
      const content = new Uint8Array(await picture.arrayBuffer());
      return { title, size: content.length, last: content.at(-1) };
    },
    { body: t.Object({ title: t.String(), picture: t.File() }) },
  )
  .listen({ port: Number(process.env.PORT), hostname: "127.0.0.1" });

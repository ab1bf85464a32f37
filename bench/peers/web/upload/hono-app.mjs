import { Hono } from "hono";

export const app = new Hono();
app.post("/pictures", async (c) => {
  const { title, picture } = await c.req.parseBody();
  if (!(picture instanceof File)) return c.text("no picture was chosen", 400);
  const content = new Uint8Array(await picture.arrayBuffer());
  return c.json({ title, size: content.length, last: content.at(-1) });
});

import { Hono } from "hono";
import { getSignedCookie, setSignedCookie } from "hono/cookie";

const secret = process.env.SECRET;

export const app = new Hono();
app.get("/visits", async (c) => {
  const visits = Number((await getSignedCookie(c, secret, "visits")) || 0) + 1;
  await setSignedCookie(c, "visits", String(visits), secret, { httpOnly: true, sameSite: "Lax" });
  return c.json({ visits });
});

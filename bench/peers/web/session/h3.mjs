import { H3, serve, useSession } from "h3";

const app = new H3();
app.get("/visits", async (event) => {
  const session = await useSession(event, { password: process.env.SECRET });
  const visits = (session.data.visits ?? 0) + 1;
  await session.update({ visits });
  return { visits };
});
serve(app, { port: Number(process.env.PORT), hostname: "127.0.0.1", silent: true });

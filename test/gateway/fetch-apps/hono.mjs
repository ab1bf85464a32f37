/** The same small application in each framework, with its global names and in its own ways: this one in Hono's. */
import { events, upperCase } from "./parts.mjs";

export function makeApp({ Hono }) {
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    c.header("x-middleware", "seen");
  });
  app.get("/users/:id{[0-9]+}", (c) =>
    c.json({ id: Number(c.req.param("id")), q: c.req.query("q") ?? null }),
  );
  app.post("/json", async (c) =>
    c.json({ got: await c.req.json(), type: c.req.header("content-type") }, 201),
  );
  app.post("/form", async (c) => {
    const { file, name } = await c.req.parseBody();
    return c.text(`${name} ${file.name} ${await file.text()}`);
  });
  app.post("/upper", (c) => c.body(c.req.raw.body.pipeThrough(upperCase())));
  app.get("/events", (c) => c.body(events(), 200, { "content-type": "text/event-stream" }));
  app.get("/cookies", (c) => {
    c.header("set-cookie", "a=1", { append: true });
    c.header("set-cookie", "b=2", { append: true });
    return c.text("cookies");
  });
  app.get("/proxy", (c) => fetch(c.req.query("to")));
  app.all("/forward", (c) => fetch(new Request(c.req.query("to"), c.req.raw)));
  app.get("/throw", () => {
    throw new Error("thrown by the app");
  });
  app.get("/ip", (c) => c.text(`${c.env.remoteAddress} ${c.env === c.executionCtx}`));
  return app;
}

/** The application in h3's ways. */
import { events, upperCase } from "./parts.mjs";

export function makeApp({ H3, getQuery, getRequestIP, readBody }) {
  const app = new H3();
  app.use(async (event, next) => {
    const answer = await next();
    event.res.headers.set("x-middleware", "seen");
    return answer;
  });
  app.get("/users/:id", (event) => ({ id: Number(event.context.params.id), q: getQuery(event).q ?? null }));
  app.post("/json", async (event) => {
    event.res.status = 201;
    return { got: await readBody(event), type: event.req.headers.get("content-type") };
  });
  app.post("/form", async (event) => {
    const form = await event.req.formData();
    return `${form.get("name")} ${form.get("file").name} ${await form.get("file").text()}`;
  });
  app.post("/upper", (event) => event.req.body.pipeThrough(upperCase()));
  app.get("/events", (event) => {
    event.res.headers.set("content-type", "text/event-stream");
    return events();
  });
  app.get("/cookies", (event) => {
    event.res.headers.append("set-cookie", "a=1");
    event.res.headers.append("set-cookie", "b=2");
    return "cookies";
  });
  app.get("/proxy", (event) => fetch(getQuery(event).to));
  app.all("/forward", (event) => fetch(new Request(getQuery(event).to, event.req)));
  app.get("/throw", () => {
    throw new Error("thrown by the app");
  });
  app.get("/ip", (event) => `${getRequestIP(event)} ${typeof event.req.waitUntil === "function"}`);
  return app;
}

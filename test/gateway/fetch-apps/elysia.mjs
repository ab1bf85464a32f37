/** The application in Elysia's ways. */
import { events, upperCase } from "./parts.mjs";

export function makeApp({ Elysia }) {
  return new Elysia()
    .onAfterHandle(({ set }) => {
      set.headers["x-middleware"] = "seen";
    })
    .get("/users/:id", ({ params, query }) => ({ id: Number(params.id), q: query.q ?? null }))
    .post("/json", ({ body, headers, set }) => {
      set.status = 201;
      return { got: body, type: headers["content-type"] };
    })
    .post("/form", async ({ body }) => `${body.name} ${body.file.name} ${await body.file.text()}`)
    .post("/upper", ({ request }) => new Response(request.body.pipeThrough(upperCase())), { parse: "none" })
    .get("/events", () => new Response(events(), { headers: { "content-type": "text/event-stream" } }))
    .get("/cookies", () => {
      const headers = new Headers({ "x-a": "1" });
      headers.append("set-cookie", "a=1");
      headers.append("set-cookie", "b=2");
      return new Response("cookies", { headers });
    })
    .get("/proxy", ({ query }) => fetch(query.to))
    .all("/forward", ({ query, request }) => fetch(new Request(query.to, request)), { parse: "none" })
    .get("/throw", () => {
      throw new Error("thrown by the app");
    })
    .get("/ip", ({ request }) => `${request.ip} ${request instanceof Request}`);
}

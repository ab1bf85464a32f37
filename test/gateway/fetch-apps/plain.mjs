/** The application without a framework, in the way of itty-router: a router that hangs its findings on the request. */
import { events, upperCase } from "./parts.mjs";

export function makeApp() {
  const routes = [
    ["GET", /^\/users\/(?<id>\d+)$/, ({ params, query }) => ({ id: Number(params.id), q: query.q ?? null })],
    [
      "POST",
      /^\/json$/,
      async (request) =>
        Response.json(
          { got: await request.json(), type: request.headers.get("content-type") },
          { status: 201 },
        ),
    ],
    [
      "POST",
      /^\/form$/,
      async (request) => {
        const form = await request.formData();
        return new Response(`${form.get("name")} ${form.get("file").name} ${await form.get("file").text()}`);
      },
    ],
    ["POST", /^\/upper$/, (request) => new Response(request.body.pipeThrough(upperCase()))],
    ["GET", /^\/events$/, () => new Response(events(), { headers: { "content-type": "text/event-stream" } })],
    [
      "GET",
      /^\/cookies$/,
      () =>
        new Response("cookies", {
          headers: [
            ["set-cookie", "a=1"],
            ["set-cookie", "b=2"],
          ],
        }),
    ],
    ["GET", /^\/proxy$/, ({ query }) => fetch(query.to)],
    ["", /^\/forward$/, (request) => fetch(new Request(request.query.to, request))],
    [
      "GET",
      /^\/throw$/,
      () => {
        throw new Error("thrown by the app");
      },
    ],
    ["GET", /^\/ip$/, ({ ip }, env, ctx) => new Response(`${ip} ${env === ctx}`)],
  ];
  return {
    port: 3000,
    async fetch(request, ...more) {
      const url = new URL(request.url);
      for (const [method, path, handler] of routes) {
        const match = path.exec(url.pathname);
        if (match === null || (method !== "" && method !== request.method)) continue;
        request.params = { ...match.groups };
        request.query = Object.fromEntries(url.searchParams);
        const result = await handler(request, ...more);
        const response = result instanceof Response ? result : Response.json(result);
        // What fetch has brought can't be changed.
        if (response.url === "") response.headers.set("x-middleware", "seen");
        return response;
      }
      return new Response("Not Found", { status: 404 });
    },
  };
}

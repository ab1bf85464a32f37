// Bun's own router, its fastest documented way.
import { create, list, parseId, remove, resources, show } from "./resources.mjs";

const withId = (answer: (id: number) => unknown) => (request: Bun.BunRequest<"/:id">) => {
  const id = parseId(request.params.id);
  return id === undefined ? new Response(null, { status: 404 }) : Response.json(answer(id));
};

const routes = {};
for (const name of resources) {
  routes[`/api/${name}`] = {
    GET: () => Response.json(list(name)),
    POST: async (request) => Response.json(create(name, await request.json())),
  };
  routes[`/api/${name}/:id`] = {
    GET: withId((id) => show(name, id)),
    PUT: withId((id) => show(name, id)),
    DELETE: withId((id) => remove(name, id)),
  };
}
Bun.serve({ port: Number(process.env.PORT), hostname: "127.0.0.1", routes });

// With a schema for the id, as its documentation advises: it compiles what checks and converts it.
import { Elysia, t } from "elysia";
import { create, list, remove, resources, show } from "./resources.mjs";

const app = new Elysia();
const withId = { params: t.Object({ id: t.Integer() }) };
for (const name of resources) {
  app.get(`/api/${name}`, () => list(name));
  app.post(`/api/${name}`, ({ body }) => create(name, body));
  app.get(`/api/${name}/:id`, ({ params }) => show(name, params.id), withId);
  app.put(`/api/${name}/:id`, ({ params }) => show(name, params.id), withId);
  app.delete(`/api/${name}/:id`, ({ params }) => remove(name, params.id), withId);
}
app.listen({ port: Number(process.env.PORT), hostname: "127.0.0.1" });

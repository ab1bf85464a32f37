// With schemas, as its documentation advises for speed: ids are checked and converted, answers written by a serializer made for them.
import fastify from "fastify";
import { create, list, remove, resources, show } from "./resources.mjs";

const id = { params: { type: "object", properties: { id: { type: "integer" } }, required: ["id"] } };
const answers = (properties) => ({ response: { 200: { type: "object", properties } } });
const string = { type: "string" };
const integer = { type: "integer" };
const number = { type: "number" };
const boolean = { type: "boolean" };
const item = answers({
  resource: string,
  id: integer,
  active: boolean,
  owner: { type: "object", properties: { id: integer, name: string } },
});
const created = answers({ resource: string, customer: string, lines: integer, total: number });

const app = fastify();
for (const name of resources) {
  app.get(`/api/${name}`, async () => list(name));
  app.post(`/api/${name}`, { schema: created }, async (request) => create(name, request.body));
  app.get(`/api/${name}/:id`, { schema: { ...id, ...item } }, async (request) =>
    show(name, request.params.id),
  );
  app.put(`/api/${name}/:id`, { schema: { ...id, ...item } }, async (request) =>
    show(name, request.params.id),
  );
  app.delete(`/api/${name}/:id`, { schema: id }, async (request) => remove(name, request.params.id));
}
await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });

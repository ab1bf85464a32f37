import { getRouterParam, H3, HTTPError, readBody, serve } from "h3";
import { create, list, parseId, remove, resources, show } from "./resources.mjs";

const app = new H3();
for (const name of resources) {
  app.get(`/api/${name}`, () => list(name));
  app.post(`/api/${name}`, async (event) => create(name, await readBody(event)));
  app.get(`/api/${name}/:id`, (event) => show(name, idOf(event)));
  app.put(`/api/${name}/:id`, (event) => show(name, idOf(event)));
  app.delete(`/api/${name}/:id`, (event) => remove(name, idOf(event)));
}
serve(app, { port: Number(process.env.PORT), hostname: "127.0.0.1", silent: true });

function idOf(event) {
  const id = parseId(getRouterParam(event, "id"));
  if (id === undefined) throw new HTTPError({ status: 404 });
  return id;
}

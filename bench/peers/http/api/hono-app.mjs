// The one app that Hono's three runtimes serve. The pattern in the path lets only digits match.
import { Hono } from "hono";
import { create, list, remove, resources, show } from "./resources.mjs";

export const app = new Hono();
for (const name of resources) {
  app.get(`/api/${name}`, (c) => c.json(list(name)));
  app.post(`/api/${name}`, async (c) => c.json(create(name, await c.req.json())));
  app.get(`/api/${name}/:id{[0-9]+}`, (c) => c.json(show(name, Number(c.req.param("id")))));
  app.put(`/api/${name}/:id{[0-9]+}`, (c) => c.json(show(name, Number(c.req.param("id")))));
  app.delete(`/api/${name}/:id{[0-9]+}`, (c) => c.json(remove(name, Number(c.req.param("id")))));
}

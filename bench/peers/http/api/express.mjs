import express from "express";
import { create, list, parseId, remove, resources, show } from "./resources.mjs";

const app = express();
// What its documentation says to switch off where nobody asks for it.
app.disable("x-powered-by");
app.disable("etag");

const json = express.json();
const withId = (request, _, next) => {
  request.id = parseId(request.params.id);
  next(request.id === undefined ? "route" : undefined);
};
for (const name of resources) {
  app.get(`/api/${name}`, (_, response) => response.json(list(name)));
  app.post(`/api/${name}`, json, (request, response) => response.json(create(name, request.body)));
  app.get(`/api/${name}/:id`, withId, (request, response) => response.json(show(name, request.id)));
  app.put(`/api/${name}/:id`, withId, (request, response) => response.json(show(name, request.id)));
  app.delete(`/api/${name}/:id`, withId, (request, response) => response.json(remove(name, request.id)));
}
app.listen(Number(process.env.PORT), "127.0.0.1");

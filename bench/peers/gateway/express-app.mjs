import express from "express";
import { create, list, parseId, show } from "../http/api/resources.mjs";

export const app = express();
// What its documentation says to switch off where nobody asks for it.
app.disable("x-powered-by");
app.disable("etag");

app.get("/", (_, response) => response.json({ hello: "world" }));
app.get("/orders", (_, response) => response.json(list("orders")));
app.post("/orders", express.json(), (request, response) => response.json(create("orders", request.body)));
app.get("/orders/:id", (request, response, next) => {
  const id = parseId(request.params.id);
  if (id === undefined) next();
  else response.json(show("orders", id));
});

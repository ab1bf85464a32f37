// With schemas, as its documentation advises for speed: the id is checked and converted, the answer written by a serializer made for it.
import fastify from "fastify";
import { create, list, show } from "../http/api/resources.mjs";

const id = { type: "integer" };
const params = { type: "object", properties: { id }, required: ["id"] };
const order = {
  type: "object",
  properties: {
    resource: { type: "string" },
    id,
    active: { type: "boolean" },
    owner: { type: "object", properties: { id, name: { type: "string" } } },
  },
};

export const app = fastify();
app.get("/", async () => ({ hello: "world" }));
app.get("/orders", async () => list("orders"));
app.post("/orders", async (request) => create("orders", request.body));
app.get("/orders/:id", { schema: { params, response: { 200: order } } }, async (request) =>
  show("orders", request.params.id),
);

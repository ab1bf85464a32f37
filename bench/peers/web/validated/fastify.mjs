import fastify from "fastify";
import { create } from "../../http/api/resources.mjs";

const object = (properties, ...optional) => ({
  type: "object",
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});
const text = (minLength, maxLength) => ({ type: "string", minLength, maxLength });
const body = object(
  {
    customer: object({
      id: { type: "integer", exclusiveMinimum: 0 },
      name: text(1, 100),
      email: { type: "string", format: "email" },
      vat: { type: "string", nullable: true },
    }),
    placed: { type: "string", format: "date-time" },
    currency: { enum: ["EUR", "GBP", "USD"] },
    shipping: object({
      street: text(1, 100),
      city: text(1, 100),
      zip: text(1, 20),
      country: text(2, 2),
      express: { type: "boolean" },
    }),
    lines: {
      type: "array",
      minItems: 1,
      maxItems: 100,
      items: object({
        sku: text(1, 40),
        title: text(1, 100),
        quantity: { type: "integer", exclusiveMinimum: 0 },
        price: { type: "number", minimum: 0 },
        tags: { type: "array", items: { type: "string" }, maxItems: 10 },
      }),
    },
    note: text(0, 500),
  },
  "note",
);
const created = object({
  resource: { type: "string" },
  customer: { type: "string" },
  lines: { type: "integer" },
  total: { type: "number" },
});

const app = fastify();
app.post("/api/orders", { schema: { body, response: { 200: created } } }, async (request) =>
  create("orders", request.body),
);
await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });

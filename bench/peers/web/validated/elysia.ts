import { Elysia, t } from "elysia";
import { create } from "../../http/api/resources.mjs";

const text = (minLength: number, maxLength: number) => t.String({ minLength, maxLength });
const Order = t.Object({
  customer: t.Object({
    id: t.Integer({ exclusiveMinimum: 0 }),
    name: text(1, 100),
    email: t.String({ format: "email" }),
    vat: t.Nullable(t.String()),
  }),
  placed: t.String({ format: "date-time" }),
  currency: t.UnionEnum(["EUR", "GBP", "USD"]),
  shipping: t.Object({
    street: text(1, 100),
    city: text(1, 100),
    zip: text(1, 20),
    country: text(2, 2),
    express: t.Boolean(),
  }),
  lines: t.Array(
    t.Object({
      sku: text(1, 40),
      title: text(1, 100),
      quantity: t.Integer({ exclusiveMinimum: 0 }),
      price: t.Number({ minimum: 0 }),
      tags: t.Array(t.String(), { maxItems: 10 }),
    }),
    { minItems: 1, maxItems: 100 },
  ),
  note: t.Optional(text(0, 500)),
});

new Elysia()
  .post("/api/orders", ({ body }) => create("orders", body), { body: Order })
  .listen({ port: Number(process.env.PORT), hostname: "127.0.0.1" });

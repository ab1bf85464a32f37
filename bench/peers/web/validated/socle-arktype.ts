import { type } from "arktype";
import { App } from "../../../../dist/web/index.js";
import { create } from "../../http/api/resources.mjs";

const Order = type({
  customer: {
    id: "number.integer > 0",
    name: "1 <= string <= 100",
    email: "string.email",
    vat: "string | null",
  },
  placed: "string.date.iso",
  currency: "'EUR' | 'GBP' | 'USD'",
  shipping: {
    street: "1 <= string <= 100",
    city: "1 <= string <= 100",
    zip: "1 <= string <= 20",
    country: "string == 2",
    express: "boolean",
  },
  lines: type({
    sku: "1 <= string <= 40",
    title: "1 <= string <= 100",
    quantity: "number.integer > 0",
    price: "number >= 0",
    tags: "string[] <= 10",
  })
    .array()
    .atLeastLength(1)
    .atMostLength(100),
  "note?": "string <= 500",
});

export function main() {
  const app = new App();
  app.post("/api/orders", { body: Order }, ({ valid }) => create("orders", valid.body));
  return app;
}

import { App } from "../../../../dist/web/index.js";
import { create } from "../../http/api/resources.mjs";
import { Order } from "./order.mjs";

export function main() {
  const app = new App();
  app.post("/api/orders", { body: Order }, ({ valid }) => create("orders", valid.body));
  return app;
}

import express from "express";
import { create } from "../../http/api/resources.mjs";
import { Order } from "./order.mjs";

const app = express();
app.disable("x-powered-by");
app.disable("etag");
app.post("/api/orders", express.json(), (request, response) => {
  const order = Order.safeParse(request.body);
  if (order.success) response.json(create("orders", order.data));
  else response.status(422).json({ errors: order.error.issues });
});
app.listen(Number(process.env.PORT), "127.0.0.1");

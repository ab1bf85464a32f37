import { bodyParser } from "@koa/bodyparser";
import Router from "@koa/router";
import Koa from "koa";
import { create } from "../../http/api/resources.mjs";
import { Order } from "./order.mjs";

const app = new Koa();
const router = new Router();
router.post("/api/orders", bodyParser(), (context) => {
  const order = Order.safeParse(context.request.body);
  if (!order.success) context.throw(422);
  context.body = create("orders", order.data);
});
app.use(router.routes());
app.listen(Number(process.env.PORT), "127.0.0.1");

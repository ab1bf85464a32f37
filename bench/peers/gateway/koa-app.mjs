import { bodyParser } from "@koa/bodyparser";
import Router from "@koa/router";
import Koa from "koa";
import { create, list, parseId, show } from "../http/api/resources.mjs";

export const app = new Koa();
const router = new Router();
router.get("/", (context) => {
  context.body = { hello: "world" };
});
router.get("/orders", (context) => {
  context.body = list("orders");
});
router.post("/orders", bodyParser(), (context) => {
  context.body = create("orders", context.request.body);
});
router.get("/orders/:id", (context) => {
  const id = parseId(context.params.id);
  if (id === undefined) context.throw(404);
  context.body = show("orders", id);
});
app.use(router.routes());

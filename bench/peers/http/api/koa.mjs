import { bodyParser } from "@koa/bodyparser";
import Router from "@koa/router";
import Koa from "koa";
import { create, list, parseId, remove, resources, show } from "./resources.mjs";

const app = new Koa();
const router = new Router();
const withId = (context, next) => {
  context.state.id = parseId(context.params.id);
  if (context.state.id === undefined) context.throw(404);
  return next();
};
for (const name of resources) {
  router.get(`/api/${name}`, (context) => {
    context.body = list(name);
  });
  router.post(`/api/${name}`, bodyParser(), (context) => {
    context.body = create(name, context.request.body);
  });
  router.get(`/api/${name}/:id`, withId, (context) => {
    context.body = show(name, context.state.id);
  });
  router.put(`/api/${name}/:id`, withId, (context) => {
    context.body = show(name, context.state.id);
  });
  router.delete(`/api/${name}/:id`, withId, (context) => {
    context.body = remove(name, context.state.id);
  });
}
app.use(router.routes());
app.listen(Number(process.env.PORT), "127.0.0.1");

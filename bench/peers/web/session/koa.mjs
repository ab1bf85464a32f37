import Router from "@koa/router";
import Koa from "koa";
import { createSession } from "koa-session";

const app = new Koa({ keys: [process.env.SECRET] });
app.use(createSession({ sameSite: "lax" }, app));
const router = new Router();
router.get("/visits", (context) => {
  context.session.visits = (context.session.visits ?? 0) + 1;
  context.body = { visits: context.session.visits };
});
app.use(router.routes());
app.listen(Number(process.env.PORT), "127.0.0.1");

import Router from "@koa/router";
import Koa from "koa";
import { eta } from "./eta.mjs";
import { parts, title } from "./parts.mjs";

const app = new Koa();
const router = new Router();
router.get("/parts", (context) => {
  context.type = "html";
  context.body = eta.render("parts", { title, parts });
});
app.use(router.routes());
app.listen(Number(process.env.PORT), "127.0.0.1");

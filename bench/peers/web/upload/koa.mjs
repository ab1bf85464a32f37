import multer from "@koa/multer";
import Router from "@koa/router";
import Koa from "koa";

const app = new Koa();
const router = new Router();
const upload = multer({ storage: multer.memoryStorage() });
router.post("/pictures", upload.single("picture"), (context) => {
  const { file, request } = context;
  if (file === undefined) context.throw(400, "no picture was chosen");
  context.body = { title: request.body.title, size: file.buffer.length, last: file.buffer.at(-1) };
});
app.use(router.routes());
app.listen(Number(process.env.PORT), "127.0.0.1");

import express from "express";
import multer from "multer";

const app = express();
app.disable("x-powered-by");
app.disable("etag");
const upload = multer({ storage: multer.memoryStorage() });
app.post("/pictures", upload.single("picture"), ({ body, file }, response) => {
  if (file === undefined) response.status(400).send("no picture was chosen");
  else response.json({ title: body.title, size: file.buffer.length, last: file.buffer.at(-1) });
});
app.listen(Number(process.env.PORT), "127.0.0.1");

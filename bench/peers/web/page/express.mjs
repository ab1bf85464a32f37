import express from "express";
import { eta } from "./eta.mjs";
import { parts, title } from "./parts.mjs";

const app = express();
app.disable("x-powered-by");
app.disable("etag");
app.get("/parts", (_, response) => response.send(eta.render("parts", { title, parts })));
app.listen(Number(process.env.PORT), "127.0.0.1");

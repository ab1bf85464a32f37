import { H3, html, raw, serve } from "h3";
import { eta } from "./eta.mjs";
import { parts, title } from "./parts.mjs";

const app = new H3();
app.get("/parts", () => html(raw(eta.render("parts", { title, parts }))));
serve(app, { port: Number(process.env.PORT), hostname: "127.0.0.1", silent: true });

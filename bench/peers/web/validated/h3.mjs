import { H3, readValidatedBody, serve } from "h3";
import { create } from "../../http/api/resources.mjs";
import { Order } from "./order.mjs";

const app = new H3();
app.post("/api/orders", async (event) => create("orders", await readValidatedBody(event, Order)));
serve(app, { port: Number(process.env.PORT), hostname: "127.0.0.1", silent: true });

import { zValidator } from "@hono/zod-validator";
import { Hono } from "hono";
import { create } from "../../http/api/resources.mjs";
import { Order } from "./order.mjs";

export const app = new Hono();
app.post("/api/orders", zValidator("json", Order), (c) => c.json(create("orders", c.req.valid("json"))));

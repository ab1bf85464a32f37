import view from "@fastify/view";
import fastify from "fastify";
import { eta, views } from "./eta.mjs";
import { parts, title } from "./parts.mjs";

const app = fastify();
await app.register(view, { engine: { eta }, templates: views });
app.get("/parts", (_, reply) => reply.view("parts.eta", { title, parts }));
await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });

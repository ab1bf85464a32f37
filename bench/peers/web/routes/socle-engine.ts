// What the framework is measured against: the engine alone, which gives the same answer to whatever is asked.
import { HttpServer } from "../../../../dist/http/index.js";
import { show } from "../../http/api/resources.mjs";

const headers = ["content-type", "application/json"];
const server = new HttpServer((exchange) =>
  exchange.respond(200, headers, JSON.stringify(show("orders", 12345))),
);
await server.listen({ kind: "tcp", host: "127.0.0.1", port: Number(process.env.PORT) });

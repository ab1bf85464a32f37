import type { Row } from "../../lib/benchmark.ts";
import { postOrder } from "../http/api.ts";
import { aheadOfAll, peersOf, socle } from "./servers.ts";

const peers = peersOf("validated", {
  packages: {
    "Hono on Node": ["@hono/zod-validator", "zod"],
    "Hono on Bun": ["@hono/zod-validator", "zod"],
    h3: ["zod"],
    Express: ["zod"],
    Koa: ["@koa/bodyparser", "zod"],
  },
  flask: ["python3-pydantic", "python3-email-validator"],
});
const arktype = "Socle, ArkType";

export const validatedRow: Row = {
  name: "validated",
  what:
    "POST 1 KiB of JSON, an order with seven lines, validated in each framework's usual way: zod with Socle, Hono, h3, Express " +
    "and Koa, JSON Schema with Fastify, TypeBox with Elysia, pydantic with Flask",
  servers: [
    socle("validated", { packages: ["zod"] }),
    socle("validated", { name: arktype, file: "socle-arktype.ts", packages: ["arktype"] }),
    ...peers,
  ],
  load: {
    kind: "requests",
    requests: [postOrder(7, 1024)],
    answer: {
      status: 200,
      body: '{"resource":"orders","customer":"Ada Lovelace","lines":7,"total":350}',
    },
  },
  targets: [aheadOfAll(peers), aheadOfAll(peers, arktype)],
};

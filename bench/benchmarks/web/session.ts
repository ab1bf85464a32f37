import type { Request, Row } from "../../lib/benchmark.ts";
import { browserHeaders } from "../../lib/browser.ts";
import { aheadOfAll, peersOf, socle, withEnv } from "./servers.ts";

const peers = peersOf("session", {
  packages: {
    Fastify: ["@fastify/secure-session"],
    Express: ["cookie-session"],
    Koa: ["koa-session"],
  },
});
const visit: Request = { method: "GET", target: "/visits", headers: browserHeaders };

export const sessionRow: Row = {
  name: "session",
  what: "a counter in a session's cookie, read and written by each request: encrypted with Socle, Fastify and h3, signed with the others",
  servers: withEnv([socle("session"), ...peers], {
    SECRET: "7d8f0c3be91a52467d8f0c3be91a52467d8f0c3be91a52467d8f0c3be91a5246",
  }),
  // All requests carry the cookie of the first visit, so each of them is the second.
  load: {
    kind: "requests",
    cookiesFrom: visit,
    requests: [visit],
    answer: { status: 200, body: '{"visits":2}' },
  },
  targets: [aheadOfAll(peers)],
};

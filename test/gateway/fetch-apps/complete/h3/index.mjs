/** All of h3, in small apps under one roof. */
import { below } from "../cases.mjs";
import * as answers from "./answers.mjs";
import * as handlers from "./handlers.mjs";
import * as requests from "./requests.mjs";
import * as rules from "./rules.mjs";
import * as sessions from "./sessions.mjs";

const parts = { answers, handlers, requests, rules, sessions };

export const packages = ["h3"];

export async function makeApp(tools) {
  const { H3 } = tools.use("h3");
  const app = new H3();
  for (const [name, { makeApp }] of Object.entries(parts)) app.mount(`/${name}`, await makeApp(tools));
  return app;
}

export async function serveReference(app, { use }) {
  const server = use("h3").serve(app, { port: 0, hostname: "127.0.0.1", silent: true });
  await server.ready();
  return Number(new URL(server.url).port);
}

export const cases = Object.entries(parts).flatMap(([name, { cases }]) => below(`/${name}`, cases));

/** Times, session ids and what is sealed. */
export const scrub = [
  /(?<=dur=)[\d.]+/g,
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g,
  /Fe26\.2\*[\w*.-]+/g,
  /(?<=Expires=)[^;]+/g,
];

const sameNames = "the names of h3 again, for another runtime";
export const notForServers = {
  ...Object.fromEntries(
    ["bun", "cloudflare", "deno", "generic", "node", "service-worker"].map((name) => [
      `h3/${name} *`,
      sameNames,
    ]),
  ),
  "h3/rules/cache": "needs a package of its own, ocache",
};

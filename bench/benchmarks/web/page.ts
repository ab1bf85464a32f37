import type { Row } from "../../lib/benchmark.ts";
import { browserHeaders } from "../../lib/browser.ts";
import { aheadOfAll, peersOf, socle } from "./servers.ts";

const peers = peersOf("page", {
  packages: {
    Fastify: ["@fastify/view", "eta"],
    Express: ["eta"],
    Koa: ["eta"],
    h3: ["eta"],
  },
});

const rows = Array.from(
  { length: 20 },
  (_, i) =>
    `<tr id="part-${1000 + i}"><td><a href="/parts/${1000 + i}">Wheel &amp; axle no. ${i + 1}</a></td>` +
    `<td>bore &lt; ${i + 5} mm, brass &amp; steel</td><td>${i + 12}.50</td></tr>`,
);

export const pageRow: Row = {
  name: "page",
  what:
    "a page of HTML with a table of 20 rows, all texts escaped: templates in the code with Socle, Hono and Elysia, Eta with Fastify, " +
    "Express, Koa and h3, Jinja with Flask",
  servers: [socle("page"), ...peers],
  load: {
    kind: "requests",
    requests: [{ method: "GET", target: "/parts", headers: browserHeaders }],
    answer: {
      status: 200,
      body: `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Gears &amp; wheels</title></head>
<body>
<h1>Gears &amp; wheels</h1>
<table>
<thead><tr><th>Part</th><th>Note</th><th>Price</th></tr></thead>
<tbody>${rows.join("")}</tbody>
</table>
</body>
</html>`,
    },
  },
  targets: [aheadOfAll(peers)],
};

import type { Row, Server } from "../../lib/benchmark.ts";
import { peers as apiPeers, item, socle } from "../http/api.ts";
import { aheadOfAll, flask, peersOf, web } from "./servers.ts";

// The application of the benchmark `http`, where servers without a framework are measured besides.
const frameworks = peersOf("routes").map(({ name }) => name);
const peers: Server[] = [...apiPeers.filter(({ name }) => frameworks.includes(name)), flask("routes")];

const engine: Server = {
  name: "bare engine",
  role: "reference",
  command: ["node", `${web}/routes/socle-engine.ts`],
};

export const routesRow: Row = {
  name: "routes",
  what: "GET JSON from an application with 100 routes and a number in the path, with a browser's twelve header lines",
  servers: [socle, ...peers, engine],
  load: item,
  targets: [aheadOfAll(peers), { metric: "user", peers: [engine.name], atMostMore: 1 }],
};

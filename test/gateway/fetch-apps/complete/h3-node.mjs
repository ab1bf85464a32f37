/** The same application of h3 as its own `serve` runs it on Node: with Node's request and response behind the fetch one. */
import * as h3 from "./h3/index.mjs";

export const { packages, makeApp, serveReference, scrub, notForServers } = h3;
export const style = "node";

export async function target(app, { use }) {
  const server = use("h3").serve(app, { port: 3000, hostname: "127.0.0.1", silent: true });
  await server.ready();
  return server.node.server;
}

export const cases = h3.cases.map(({ onSocle: _none, ...given }) => given);

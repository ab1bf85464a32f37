/** All of Elysia: routes, the life of a request, schemas, cookies, files, streams, plugins. */
import * as answers from "./answers.mjs";
import * as cookies from "./cookies.mjs";
import * as errors from "./errors.mjs";
import * as lifecycle from "./lifecycle.mjs";
import * as plugins from "./plugins.mjs";
import * as requests from "./requests.mjs";
import * as schemas from "./schemas.mjs";
import * as utilities from "./utilities.mjs";

const parts = { answers, requests, lifecycle, errors, schemas, cookies, plugins, utilities };

export const packages = ["elysia"];

export async function makeApp({ use, watch }) {
  const elysia = use("elysia");
  const { Elysia } = elysia;
  const app = new Elysia({ name: "root" });
  watch("Elysia", app);
  for (const [name, part] of Object.entries(parts)) app.use(part[name](elysia, watch));
  await app.modules;
  app.compile();
  return app;
}

export const cases = Object.values(parts).flatMap(({ cases }) => cases);

const noServer =
  "needs a server of Elysia's own adapter, for Bun or Node: on Socle the application is served";
export const notForServers = {
  "Elysia.listen": noServer,
  "Elysia.stop": noServer,
  "Elysia.ws": noServer,
  "Context.server": "Bun's, of which there is none",
  "Context.own*": "the applications' own",
  "elysia/*": "the inside of the package, whose public names come by elysia itself",
};

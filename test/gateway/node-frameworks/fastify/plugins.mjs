/** Plugins, what an instance tells of itself, and its logger. */

import { ask } from "../../fetch-apps/complete/cases.mjs";

export async function plugins(app, { fastify, watch }) {
  watch("Fastify", app);
  const order = [];
  const shared = async (instance) => void instance.decorate("shared", "shared");
  shared[Symbol.for("skip-override")] = true;
  shared[Symbol.for("fastify.display-name")] = "shared-plugin";
  shared[Symbol.for("plugin-meta")] = { name: "shared-plugin" };
  app.register(shared);
  await app.after(() => order.push("after"));
  app.ready(() => order.push("ready"));
  app.onClose(() => {});
  app.get("/", async () => ({
    shared: app.shared,
    has: app.hasPlugin("shared-plugin"),
    order,
    prefix: app.prefix,
    name: app.pluginName,
    version: /^5\./.test(app.version),
  }));
  app.get("/printed", async () => [
    app.printRoutes({ commonPrefix: false }).includes("decorators"),
    app.printPlugins().includes("shared-plugin"),
  ]);
  app.get("/config", async () => [
    app.initialConfig.bodyLimit,
    app.supportedMethods.includes("MKCOL"),
    typeof app.genReqId,
    typeof app.childLoggerFactory,
    Array.isArray(app.addresses()),
    typeof app.listeningOrigin,
  ]);
  app.get("/inject", async () => {
    const inner = fastify();
    watch("Fastify", inner);
    inner.get("/", async ({ query }) => query);
    const answer = await inner.inject({ url: "/", query: { a: "1" } });
    const chained = await inner.inject().get("/").end();
    await inner.close();
    return [answer.statusCode, answer.json(), chained.json()];
  });
  await app.register(
    async (child) => {
      child.setGenReqId(() => "child-id");
      child.setChildLoggerFactory((logger, bindings, options) =>
        logger.child({ ...bindings, part: "child" }, options),
      );
      child.get(
        "/",
        { logLevel: "warn", logSerializers: { x: () => "serialized" } },
        async (request, reply) => {
          request.log.warn("noted by the request");
          reply.log.error("noted by the reply");
          request.log.info("noted by nobody");
          child.log.info("noted by the app");
          return request.id;
        },
      );
    },
    { prefix: "/logging" },
  );
}

export const cases = [
  ask("GET /plugins", 200, /"shared":"shared","has":true/),
  ask("GET /plugins/printed", 200, [true, true]),
  ask("GET /plugins/config", 200, /^\[5000,true,"function"/),
  ask("GET /plugins/inject", 200, [200, { a: "1" }, {}]),
  ask("GET /plugins/logging", 200, "child-id"),
];

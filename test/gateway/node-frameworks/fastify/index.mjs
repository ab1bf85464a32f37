/** All of Fastify: an application with encapsulated parts, and a second one with other options behind it. */
import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import { ask, converse, typed } from "../../fetch-apps/complete/cases.mjs";
import * as answers from "./answers.mjs";
import * as constraints from "./constraints.mjs";
import * as decorators from "./decorators.mjs";
import * as errors from "./errors.mjs";
import * as hooks from "./hooks.mjs";
import * as plugins from "./plugins.mjs";
import * as requests from "./requests.mjs";
import * as routes from "./routes.mjs";
import * as schemas from "./schemas.mjs";
import * as types from "./types.mjs";

const parts = { answers, requests, hooks, decorators, schemas, types, errors, plugins, routes, constraints };

export const packages = ["fastify"];
export const style = "node";

export async function makeApp({ use, watch }) {
  const { default: Fastify, fastify, errorCodes, LogController } = use("fastify");
  const lines = [];
  const second = await otherOptions(fastify);
  watch("Fastify", second);
  const app = Fastify({
    serverFactory: (handler) =>
      createServer((request, response) => {
        if (!request.url.startsWith("/second/")) return handler(request, response);
        request.url = request.url.slice("/second".length);
        second.routing(request, response);
      }),
    logger: { level: "info", stream: { write: (line) => void lines.push(JSON.parse(line)) } },
    logController: new LogController({ requestIdLogLabel: "id" }),
    requestIdHeader: "x-request-id",
    genReqId: () => "made",
    trustProxy: "127.0.0.1",
    bodyLimit: 5_000,
    routerOptions: { ignoreTrailingSlash: true, caseSensitive: false, maxParamLength: 20 },
    ajv: { customOptions: { coerceTypes: "array", useDefaults: true, removeAdditional: true } },
    exposeHeadRoutes: true,
  });
  watch("Fastify", app);
  app.addHook("onRequest", async (request, reply) => {
    watch("Request", request);
    watch("Reply", reply);
  });
  app.addHttpMethod("MKCOL", { hasBody: true });
  watch("Fastify", app);

  for (const [name, part] of Object.entries(parts)) {
    await app.register(part[name], { prefix: `/${name}`, errorCodes, fastify, watch });
  }
  app.get("/log", async () =>
    lines
      .filter(({ msg }) => msg?.startsWith("noted"))
      .map(({ level, msg, id, part }) => ({ level, msg, id, part })),
  );
  app.server.on("upgrade", (request, socket, head) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
    socket.write(`${request.url} `);
    if (head.length > 0) socket.unshift(head);
    socket.pipe(socket);
  });
  return app;
}

export async function serveReference(app) {
  const address = await app.listen({ port: 0, host: "127.0.0.1" });
  return Number(new URL(address).port);
}

export async function target(app) {
  await app.listen({ port: 3000, host: "127.0.0.1" });
  return app.server;
}

/** What can only be said when an application is made. */
async function otherOptions(fastify) {
  const app = fastify({
    rewriteUrl: ({ url }) => url.replace("/old", "/new"),
    routerOptions: {
      querystringParser: (text) => ({ text }),
      ignoreDuplicateSlashes: true,
      defaultRoute: undefined,
    },
    frameworkErrors: (error, _request, reply) => void reply.code(400).send(`framework: ${error.code}`),
    onProtoPoisoning: "remove",
    onConstructorPoisoning: "ignore",
    exposeHeadRoutes: false,
    handlerTimeout: 30_000,
    allowErrorHandlerOverride: true,
  });
  app.get("/new", async ({ url, originalUrl, query }) => ({ url, originalUrl, query }));
  app.post("/poison", async ({ body }) => Object.keys(body));
  await app.ready();
  return app;
}

export const cases = [
  ...Object.values(parts).flatMap(({ cases }) => cases),
  ask("GET /none", 404, { message: "Route GET:/none not found", error: "Not Found", statusCode: 404 }),
  ask("GET /log", 200, [
    { level: 40, msg: "noted by the request", id: "child-id", part: "child" },
    { level: 50, msg: "noted by the reply", id: "child-id", part: "child" },
    { level: 30, msg: "noted by the app" },
  ]),
  ask("GET /second/old?a=1", 200, { url: "/new?a=1", originalUrl: "/old?a=1", query: { text: "a=1" } }),
  ask("GET /second//new", 200, /"query"/),
  ask("HEAD /second/new", 404),
  ask("POST /second/poison", typed("application/json", '{"__proto__":1,"a":2}'), 200, ["a"]),
  converse(
    "an upgrade is the server's own listener's",
    async (port) => {
      const outgoing = httpRequest({
        host: "127.0.0.1",
        port,
        path: "/chat",
        headers: { connection: "upgrade", upgrade: "echo" },
      });
      outgoing.end();
      const [incoming, socket, head] = await once(outgoing, "upgrade");
      socket.write("hello");
      let received = String(head);
      while (!received.endsWith("hello")) received += (await once(socket, "data"))[0];
      socket.destroy();
      return [incoming.statusCode, received];
    },
    [101, "/chat hello"],
  ),
];

export const notForServers = {};

export const short = [
  ...["GET /answers/text", "GET /answers/stream", "GET /answers/response", "GET /answers/trailers"],
  ...["GET /answers/hijack", "POST /types?pieces", "GET /errors/thrown", "POST /schemas/person"],
  ...["GET /constraints?host", "GET /none", "an upgrade is the server's own listener's"],
];

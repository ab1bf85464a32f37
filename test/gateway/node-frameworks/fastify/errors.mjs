/** Errors, and what is nowhere. */

import { Readable } from "node:stream";
import { ask } from "../../fetch-apps/complete/cases.mjs";

export async function errors(app, { errorCodes }) {
  app.get("/thrown", async () => {
    throw Object.assign(new Error("thrown"), { statusCode: 418, code: "TEAPOT", headers: { "x-a": "1" } });
  });
  app.get("/sent", (_, reply) => void reply.code(409).send(new Error("sent")));
  app.get("/object", async () => {
    throw { statusCode: 422, plain: true };
  });
  app.get("/wrong-payload", (_, reply) => void reply.type("text/plain").send({ no: "text" }));
  app.get(
    "/stream",
    (_, reply) =>
      void reply.send(
        new Readable({
          read() {
            this.destroy(new Error("before anything"));
          },
        }),
      ),
  );
  app.get("/codes", async () => {
    const error = new errorCodes.FST_ERR_BAD_URL("/%");
    return [error.code, error.statusCode];
  });
  await app.register(
    async (inner) => {
      inner.setErrorHandler((error, _request, reply) => {
        if (error.message === "again") throw new Error("from the handler");
        reply.code(error.statusCode ?? 500).send(`handled: ${error.message} ${error.code}`);
      });
      inner.setNotFoundHandler(
        { preHandler: async (_request, reply) => void reply.header("x-hook", "1") },
        (request, reply) => reply.code(404).send(`nothing at ${request.url} ${request.is404}`),
      );
      inner.get("/a", async () => {
        throw new Error("a");
      });
      inner.get("/again", async () => {
        throw new Error("again");
      });
      inner.post("/checked", { schema: { body: { type: "object", required: ["a"] } } }, async () => "in");
      inner.get("/handler", async () => typeof inner.errorHandler);
    },
    { prefix: "/inner" },
  );
  app.get("/timeout", { handlerTimeout: 20 }, () => new Promise(() => {}));
}

export const cases = [
  ask("GET /errors/thrown", 418, {
    statusCode: 418,
    code: "TEAPOT",
    error: "I'm a Teapot",
    message: "thrown",
  }),
  ask("GET /errors/sent", 409, /sent/),
  ask("GET /errors/object", 422, { statusCode: 422, plain: true }),
  ask("GET /errors/wrong-payload", 500, /FST_ERR_REP_INVALID_PAYLOAD_TYPE/),
  ask("GET /errors/stream", 500, /before anything/),
  ask("GET /errors/codes", 200, ["FST_ERR_BAD_URL", 400]),
  ask("GET /errors/inner/a", 500, "handled: a undefined"),
  ask("GET /errors/inner/again", 500, /from the handler/),
  ask("POST /errors/inner/checked", { json: {} }, 400, /^handled: body must have .* FST_ERR_VALIDATION$/),
  ask("GET /errors/inner/handler", 200, "function"),
  ask("GET /errors/inner/none", 404, "nothing at /errors/inner/none true", { "x-hook": "1" }),
  ask("GET /errors/timeout", 503, /FST_ERR_HANDLER_TIMEOUT/),
];

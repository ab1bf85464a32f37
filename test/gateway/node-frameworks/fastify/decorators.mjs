/** Decorators. */

import { ask } from "../../fetch-apps/complete/cases.mjs";

export async function decorators(app) {
  app.decorate("name", "Ada").decorate("getter", { getter: () => "got" });
  app.decorateRequest("user", null).decorateRequest("shout", function () {
    return this.url.toUpperCase();
  });
  app.decorateReply("thanks", function (text) {
    return this.send({ thanks: text });
  });
  app.addHook("onRequest", async (request) => {
    request.user = "ada";
    request.setDecorator("user", request.getDecorator("user"));
  });
  app.get("/", (request, reply) => {
    const { shout } = request;
    reply.thanks([
      app.name,
      app.getter,
      request.user,
      shout.call(request),
      typeof reply.getDecorator("thanks"),
      app.getDecorator("name"),
    ]);
  });
  app.get("/has", async () => [
    app.hasDecorator("name"),
    app.hasRequestDecorator("user"),
    app.hasReplyDecorator("none"),
  ]);
}

export const cases = [
  ask("GET /decorators", 200, { thanks: ["Ada", "got", "ada", "/DECORATORS", "function", "Ada"] }),
  ask("GET /decorators/has", 200, [true, true, false]),
];

/** Every hook, in the order in which they come. */

import { once } from "node:events";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { ask, converse, typed } from "../../fetch-apps/complete/cases.mjs";

export async function hooks(app) {
  const seen = [];
  const note = (name) => async () => void seen.push(name);
  for (const name of ["onRequest", "preValidation", "preHandler", "onResponse", "onTimeout"]) {
    app.addHook(name, note(name));
  }
  app.addHook("onRequestAbort", async (_request) => void seen.push("onRequestAbort"));
  app.addHook("preParsing", async (_request, _reply, payload) => {
    seen.push("preParsing");
    const pieces = Readable.from(
      (async function* () {
        for await (const piece of payload) yield piece.toString().toUpperCase();
      })(),
      { objectMode: false },
    );
    pieces.receivedEncodedLength = 4;
    return pieces;
  });
  app.addHook("preSerialization", async (_request, _reply, payload) => ({ ...payload, added: true }));
  app.addHook("onSend", (_request, reply, payload, done) => {
    seen.push("onSend");
    reply.header("x-sent", "1");
    done(null, typeof payload === "string" ? payload.replace("BODY", "body") : payload);
  });
  app.addHook("onError", async (_request, _reply, error) => void seen.push(`onError ${error.message}`));
  for (const name of ["onReady", "onListen", "preClose", "onClose"]) app.addHook(name, async () => {});
  app.addHook("onRoute", ({ url }) => void seen.push(`onRoute ${url}`));
  app.addHook("onRegister", (_instance, { prefix }) => void seen.push(`onRegister ${prefix}`));
  app.addContentTypeParser("text/plain", { parseAs: "string" }, app.defaultTextParser);
  app.post(
    "/all",
    {
      preHandler: (_request, _reply, done) => {
        seen.push("route's own");
        done();
      },
    },
    async ({ body }) => ({ body }),
  );
  app.get("/throws", async () => {
    throw new Error("thrown");
  });
  app.get(
    "/early",
    { onRequest: async (_request, reply) => reply.code(401).send({ early: true }) },
    async () => "never",
  );
  app.get("/endless", (request, reply) => {
    reply.raw.writeHead(200);
    reply.raw.write("begun");
    reply.hijack();
    request.signal.addEventListener("abort", () => seen.push("signal"));
  });
  app.get("/seen", async () => ({ seen: seen.splice(0) }));
  await app.register(async (inner) => inner.get("/", async () => ({})), { prefix: "/inner" });
}

export const cases = [
  ask("POST /hooks/all", typed("text/plain", "body"), 200, { body: "body", added: true }, { "x-sent": "1" }),
  ask("GET /hooks/throws", 500, /thrown/),
  ask("GET /hooks/early", 401, { early: true, added: true }),
  ask("GET /hooks/inner", 200, { added: true }),
  ask(
    "GET /hooks/seen",
    200,
    /"onRequest","preParsing","preValidation","preHandler","route's own","onSend","onResponse".*onError thrown/,
  ),
  converse(
    "onRequestAbort and the signal tell that the client has gone",
    async (port) => {
      const socket = connect(port, "127.0.0.1");
      socket.write("GET /hooks/endless HTTP/1.1\r\nHost: localhost\r\n\r\n");
      await once(socket, "data");
      socket.destroy();
      const all = new Set();
      while (!all.has("signal") || !all.has("onRequestAbort")) {
        const { seen } = await (await fetch(`http://127.0.0.1:${port}/hooks/seen`)).json();
        for (const name of seen) if (/signal|Abort/.test(name)) all.add(name);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return [...all].sort();
    },
    ["onRequestAbort", "signal"],
  ),
];

/** All that a reply can be. */

import { Readable } from "node:stream";
import { ask } from "../../fetch-apps/complete/cases.mjs";

export async function answers(app) {
  app.get("/text", (_, reply) => void reply.send("text"));
  app.get("/object", async () => ({ a: ["ä"] }));
  app.get("/null", async () => null);
  app.get("/nothing", (_, reply) => void reply.code(204).send());
  app.get("/bytes", async (_, reply) => reply.type("application/x-thing").send(Buffer.from("bytes")));
  app.get("/typed-array", async () => new Uint8Array([104, 105]));
  app.get("/stream", async (_, reply) => reply.type("text/plain").send(Readable.from(["a ", "stream"])));
  app.get("/web-stream", async (_, reply) => reply.send(new Blob(["web stream"]).stream()));
  app.get(
    "/response",
    async () =>
      new Response("response", {
        status: 203,
        headers: [
          ["x-a", "1"],
          ["set-cookie", "a=1"],
          ["set-cookie", "b=2"],
        ],
      }),
  );
  app.get("/headers", async (_, reply) => {
    reply.header("x-a", 1).headers({ "x-b": "2", "x-gone": "3" }).removeHeader("x-gone");
    reply.header("set-cookie", "a=1").header("set-cookie", ["b=2", "c=3"]);
    reply.status(202);
    return [
      reply.getHeader("x-b"),
      reply.hasHeader("x-gone"),
      Object.keys(reply.getHeaders()),
      reply.statusCode,
      reply.sent,
    ];
  });
  app.get("/status-code", async (_, reply) => {
    reply.statusCode = 201;
    return {
      time: reply.elapsedTime > 0,
      server: reply.server === app,
      route: reply.routeOptions.url,
      type: reply.mediaType ?? null,
    };
  });
  app.get("/redirect", (_, reply) => reply.redirect("/elsewhere"));
  app.get("/redirect-for-good", (_, reply) => reply.code(308).redirect("http://example.org/"));
  app.get("/not-found", (_, reply) => reply.callNotFound());
  app.get("/serializer", async (_, reply) =>
    reply
      .type("application/xml")
      .serializer((value) => `<a>${value.a}</a>`)
      .send({ a: 1 }),
  );
  app.get("/serialize", async (_, reply) =>
    reply.type("application/json").send(reply.serialize({ by: "hand" })),
  );
  app.get("/trailers", (_, reply) => {
    reply.trailer("x-sum", (_reply, payload, done) => done(null, String(payload?.length ?? "none")));
    reply.trailer("x-later", async () => "later");
    reply.trailer("x-never", async () => "never");
    const has = reply.hasTrailer("x-never");
    reply.removeTrailer("x-never");
    reply.send(`trailers ${has}`);
  });
  app.get("/hijack", (request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, { "content-type": "text/plain", "x-raw": "1" });
    reply.raw.end(`hijacked ${request.raw.url}`);
  });
  app.get("/early-hints", async (_, reply) => {
    await new Promise((resolve) => reply.writeEarlyHints({ link: "</a.css>; rel=preload" }, resolve));
    return "hinted";
  });
  app.get("/wait", (_, reply) => {
    setTimeout(() => reply.send("waited"), 5);
    return reply;
  });
  app.get("/then", async (_, reply) => {
    const sent = [];
    reply.then(() => sent.push("sent"));
    reply.send("then");
    return reply;
  });
}

export const cases = [
  ask("GET /answers/text", 200, "text", { "content-type": "text/plain; charset=utf-8" }),
  ask("HEAD /answers/text", 200, ""),
  ask("GET /answers/object", 200, { a: ["ä"] }, { "content-type": "application/json; charset=utf-8" }),
  ask("GET /answers/null", 200, "null"),
  ask("GET /answers/nothing", 204, ""),
  ask("GET /answers/bytes", 200, "bytes", { "content-type": "application/x-thing" }),
  ask("GET /answers/typed-array", 200, "hi"),
  ask("GET /answers/stream", 200, "a stream"),
  ask("HEAD /answers/stream", 200, ""),
  ask("GET /answers/web-stream", 200, "web stream"),
  ask("GET /answers/response", 203, "response", { "x-a": "1", "set-cookie": /a=1\nb=2/ }),
  ask("GET /answers/headers", 202, /^\["2",false/, { "x-a": "1", "set-cookie": /a=1\nb=2\nc=3/ }),
  ask("GET /answers/status-code", 201, /"time":true,"server":true/),
  ask("GET /answers/redirect", 302, "", { location: "/elsewhere" }),
  ask("GET /answers/redirect-for-good", 308, "", { location: "http://example.org/" }),
  ask("GET /answers/not-found", 404, /Route GET:\/answers\/not-found not found/),
  ask("GET /answers/serializer", 200, "<a>1</a>"),
  ask("GET /answers/serialize", 200, { by: "hand" }),
  ask("GET /answers/trailers", 200, "trailers true"),
  ask("GET /answers/hijack", 200, "hijacked /answers/hijack", { "x-raw": "1" }),
  ask("GET /answers/early-hints", 200, "hinted"),
  ask("GET /answers/wait", 200, "waited"),
  ask("GET /answers/then", 200, "then"),
];

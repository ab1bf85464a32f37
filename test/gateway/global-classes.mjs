/** What a process sees of the global names: node global-classes.mjs fast-fetch|bridge. Says "ok" when all is as it should be. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { inspect } from "node:util";
import * as socle from "../../dist/gateway/index.js";

const isFast = process.argv[2] === "fast-fetch";
const platform = { Request, Response, Headers, fetch };
const early = { request: new Request("http://a"), response: new Response(), headers: new Headers() };
for (let i = 0; i < 2; i++) isFast ? socle.installFastFetch() : socle.installFetchBridge();

const upstream = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const { method, url, headers } = request;
    response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString() }));
  });
});
await new Promise((resolve) => upstream.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${upstream.address().port}`;

/** Gives a handler the request that it gets from a server. */
async function served(handler, target = "/", options = {}) {
  let result;
  const application = socle.fetchApplication(async (request) => {
    result = await handler(request);
    return new Response();
  });
  await application.handleExchange(new socle.MemoryExchange(target, options));
  return result;
}

const checks = {
  "names and statics"() {
    for (const name of ["Request", "Response", "Headers"]) {
      const Class = globalThis[name];
      const argument = name === "Headers" ? undefined : "http://a";
      assert.equal(Class.name, name);
      assert.equal(Class.length, platform[name].length);
      assert.equal(Object.getPrototypeOf(Class), Function.prototype);
      assert.equal(Object.prototype.toString.call(new Class(argument)), `[object ${name}]`);
      assert.equal(new Class(argument).constructor, Class);
      assert.throws(() => Class(argument), TypeError);
      const { enumerable, writable, configurable } = Object.getOwnPropertyDescriptor(globalThis, name);
      assert.deepEqual([enumerable, writable, configurable], [false, true, true]);
      const members = Object.keys(platform[name].prototype).filter((key) => key !== "attribute");
      const own = Object.keys(Class.prototype);
      assert.deepEqual(
        members.filter((key) => !own.includes(key)),
        [],
      );
    }
    assert.equal(Response.json([1]).headers.get("content-type"), "application/json");
    assert.equal(Response.redirect("http://a/").status, 302);
    assert.equal(Response.error().type, "error");
    assert.deepEqual(Object.keys(Response).sort(), ["error", "json", "redirect"]);
  },
  "instanceof, in both directions"() {
    assert.equal(new Response() instanceof socle.Response, true);
    for (const Class of [Response, platform.Response, socle.Response]) {
      for (const value of [new Response(), early.response, new platform.Response(), new socle.Response()]) {
        if (isFast || !(value instanceof socle.Response) || Class !== platform.Response) {
          assert.equal(value instanceof Class, true);
        }
      }
      assert.equal({} instanceof Class, false);
    }
    assert.equal(early.request instanceof Request && early.headers instanceof Headers, true);
    assert.equal(new Request("http://a") instanceof platform.Request, true);
    assert.equal(new Headers() instanceof platform.Headers, true);
    class Special extends Response {
      special = 1;
    }
    const special = new Special("x", { status: 201 });
    assert.equal(special instanceof Special && special instanceof Response, true);
    assert.equal(new Response() instanceof Special, false);
    assert.deepEqual([special.special, special.status], [1, 201]);
    class Own extends Request {}
    assert.equal(new Own("http://a").url, "http://a/");
    assert.equal(new Own("http://a") instanceof Own, true);
  },
  async "fetch takes the served request"() {
    const options = { method: "POST", headers: { "x-a": "1", expect: "100-continue" }, body: "sent" };
    const answer = await served((request) => fetch(new Request(`${origin}/x?y`, request)), "/", {
      ...options,
      headers: { "x-a": "1" },
    });
    assert.equal(answer instanceof Response, true);
    assert.equal(answer.url, `${origin}/x?y`);
    const got = await answer.json();
    assert.deepEqual([got.method, got.url, got.headers["x-a"], got.body], ["POST", "/x?y", "1", "sent"]);

    async function* pieces() {
      yield "in ";
      yield "pieces";
    }
    const direct = { ...options, authority: origin.slice("http://".length), body: pieces() };
    direct.headers = { ...options.headers, "transfer-encoding": "chunked", connection: "keep-alive, x-b" };
    const [used, second] = await served(
      async (request) => {
        const sent = await (await fetch(request, { headers: request.headers })).json();
        return [request.bodyUsed, sent];
      },
      "/y",
      direct,
    );
    assert.deepEqual([used, second.method, second.url, second.body], [true, "POST", "/y", "in pieces"]);
    assert.equal(second.headers.expect, undefined);

    const get = { method: "GET", body: "odd", authority: direct.authority };
    assert.equal((await served(async (request) => (await fetch(request)).json(), "/z", get)).body, "");
    await served(
      async (request) => {
        await request.text();
        await assert.rejects(fetch(request), TypeError);
      },
      "/",
      options,
    );
  },
  async "new Request takes the served request, and what middleware puts in the place of its body"() {
    const options = { method: "PUT", headers: { "x-a": "1", "content-type": "text/x" }, body: "body" };
    await served(
      async (request) => {
        const copy = new Request(request, { headers: { "x-b": "2" } });
        assert.deepEqual(
          [copy.method, copy.url, copy.headers.get("x-a")],
          ["PUT", "http://localhost/p", null],
        );
        assert.equal(await copy.text(), "body");
        assert.equal(request.bodyUsed, true);
      },
      "/p",
      options,
    );
    await served(
      async (request) => {
        const copy = new Request(request, { body: request.body, duplex: "half" });
        assert.equal(copy.headers.get("content-type"), "text/x");
        assert.equal(await copy.text(), "body");
      },
      "/p",
      options,
    );
    await served((request) => {
      const { signal } = new Request(request);
      assert.equal(signal.aborted, false);
    });
  },
  async "what fetch sends is what was made"() {
    const controller = new AbortController();
    const request = new Request(`${origin}/`, {
      method: "post",
      body: new URLSearchParams({ a: "ä" }),
      signal: controller.signal,
    });
    const got = await (await fetch(request)).json();
    assert.equal(got.body, "a=%C3%A4");
    assert.match(got.headers["content-type"], /^application\/x-www-form-urlencoded/);
    assert.equal(got.headers["content-length"], "8");
    const form = new FormData();
    form.set("a", "b");
    assert.match(
      (await (await fetch(new Request(origin, { method: "POST", body: form }))).json()).body,
      /name="a"/,
    );
    const plain = await (
      await fetch(origin, { method: "POST", body: "x", headers: new Headers({ "x-a": "1" }) })
    ).json();
    assert.deepEqual([plain.body, plain.headers["x-a"]], ["x", "1"]);
    controller.abort();
    await assert.rejects(fetch(new Request(request, { body: "x" })), { name: "AbortError" });
    await assert.rejects(fetch("relative"), TypeError);
    await assert.rejects(fetch(), TypeError);
  },
  async "an answer that fetch has brought can be wrapped, cloned and read"() {
    const brought = await fetch(origin);
    const copy = new Response(brought.clone().body, brought);
    copy.headers.set("x-new", "1");
    assert.equal((await copy.json()).method, "GET");
    assert.equal((await brought.json()).method, "GET");
  },
  "they can be printed"() {
    assert.match(inspect(new Headers({ a: "b" })), /^Headers \{ a: 'b' \}$/);
    assert.match(inspect(new Response("x", { status: 201 })), /^Response \{[\s\S]*201/);
    assert.match(inspect(new Request("http://a/b")), /^Request \{[\s\S]*http:\/\/a\/b/);
  },
};

for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
  } catch (error) {
    console.log(`${name}:`, error);
    process.exit(1);
  }
}
console.log("ok");
upstream.close();
upstream.closeAllConnections();

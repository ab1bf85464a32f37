/** Routing as one sees it from outside of an app. */
import { describe, expect, expectTypeOf, it } from "vitest";
import { serve } from "../../test/http/serve.ts";
import { App, type ParamsOf, PathError, type Route, RouteConflictError } from "./index.ts";

async function ask(app: App, request: string, headers: Record<string, string> = {}): Promise<unknown[]> {
  const [method, url] = request.split(" ") as [string, string];
  const { port, open } = await serve((exchange) => app.handleExchange(exchange));
  const client = await open();
  const { host = `localhost:${port}`, ...rest } = headers;
  const lines = [`${method} ${url} HTTP/1.1`, `Host: ${host}`, "Connection: close"];
  for (const [name, value] of Object.entries(rest)) lines.push(`${name}: ${value}`);
  client.send(`${lines.join("\r\n")}\r\n\r\n`);
  const answer = await client.untilEnd();
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1]?.trim();
  return [Number(head.slice(9, 12)), field("location") ?? field("allow") ?? body];
}

describe("adding routes", () => {
  it("gives the types to the route and its handler", () => {
    const app = new App();
    const show = app.get("/users/<int:id>/<any(a,b):tab>?", { name: "show" }, ({ params }) => {
      expectTypeOf(params).toEqualTypeOf<{ readonly id: number; readonly tab: "a" | "b" | undefined }>();
      return { id: params.id };
    });
    expectTypeOf(show).toEqualTypeOf<Route<"/users/<int:id>/<any(a,b):tab>?", "GET", { id: number }>>();
    const home = app.all("/", { host: "<tenant>.example.com" }, async ({ params }) => params.tenant);
    expectTypeOf(home).toEqualTypeOf<Route<"/", "ALL", string, "<tenant>.example.com">>();
    expectTypeOf<ParamsOf<typeof home>>().toEqualTypeOf<{ readonly tenant: string }>();
    const several = app.route("/x", { methods: ["GET", "POST"], host: "a.b", name: "x" }, () => "");
    expectTypeOf(several).toEqualTypeOf<Route<"/x", "GET" | "POST", "", "a.b">>();
    expect([several.methods, several.host, several.name, several.paramNames]).toEqual([
      ["GET", "POST"],
      "a.b",
      "x",
      [],
    ]);
    expect([home.host, home.paramNames, String(home)]).toEqual([
      "<tenant>.example.com",
      ["tenant"],
      "ALL <tenant>.example.com/",
    ]);
    expect([show.host, show.paramNames]).toEqual([undefined, ["id", "tab"]]);
    // @ts-expect-error a handler is missing
    expect(() => app.get("/y")).toThrow('the route "/y" has no handler function');
    // @ts-expect-error a handler is missing
    expect(() => app.get("/y", { name: "y" })).toThrow('the route "/y" has no handler function');
    expect(app.routes.map(String)).toEqual([
      "GET /users/<int:id>/<any(a,b):tab>?",
      "ALL <tenant>.example.com/",
      "GET|POST a.b/x",
    ]);
  });

  it("refuses methods that make no sense", () => {
    const app = new App();
    expect(() => app.route("/", { methods: ["GET", "ALL"] }, () => "")).toThrow(
      'the methods of "/" are GET, ALL: ALL stands alone',
    );
    expect(() => app.route("/", { methods: [] }, () => "")).toThrow("has no methods");
    expect(app.routes).toEqual([]);
  });

  it("refuses hosts that are none", () => {
    const add = (host: string) => () => new App().get("/", { host }, () => "");
    expect(add("a.b:80")).toThrow(PathError);
    expect(add("a.b:80")).toThrow('the host "a.b:80" has "b:80" in it: a port has no say here');
    expect(add("")).toThrow('the host "" has "" in it: a label is');
    expect(add("a..b")).toThrow('has "" in it');
    expect(add("a.b.")).toThrow('has "" in it');
    expect(add("münchen.de")).toThrow("xn--");
    expect(add("*.example.com")).toThrow(
      'has "*" in it: a label is letters, digits and -, or a parameter, <name>',
    );
    expect(add("<path:x>.example.com")).toThrow("a parameter takes one label");
    expect(add("<x>?.example.com")).toThrow("no part of a host can be left out");
    expect(add("<nope:x>.example.com")).toThrow('there is no converter "nope"');
    expect(add("<x>.<x>")).toThrow('the host "<x>.<x>" has two parameters named "x"');
  });

  it("says which routes are in conflict", () => {
    const app = new App();
    app.get("/<any(a,b):x>", { host: "a.b" }, () => "");
    expect(() => app.get("/<any(b,c):x>", { host: "A.B" }, () => "")).toThrow(RouteConflictError);
    expect(() => app.get("/<any(b,c):x>", { host: "A.B" }, () => "")).toThrow(
      "GET A.B/<any(b,c):x> can't be added: GET a.b/<any(a,b):x> takes the same requests already",
    );
  });
});

describe("requests", () => {
  const app = new App();
  app.all("/any", ({ method }) => method);
  app.get("/slashed/", () => "slashed");
  app.get("/slashed/<int:id>/", () => "item");
  app.get("/<page>", { host: "docs.example.com" }, ({ params }) => `docs ${params.page}`);
  app.get("/<page>", { host: "<tenant>.example.com" }, ({ params }) => `${params.tenant} ${params.page}`);
  app.get("/<page>", ({ params }) => `every ${params.page}`);
  const outer = new App();
  outer.mount("/sub", app);

  it("takes methods that nobody has heard of", async () => {
    expect(await ask(app, "PROPFIND /any")).toEqual([200, "PROPFIND"]);
    expect(await ask(app, "OPTIONS /any")).toEqual([200, "OPTIONS"]);
    expect(await ask(app, "OPTIONS *")).toEqual([204, "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"]);
  });

  it("redirects to the path with a slash, with the query, also below a mount", async () => {
    expect(await ask(app, "GET /slashed")).toEqual([200, "every slashed"]);
    expect(await ask(app, "GET /slashed/7?a=/b&c=?d")).toEqual([308, "/slashed/7/?a=/b&c=?d"]);
    expect(await ask(app, "HEAD /slashed/7")).toEqual([308, "/slashed/7/"]);
    expect(await ask(app, "GET /sl%61shed/7")).toEqual([308, "/sl%61shed/7/"]);
    expect(await ask(app, "GET http://a.b/slashed/7", { host: "a.b" })).toEqual([308, "/slashed/7/"]);
    expect(await ask(outer, "GET /sub/slashed/7?q")).toEqual([308, "/sub/slashed/7/?q"]);
    expect((await ask(app, "GET /slashed/x"))[0]).toBe(404);
    expect((await ask(app, "POST /slashed/7"))[0]).toBe(404);
    expect((await ask(app, "GET //slashed/7"))[0]).toBe(400);
  });

  it("goes by the host, whatever its case and port", async () => {
    expect(await ask(app, "GET /x", { host: "Docs.Example.COM:8080" })).toEqual([200, "docs x"]);
    expect(await ask(app, "GET /x", { host: "docs.example.com." })).toEqual([200, "docs x"]);
    expect(await ask(app, "GET /x", { host: "acme.example.com" })).toEqual([200, "acme x"]);
    expect(await ask(app, "GET /x", { host: "example.com" })).toEqual([200, "every x"]);
    expect(await ask(app, "GET http://ACME.example.com/x", { host: "acme.example.com" })).toEqual([
      200,
      "acme x",
    ]);
    expect(await ask(outer, "GET /sub/x", { host: "acme.example.com" })).toEqual([200, "acme x"]);
  });

  it("treats slashes at the end as the app says", async () => {
    const lax = new App({ trailingSlash: "ignore" });
    lax.get("/a/", ({ path }) => path);
    expect(await ask(lax, "GET /a")).toEqual([200, "/a"]);
    const strict = new App({ trailingSlash: "strict" });
    strict.get("/a/", () => "");
    expect((await ask(strict, "GET /a"))[0]).toBe(404);
  });
});

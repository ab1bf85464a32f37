import { describe, expect, it } from "vitest";
import { parsePath } from "./path.ts";
import { Route } from "./route.ts";
import { Match, type Miss, RouteConflictError, Router } from "./router.ts";

function routerOf(...routes: string[]): Router {
  const router = new Router();
  for (const each of routes) {
    const [methods, path] = each.split(" ") as [string, string];
    router.add(new Route(path, methods.split("|"), () => "", parsePath(path)));
  }
  return router;
}

/** The route's path and the parameters, or the allowed methods. */
function find(router: Router, request: string): unknown {
  const [method, path] = request.split(" ") as [string, string];
  const found = router.match(method, path);
  return found instanceof Match ? [found.route.path, found.params] : (found as Miss).allow;
}

describe("Router", () => {
  const router = routerOf(
    "GET /",
    "GET|POST /hello",
    "GET /hello/",
    "GET /users/me",
    "GET /users/<int:id>",
    "GET /users/<float:ratio>",
    "GET /users/<uuid:key>",
    "DELETE /users/<name>",
    "PUT /users/<path:rest>",
    "GET /users/<int:id>/posts/:slug",
    "GET /users/me/friends",
    "GET /numbers/<int:n>/x/:y",
    "GET /caf\u00e9/100%",
    "HEAD /head",
    "GET /head",
  );

  it.each([
    ["GET /", ["/", {}]],
    ["GET /hello", ["/hello", {}]],
    ["GET /hello/", ["/hello/", {}]],
    ["HEAD /hello", ["/hello", {}]],
    ["GET /users/me", ["/users/me", {}]],
    ["GET /users/7", ["/users/<int:id>", { id: 7 }]],
    ["GET /users/007", ["/users/<int:id>", { id: 7 }]],
    ["GET /users/9007199254740991", ["/users/<int:id>", { id: 9007199254740991 }]],
    ["GET /users/1.5", ["/users/<float:ratio>", { ratio: 1.5 }]],
    [
      "GET /users/0A0A0A0A-0000-4000-8000-00000000000F",
      ["/users/<uuid:key>", { key: "0a0a0a0a-0000-4000-8000-00000000000f" }],
    ],
    ["HEAD /users/7", ["/users/<int:id>", { id: 7 }]],
    ["GET /users/7/posts/a%20b%C3%A4", ["/users/<int:id>/posts/:slug", { id: 7, slug: "a bä" }]],
    ["GET /caf%c3%a9/100%25", ["/café/100%", {}]],
    ["GET /%68ello", ["/hello", {}]],
    ["GET /users/m%65", ["/users/me", {}]],
  ])("%s", (request, found) => {
    expect(find(router, request)).toEqual(found);
  });

  it.each([
    ["DELETE /users/me", ["/users/<name>", { name: "me" }]],
    ["DELETE /users/7", ["/users/<name>", { name: "7" }]],
    ["PUT /users/7", ["/users/<path:rest>", { rest: "7" }]],
    ["PUT /users/7/posts/", ["/users/<path:rest>", { rest: "7/posts/" }]],
    ["GET /users/me/friends", ["/users/me/friends", {}]],
  ])("goes on to a less special route that has the method: %s", (request, found) => {
    expect(find(router, request)).toEqual(found);
  });

  it("prefers a route for HEAD itself", () => {
    expect((router.match("HEAD", "/head") as Match).route.methods).toEqual(["HEAD"]);
    expect((router.match("GET", "/head") as Match).route.methods).toEqual(["GET"]);
  });

  it.each([
    ["PATCH /hello", ["GET", "HEAD", "OPTIONS", "POST"]],
    ["POST /users/7", ["DELETE", "GET", "HEAD", "OPTIONS", "PUT"]],
    ["POST /users/x/y", ["OPTIONS", "PUT"]],
    ["get /hello", ["GET", "HEAD", "OPTIONS", "POST"]],
    ["GET /nothing", []],
    ["GET /users", []],
    ["GET /users/", []],
    ["GET /numbers/9007199254740992/x/y", []],
    ["GET /numbers/-1/x/y", []],
    ["GET /numbers/1e3/x/y", []],
    ["GET /numbers/+1/x/y", []],
    ["GET /numbers/7/x/", []],
    ["GET /Hello", []],
    ["GET /__proto__", []],
  ])("misses %s", (request, allow) => {
    expect(find(router, request)).toEqual(allow);
  });

  it("gives each request parameters of its own", () => {
    const first = router.match("GET", "/users/1") as Match;
    const second = router.match("GET", "/users/2") as Match;
    expect([first.params, second.params]).toEqual([{ id: 1 }, { id: 2 }]);
    expect([first.path, second.path]).toEqual(["/users/1", "/users/2"]);
  });

  it.each([
    [["GET /a", "GET /a"], "GET /a can't be added: GET /a takes the same requests already"],
    [["GET|POST /a", "PUT|POST /a"], "POST /a can't be added: GET|POST /a takes the same requests already"],
    [
      ["GET /<int:a>", "GET /<int:b>"],
      "GET /<int:b> can't be added: GET /<int:a> takes the same requests already",
    ],
    [["GET /<a>/x", "GET /:b/x"], "GET /:b/x can't be added: GET /<a>/x takes the same requests already"],
  ])("refuses %j", (routes, message) => {
    expect(() => routerOf(...routes)).toThrow(RouteConflictError);
    expect(() => routerOf(...routes)).toThrow(message);
  });

  it("adds nothing of a route that it refuses", () => {
    const one = routerOf("POST /a");
    expect(() => one.add(new Route("/a", ["GET", "POST"], () => "", parsePath("/a")))).toThrow();
    expect((one.match("GET", "/a") as Miss).allow).toEqual(["OPTIONS", "POST"]);
    expect(one.routes).toHaveLength(1);
  });

  it("visits each node of its tree once at most, however a path is made", () => {
    // A tree in which every level matches in two ways and the last in none.
    const levels = 12;
    const routes: string[] = [];
    for (let bits = 0; bits < 2 ** levels; bits++) {
      const path = Array.from({ length: levels }, (_, i) => ((bits >> i) & 1 ? `<int:p${i}>` : `<p${i}>`));
      routes.push(`GET /${path.join("/")}/end`);
    }
    const wide = routerOf(...routes);
    const started = performance.now();
    expect(find(wide, `GET ${"/1".repeat(levels)}/other`)).toEqual([]);
    expect(find(wide, `GET ${"/1".repeat(2000)}`)).toEqual([]);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

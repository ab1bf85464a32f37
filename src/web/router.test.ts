import { describe, expect, it } from "vitest";
import { parseHost } from "./host.ts";
import { parsePath } from "./path.ts";
import { type AnyRoute, Route } from "./route.ts";
import { RouteConflictError } from "./route-tree.ts";
import { Match, Miss, Router } from "./router.ts";

/** A route of `METHOD|METHOD host/path`, or without the host. */
function routeOf(text: string): AnyRoute {
  const [methods, hostAndPath] = text.split(" ") as [string, string];
  const slash = hostAndPath.indexOf("/");
  const path = hostAndPath.slice(slash);
  const host = slash === 0 ? undefined : parseHost(hostAndPath.slice(0, slash));
  const parts = { path, methods: methods.split("|"), handler: () => "", pattern: parsePath(path), host };
  return new Route<string, string, string, string | undefined>(parts);
}

function routerOf(...routes: string[]): Router {
  return addTo(new Router(), routes);
}

function addTo(router: Router, routes: readonly string[]): Router {
  for (const each of routes) router.add(routeOf(each));
  return router;
}

/** The route's path with its host, and the parameters; or the allowed methods, or that a slash is missing. */
function find(router: Router, request: string): unknown {
  const [method, url] = request.split(" ") as [string, string];
  const slash = url.indexOf("/");
  const found = router.match(method, url.slice(slash), url.slice(0, slash));
  if (found instanceof Match) return [`${found.route.host ?? ""}${found.route.path}`, found.params];
  return found instanceof Miss && found.lacksSlash ? "lacks slash" : (found as Miss).allow;
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
    expect((router.match("HEAD", "/head", "") as Match).route.methods).toEqual(["HEAD"]);
    expect((router.match("GET", "/head", "") as Match).route.methods).toEqual(["GET"]);
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
    const first = router.match("GET", "/users/1", "") as Match;
    const second = router.match("GET", "/users/2", "") as Match;
    expect([first.params, second.params]).toEqual([{ id: 1 }, { id: 2 }]);
    expect([first.path, second.path]).toEqual(["/users/1", "/users/2"]);
  });

  it("doesn't look at the query", () => {
    expect(find(router, "GET /users/7?a=/../%zz")).toEqual(["/users/<int:id>", { id: 7 }]);
    expect((router.match("GET", "/users/7?x", "") as Match).path).toBe("/users/7");
  });

  it("reads paths of any length", () => {
    const text = "a".repeat(3000);
    const long = routerOf("GET /<first>/end", `GET /<first>/${text}`);
    expect(find(long, `GET /${text}/end`)).toEqual(["/<first>/end", { first: text }]);
    expect(find(long, `GET /${"%61".repeat(3000)}/${text}`)).toEqual([`/<first>/${text}`, { first: text }]);
    expect(find(long, `GET /${text}/${text}b`)).toEqual([]);
    expect(find(long, `GET /${text}/enx`)).toEqual([]);
  });

  it("takes routes after it has searched", () => {
    const grows = routerOf("GET /a");
    expect(find(grows, "GET /b")).toEqual([]);
    grows.add(routeOf("GET /b"));
    expect(find(grows, "GET /b")).toEqual(["/b", {}]);
  });

  it.each([
    [["GET /a", "GET /a"], "GET /a can't be added: GET /a takes the same requests already"],
    [
      ["GET|POST /a", "PUT|POST /a"],
      "PUT|POST /a can't be added: GET|POST /a takes the same requests already",
    ],
    [
      ["GET /<int:a>", "GET /<int:b>"],
      "GET /<int:b> can't be added: GET /<int:a> takes the same requests already",
    ],
    [["GET /<a>/x", "GET /:b/x"], "GET /:b/x can't be added: GET /<a>/x takes the same requests already"],
    [["ALL /a", "ALL /a"], "takes the same requests already"],
    [["GET /a/<int:page>?", "GET /a"], "takes the same requests already"],
    [["GET /a/<int:page>?", "GET /a/<int:n>"], "takes the same requests already"],
    [["GET /", "GET /<page>?"], "takes the same requests already"],
    [["GET /a/<x>?", "GET /a/<int:x>?"], "takes the same requests already"],
    [["GET /<any(b,a):x>", "GET /<any(a,b):x>"], "takes the same requests already"],
    [["GET /<any(a,b):x>", "GET /<any(b,c):x>"], "takes the same requests already"],
    [["GET /<any(a,b):x>/y", "GET /<any(b,c):x>/<z>"], "takes the same requests already"],
    [["GET /<any(b,c):x>/<z>", "GET /<any(a,b):x>/y"], "takes the same requests already"],
    [["GET /<any(a,b):x>/y/z", "GET /<any(b,c):x>/<path:rest>"], "takes the same requests already"],
    [["GET /<any(b,c):x>/<path:rest>", "GET /<any(a,b):x>/y/z"], "takes the same requests already"],
    [["ALL /<any(a,b):x>", "GET /<any(b,c):x>"], "takes the same requests already"],
    [["GET /<any(a,b):x>", "HEAD /<any(b,c):x>"], "takes the same requests already"],
    [["GET /<int(max=9):x>", "GET /<int(min=5):x>"], "takes the same requests already"],
    [["GET /<string(minlength=2):x>", "GET /<string(length=3):x>"], "takes the same requests already"],
    [["GET a.b/x", "GET A.b/x"], "GET A.b/x can't be added: GET a.b/x takes the same requests already"],
    [["GET <x>.b/", "GET <y>.b/"], "takes the same requests already"],
    [
      ["GET <any(a,b):x>.c/1", "GET <any(b,c):x>.c/2"],
      "the hosts <any(b,c):x>.c and <any(a,b):x>.c could be the same",
    ],
  ])("refuses %j", (routes, message) => {
    expect(() => routerOf(...routes)).toThrow(RouteConflictError);
    expect(() => routerOf(...routes)).toThrow(message);
  });

  it.each([
    [["GET /a", "POST /a", "ALL /a", "HEAD /a"]],
    [["GET /<any(a,b):x>", "GET /<any(c,d):x>", "GET /<string:x>"]],
    [["GET /<any(a,b):x>/y", "GET /<any(b,c):x>/z"]],
    [["GET /<int(max=9):x>", "GET /<int(min=10):x>", "GET /<int:x>"]],
    [["GET /<string(length=2):x>", "GET /<string(length=3):x>", "GET /<string:x>"]],
    [["GET /a/<int:page>?", "GET /a/<x>"]],
    [["GET a.b/x", "GET a.c/x", "GET /x", "GET <x>.b/x"]],
    [["GET <any(a,b):x>.c/", "GET <any(d,e):x>.c/"]],
    [["GET /<any(b,c):x>/y/", "GET /<any(a,b):x>/y/<path:rest>"]],
    [["GET /<any(a,b):x>/y/<path:rest>", "GET /<any(b,c):x>/y/"]],
  ])("takes %j", (routes) => {
    expect(routerOf(...routes).routes).toHaveLength(routes.length);
  });

  it("adds nothing of a route that it refuses", () => {
    const one = routerOf("POST /a");
    expect(() => one.add(routeOf("GET|POST /a"))).toThrow();
    expect((one.match("GET", "/a", "") as Miss).allow).toEqual(["OPTIONS", "POST"]);
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

describe("converters with options", () => {
  const router = routerOf(
    "GET /sorted/<any(asc,desc):order>",
    "GET /sorted/<column>",
    "GET /month/<int(min=1,max=12):month>",
    "GET /degrees/<float(min=-90,max=90):latitude>",
    "GET /offset/<int(min=-12):hours>",
    "GET /<string(length=2):lang>/about",
    "GET /tags/<string(minlength=3,maxlength=5):tag>",
    "GET /days/<date:day>",
  );

  it.each([
    ["GET /sorted/asc", { order: "asc" }],
    ["GET /sorted/name", { column: "name" }],
    ["GET /month/12", { month: 12 }],
    ["GET /month/01", { month: 1 }],
    ["GET /degrees/-89.5", { latitude: -89.5 }],
    ["GET /degrees/0", { latitude: 0 }],
    ["GET /offset/-12", { hours: -12 }],
    ["GET /offset/5", { hours: 5 }],
    ["GET /de/about", { lang: "de" }],
    ["GET /%C3%A4%C3%B6/about", { lang: "\u00e4\u00f6" }],
    ["GET /tags/abc", { tag: "abc" }],
    ["GET /tags/abcde", { tag: "abcde" }],
    ["GET /days/2024-02-29", { day: "2024-02-29" }],
    ["GET /days/2000-02-29", { day: "2000-02-29" }],
    ["GET /days/9999-12-31", { day: "9999-12-31" }],
  ])("%s", (request, params) => {
    expect(find(router, request)).toEqual([expect.any(String), params]);
  });

  it.each([
    "/month/0",
    "/month/13",
    "/month/-1",
    "/degrees/90.1",
    "/degrees/-90.1",
    "/degrees/-0",
    "/degrees/--1",
    "/offset/-13",
    "/offset/-",
    "/offset/-0",
    "/deu/about",
    "/d/about",
    "/tags/ab",
    "/tags/abcdef",
    "/days/2023-02-29",
    "/days/1900-02-29",
    "/days/2024-04-31",
    "/days/2024-00-10",
    "/days/2024-13-10",
    "/days/2024-12-00",
    "/days/0000-01-01",
    "/days/2024-1-01",
    "/days/2024-01-1x",
    "/days/20240-1-01",
    "/days/2024/01/01",
  ])("does not find %s", (path) => {
    expect(find(router, `GET ${path}`)).toEqual([]);
  });
});

describe("optional parameters", () => {
  const router = routerOf("GET /users/<int:page>?", "GET /<path:rest>?", "GET /a/:b/:c?", "POST /a/:b");

  it.each([
    ["GET /users", ["/users/<int:page>?", { page: undefined }]],
    ["GET /users/7", ["/users/<int:page>?", { page: 7 }]],
    ["GET /users/x", ["/<path:rest>?", { rest: "users/x" }]],
    ["GET /users/", ["/<path:rest>?", { rest: "users/" }]],
    ["GET /", ["/<path:rest>?", { rest: undefined }]],
    ["GET /a/1/2", ["/a/:b/:c?", { b: "1", c: "2" }]],
    ["GET /a/1", ["/a/:b/:c?", { b: "1", c: undefined }]],
    ["POST /a/1", ["/a/:b", { b: "1" }]],
  ])("%s", (request, found) => {
    expect(find(router, request)).toStrictEqual(found);
  });

  it("leaves nothing of an earlier search", () => {
    find(router, "GET /users/7");
    expect(find(router, "GET /users")).toStrictEqual(["/users/<int:page>?", { page: undefined }]);
  });
});

describe("routes for every method", () => {
  const router = routerOf("ALL /a", "GET /a", "ALL /b", "POST /<x>", "PUT /a/<y>");

  it.each([
    ["GET /a", "GET"],
    ["HEAD /a", "GET"],
    ["POST /a", "ALL"],
    ["OPTIONS /a", "ALL"],
    ["PROPFIND /a", "ALL"],
    ["HEAD /b", "ALL"],
    ["POST /b", "ALL"],
    ["POST /c", "POST"],
  ])("%s goes to %s", (request, method) => {
    const [name, path] = request.split(" ") as [string, string];
    expect((router.match(name, path, "") as Match).route.methods).toEqual([method]);
  });
});

describe("hosts", () => {
  const router = routerOf(
    "GET api.example.com/",
    "GET api.example.com/<x>",
    "GET <tenant>.example.com/<x>",
    "POST <int:n>.example.com/<x>",
    "GET /<x>",
    "GET /everywhere/<x>",
    "GET [::1]/v6",
    "GET 127.0.0.1/v4",
    "GET localhost/<int:x>?",
  );

  it.each([
    ["GET api.example.com/", ["api.example.com/", {}]],
    ["GET api.example.com:8000/", ["api.example.com/", {}]],
    ["GET api.example.com./", ["api.example.com/", {}]],
    ["GET api.example.com.:80/a", ["api.example.com/<x>", { x: "a" }]],
    ["GET acme.example.com/a", ["<tenant>.example.com/<x>", { tenant: "acme", x: "a" }]],
    ["POST 7.example.com/a", ["<int:n>.example.com/<x>", { n: 7, x: "a" }]],
    ["GET 7.example.com/a", ["<tenant>.example.com/<x>", { tenant: "7", x: "a" }]],
    ["GET example.com/a", ["/<x>", { x: "a" }]],
    ["GET a.b.example.com/a", ["/<x>", { x: "a" }]],
    ["GET xapi.example.community/a", ["/<x>", { x: "a" }]],
    ["GET .example.com/a", ["/<x>", { x: "a" }]],
    ["GET acme.example.com.evil.org/a", ["/<x>", { x: "a" }]],
    ["GET acme.example/a", ["/<x>", { x: "a" }]],
    ["GET /a", ["/<x>", { x: "a" }]],
    ["GET api.example.com/everywhere/a", ["/everywhere/<x>", { x: "a" }]],
    ["GET acme.example.com/everywhere/a", ["/everywhere/<x>", { x: "a" }]],
    ["GET [::1]:8000/v6", ["[::1]/v6", {}]],
    ["GET [::1]/v6", ["[::1]/v6", {}]],
    ["GET 127.0.0.1:80/v4", ["127.0.0.1/v4", {}]],
    ["GET localhost/", []],
    ["GET localhost/7", ["localhost/<int:x>?", { x: 7 }]],
    ["POST api.example.com/a", ["GET", "HEAD", "OPTIONS"]],
    ["PUT 7.example.com/a", ["GET", "HEAD", "OPTIONS", "POST"]],
    ["GET other.org/", []],
  ])("%s", (request, found) => {
    const root = request === "GET localhost/" ? ["localhost/<int:x>?", { x: undefined }] : found;
    expect(find(router, request)).toStrictEqual(root);
  });

  it("tries text before parameters, label by label, whatever the order of the routes", () => {
    const routes = [
      "GET <a>.<b>.c/",
      "GET <a>.b.c/",
      "GET a.<b>.c/",
      "GET a.b.c/",
      "GET <any(a,x):a>.<b>.c/",
    ];
    for (const order of [routes, routes.toReversed()]) {
      const router = routerOf(...order);
      expect((find(router, "GET a.b.c/") as unknown[])[0]).toBe("a.b.c/");
      expect((find(router, "GET a.x.c/") as unknown[])[0]).toBe("a.<b>.c/");
      expect((find(router, "GET x.b.c/") as unknown[])[0]).toBe("<any(a,x):a>.<b>.c/");
      expect((find(router, "GET y.b.c/") as unknown[])[0]).toBe("<a>.b.c/");
      expect((find(router, "GET y.x.c/") as unknown[])[0]).toBe("<a>.<b>.c/");
    }
  });

  it("refuses a parameter of the same name in host and path", () => {
    expect(() => routeOf("GET <x>.a/<x>")).toThrow(/the route GET <x>\.a\/<x> has two parameters named "x"/);
  });
});

describe("a slash at the end", () => {
  const routes = [
    "GET /",
    "GET /with/",
    "POST /with/",
    "GET /without",
    "GET /u/<int:id>/",
    "PUT /both",
    "GET /both/",
  ];

  it.each([
    ["redirect", "GET /with", "lacks slash"],
    ["redirect", "HEAD /with", "lacks slash"],
    ["redirect", "POST /with", "lacks slash"],
    ["redirect", "GET /w%69th", "lacks slash"],
    ["redirect", "GET /u/7", "lacks slash"],
    ["redirect", "GET /u/x", []],
    ["redirect", "PUT /with", []],
    ["redirect", "GET /without/", []],
    ["redirect", "GET /both", ["OPTIONS", "PUT"]],
    ["strict", "GET /with", []],
    ["strict", "GET /without/", []],
    ["ignore", "GET /with", ["/with/", {}]],
    ["ignore", "GET /without/", ["/without", {}]],
    ["ignore", "GET /u/7", ["/u/<int:id>/", { id: 7 }]],
    ["ignore", "PUT /with", ["GET", "HEAD", "OPTIONS", "POST"]],
    ["ignore", "POST /without/", ["GET", "HEAD", "OPTIONS"]],
    ["ignore", "GET /", ["/", {}]],
    ["ignore", "GET /nothing/", []],
  ] as const)("%s: %s", (rule, request, found) => {
    expect(find(addTo(new Router(rule), routes), request)).toEqual(found);
  });

  it("leaves the path as it was sent where it makes no difference", () => {
    const router = addTo(new Router("ignore"), routes);
    expect((router.match("GET", "/w%69th", "") as Match).path).toBe("/with");
    expect((router.match("GET", "/without/", "") as Match).path).toBe("/without/");
  });
});

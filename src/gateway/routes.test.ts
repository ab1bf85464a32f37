// That the frameworks' own lists look so is seen in test/examples/frameworks.test.ts.
import { expect, test } from "vitest";
import { routesOf } from "./routes.ts";

const method = (): void => {};

test.each<[title: string, value: unknown, routes: string[] | null]>([
  ["Socle's", { routes: [{ methods: ["GET", "POST"], path: "/a/<int:b>" }] }, ["GET,POST /a/<int:b>"]],
  [
    "Hono's, without middleware",
    {
      routes: [
        { method: "ALL", path: "/*", handler: (_context: unknown, _next: unknown) => {} },
        { method: "GET", path: "/a", handler: (_context: unknown) => {} },
        { method: "ALL", path: "/b", handler: () => {} },
      ],
    },
    ["GET /a", "ALL /b"],
  ],
  ["itty-router's", { routes: [["GET", /^\/a$/, [method], "/a"]] }, ["GET /a"]],
  [
    "Express's, with a router in it",
    {
      router: {
        listRoutes: () => [
          { path: "/", methods: ["GET", "HEAD"] },
          { path: "/x", methods: undefined },
          { path: /^\/y/, methods: ["HEAD"] },
          { path: "/in", router: { listRoutes: () => [{ path: "/a", methods: ["POST"] }] } },
          { path: "/", router: { listRoutes: () => [{ path: "/b", methods: ["POST"] }] } },
          { path: "/other", router: {} },
        ],
      },
    },
    ["GET /", "ALL /x", "HEAD /^\\/y/", "POST /in/a", "POST /b"],
  ],
  ["Express's before 5.3", { router: { stack: [] } }, null],
  ["none", { routes: "none" }, null],
  ["no object", 5, null],
])("%s", (_, value, routes) => {
  expect(routesOf(value)?.map(({ methods, path }) => `${methods} ${path}`) ?? null).toEqual(routes);
});

test("what Socle's routes have besides, and what is mounted, below the paths of the mounts", () => {
  const list = (): void => {};
  const inner = { routes: [{ methods: ["GET"], path: "/list", name: "list", handler: list }] };
  const middle = {
    routes: [{ methods: ["POST"], path: "/", handler: (() => () => {})() }],
    mounts: [{ path: "/in", target: inner, what: "a Socle App" }] as unknown[],
  };
  const app = {
    routes: [{ methods: ["GET"], path: "/", host: "a.b", name: undefined, handler: list }],
    mounts: [
      { path: "/mid", target: middle, what: "a Socle App" },
      { path: "/old", target: { fetch: list }, what: "a fetch handler" },
      { path: "/", target: inner, what: "a Socle App" },
    ],
  };
  middle.mounts.push({ path: "/self", target: app, what: "a Socle App" });
  const self = { path: "/mid/self", what: "a Socle App" };
  expect(routesOf(app)).toEqual([
    { methods: ["GET"], path: "/", host: "a.b", handler: "list" },
    { methods: ["POST"], path: "/mid/", mount: { path: "/mid", what: "a Socle App" } },
    {
      methods: ["GET"],
      path: "/mid/in/list",
      name: "list",
      handler: "list",
      mount: { path: "/mid/in", what: "a Socle App" },
    },
    { methods: ["ALL"], path: "/mid/self/…", mount: self },
    { methods: ["ALL"], path: "/old/…", mount: { path: "/old", what: "a fetch handler" } },
    {
      methods: ["GET"],
      path: "/list",
      name: "list",
      handler: "list",
      mount: { path: "/", what: "a Socle App" },
    },
  ]);
});

test("Fastify's tree, as it draws it, and nothing where it is drawn in another way", () => {
  let tree = `└── /
    ├── users (POST)
    │   └── /
    │       └── :id(^\\d+) (GET, HEAD)
    ├── a
    │   ├── bout (GET, HEAD)
    │   └── ny/
    │       └── * (DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, TRACE)
    └── v (GET, HEAD) {"version":"1.0.0"}
        v (GET, HEAD) {"version":"2.0.0"}
`;
  const fastify = { printRoutes: () => tree };
  expect(routesOf(fastify)).toEqual([
    { methods: ["POST"], path: "/users" },
    { methods: ["GET"], path: "/users/:id(^\\d+)" },
    { methods: ["GET"], path: "/about" },
    { methods: ["ALL"], path: "/any/*" },
    { methods: ["GET"], path: '/v {"version":"1.0.0"}' },
    { methods: ["GET"], path: '/v {"version":"2.0.0"}' },
  ]);
  tree = `└── (empty root node)
    ├── /x (OPTIONS)
    └── * (GET, HEAD)
`;
  expect(routesOf(fastify)).toEqual([
    { methods: ["OPTIONS"], path: "/x" },
    { methods: ["GET"], path: "*" },
  ]);
  tree = "GET /users\n";
  expect(routesOf(fastify)).toBeNull();
});

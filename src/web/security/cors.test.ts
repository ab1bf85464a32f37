import { describe, expect, it } from "vitest";
import { serveApp } from "../../../test/web/serve-app.ts";
import { MemoryExchange } from "../../gateway/memory-exchange.ts";
import { App, Blueprint, HttpError, Response, redirect } from "../index.ts";
import { type CorsOptions, cors } from "./cors.ts";

const PAGE = "https://example.com";

function appWith(options: CorsOptions): App {
  const app = new App({ logError: () => undefined });
  app.register(cors(options));
  app.get("/", () => "hello");
  app.put("/api/notes/<int:id>", () => ({}));
  app.get("/fails", () => {
    throw new Error("no");
  });
  app.get("/refused", () => {
    throw new HttpError(403);
  });
  app.get("/varies", () => new Response("", { headers: { vary: "Accept-Language" } }));
  app.get("/varies-fully", () => new Response("", { headers: { vary: "accept, Origin" } }));
  app.get("/platform", () => new globalThis.Response("theirs"));
  app.get("/redirect", () => redirect("/"));
  app.mount("/mount", { fetch: () => new globalThis.Response("mounted") });
  return app;
}

async function ask(
  app: App,
  request: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Record<string, string>; text: string }> {
  const [method, target] = request.split(" ") as [string, string];
  const exchange = new MemoryExchange(target, { method, headers });
  await app.handleExchange(exchange);
  const list = exchange.responseHeaders;
  const fields: Record<string, string> = {};
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i] as string;
    if (name in fields) throw new Error(`${name} was sent twice`);
    if (name === "vary" || name.startsWith("access-control-")) fields[name] = list[i + 1] as string;
  }
  return { status: exchange.responseStatus, headers: fields, text: exchange.takeText() };
}

function preflight(app: App, path: string, headers: Record<string, string> = {}): ReturnType<typeof ask> {
  return ask(app, `OPTIONS ${path}`, { origin: PAGE, "access-control-request-method": "PUT", ...headers });
}

describe("answers", () => {
  it.each(["/", "/fails", "/refused", "/nowhere", "/platform", "/redirect", "/mount/x"])(
    "of %s may be read by the pages of an origin, and by no others",
    async (path) => {
      const app = appWith({ origin: PAGE });
      await app.start();
      expect((await ask(app, `GET ${path}`, { origin: PAGE })).headers).toEqual({
        "access-control-allow-origin": PAGE,
        vary: "origin",
      });
      // Caches have to know in these cases as well, or they would give this answer to the page.
      for (const headers of [{ origin: "https://other.com" }, { origin: "null" }, {}]) {
        expect((await ask(app, `GET ${path}`, headers as Record<string, string>)).headers).toEqual({
          vary: "origin",
        });
      }
    },
  );

  it("keep what they vary by, and take nothing for it from the request", async () => {
    const app = appWith({ origin: PAGE });
    const headers = { origin: PAGE, vary: "X-From-The-Client" };
    expect((await ask(app, "GET /varies", headers)).headers["vary"]).toBe("Accept-Language, origin");
    expect((await ask(app, "GET /varies-fully", headers)).headers["vary"]).toBe("accept, Origin");
    expect((await ask(app, "GET /", headers)).headers["vary"]).toBe("origin");
  });

  it("for everybody do not depend on the origin", async () => {
    const app = appWith({ origin: "*", exposeHeaders: ["x-total", "etag"] });
    const expected = { "access-control-allow-origin": "*", "access-control-expose-headers": "x-total, etag" };
    expect((await ask(app, "GET /", { origin: "null" })).headers).toEqual(expected);
    expect((await ask(app, "GET /")).headers).toEqual(expected);
  });

  it("with credentials name the origin", async () => {
    const app = appWith({
      origin: [PAGE, "https://two.example"],
      credentials: true,
      exposeHeaders: ["etag"],
    });
    expect((await ask(app, "GET /", { origin: "https://two.example" })).headers).toEqual({
      "access-control-allow-origin": "https://two.example",
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": "etag",
      vary: "origin",
    });
    expect((await ask(app, "GET /", { origin: "https://three.example" })).headers).toEqual({
      vary: "origin",
    });
  });

  it("below a path only", async () => {
    const app = appWith({ origin: PAGE, path: "/api" });
    const origin = { origin: PAGE };
    expect((await ask(app, "PUT /api/notes/7", origin)).headers).toHaveProperty(
      "access-control-allow-origin",
    );
    expect((await ask(app, "GET /api", origin)).headers).toHaveProperty("access-control-allow-origin");
    // Encoded it is the same path.
    expect((await ask(app, "GET /%61pi", origin)).headers).toHaveProperty("access-control-allow-origin");
    for (const path of ["/", "/apis", "/nowhere/api"]) {
      expect((await ask(app, `GET ${path}`, origin)).headers).toEqual({});
    }
    expect((await preflight(app, "/")).headers).toEqual({});
    expect((await preflight(app, "/api/notes/7")).status).toBe(204);
  });
});

describe("preflights", () => {
  it.each(["/", "/api/notes/7", "/nowhere", "/mount/x"])("of %s are answered", async (path) => {
    const app = appWith({ origin: PAGE });
    await app.start();
    expect(await preflight(app, path, { "access-control-request-headers": "content-type,x-a" })).toEqual({
      status: 204,
      text: "",
      headers: {
        "access-control-allow-origin": PAGE,
        "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
        "access-control-allow-headers": "content-type,x-a",
        "access-control-max-age": "600",
        vary: "origin, access-control-request-headers",
      },
    });
  });

  it("say what the settings say", async () => {
    const app = appWith({
      origin: PAGE,
      methods: ["GET", "PUT"],
      allowHeaders: ["x-one", "X-Two"],
      exposeHeaders: ["etag"],
      credentials: true,
      maxAge: 5,
      privateNetwork: true,
    });
    const asked = {
      "access-control-request-headers": "x-three",
      "access-control-request-private-network": "true",
    };
    expect((await preflight(app, "/", asked)).headers).toEqual({
      "access-control-allow-origin": PAGE,
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "GET, PUT",
      "access-control-allow-headers": "x-one, X-Two",
      "access-control-allow-private-network": "true",
      "access-control-max-age": "5",
      vary: "origin",
    });
  });

  it("are refused to pages of other origins", async () => {
    const app = appWith({ origin: PAGE, privateNetwork: true });
    expect(await preflight(app, "/", { origin: "https://evil.example" })).toEqual({
      status: 403,
      text: "pages of https://evil.example may not make this request\n",
      headers: { vary: "origin" },
    });
  });

  it.each(["x\u00e9", "a b", "a,,b", "a;b", ""])(
    "send no header names back that are none: %j",
    async (names) => {
      const { headers } = await preflight(appWith({ origin: PAGE }), "/", {
        "access-control-request-headers": names,
      });
      expect(headers).not.toHaveProperty("access-control-allow-headers");
    },
  );

  it("are OPTIONS with an origin and a method; other OPTIONS are the app's", async () => {
    const app = appWith({ origin: PAGE });
    const { headers, status } = await ask(app, "OPTIONS /", { origin: PAGE });
    expect([status, headers]).toEqual([204, { "access-control-allow-origin": PAGE, vary: "origin" }]);
    expect((await ask(app, "OPTIONS /nowhere", { origin: PAGE })).status).toBe(404);
    expect((await ask(app, "OPTIONS /nowhere", { "access-control-request-method": "PUT" })).status).toBe(404);
  });

  it("come before hooks that were added later", async () => {
    const app = appWith({ origin: PAGE });
    app.before(() => {
      throw new HttpError(401);
    });
    expect((await preflight(app, "/")).status).toBe(204);
    expect(await ask(app, "GET /", { origin: PAGE })).toMatchObject({
      status: 401,
      headers: { "access-control-allow-origin": PAGE },
    });
  });
});

describe("origins", () => {
  async function isAllowed(origin: CorsOptions["origin"], asked: string): Promise<boolean> {
    const { headers } = await ask(appWith({ origin }), "GET /", { origin: asked });
    const allowed = headers["access-control-allow-origin"];
    expect([undefined, asked]).toContain(allowed);
    return allowed !== undefined;
  }

  it.each([
    ["https://*.example.com", "https://a.example.com", true],
    ["https://*.example.com", "https://a.b-c.example.com", true],
    ["https://*.example.com", "https://example.com", false],
    ["https://*.example.com", "https://.example.com", false],
    ["https://*.example.com", "http://a.example.com", false],
    ["https://*.example.com", "https://aexample.com", false],
    ["https://*.example.com", "https://a.example.com:8443", false],
    ["https://*.example.com", "https://a.example.com.evil.org", false],
    ["https://*.example.com", "https://evil.org/.example.com", false],
    ["https://*.example.com", "https://evil.org#.example.com", false],
    ["https://*.example.com", "https://evil.org:80@x.example.com", false],
    ["https://*.example.com", "https://a.example.com, https://evil.org.example.com", false],
    ["https://*.example.com:8443", "https://a.example.com:8443", true],
    ["https://*.example.com:8443", "https://a.example.com", false],
    ["null", "null", true],
    ["capacitor://localhost", "capacitor://localhost", true],
    ["http://[::1]:3000", "http://[::1]:3000", true],
    [PAGE, "https://example.com.evil.org", false],
    [PAGE, "https://example.co", false],
    [PAGE, "HTTPS://EXAMPLE.COM", false],
  ])("%s and a page of %s: %s", async (origin, asked, expected) => {
    expect(await isAllowed(origin, asked)).toBe(expected);
  });

  it("a function tells, at once or later, with a look at the request", async () => {
    const check = (origin: string, { path }: { path: string }): boolean =>
      origin.endsWith(".example") && path === "/";
    for (const origin of [check, async (...given: Parameters<typeof check>) => check(...given)]) {
      expect(await isAllowed(origin, "https://a.example")).toBe(true);
      expect(await isAllowed(origin, "https://a.org")).toBe(false);
      const { status, headers } = await preflight(appWith({ origin }), "/", { origin: "https://a.example" });
      expect([status, headers["access-control-allow-origin"]]).toEqual([204, "https://a.example"]);
      expect((await preflight(appWith({ origin }), "/x", { origin: "https://a.example" })).status).toBe(403);
    }
  });

  it("a function that gives anything but true or false is a fault, and allows nobody", async () => {
    const origin = ((asked: string) => asked) as unknown as CorsOptions["origin"];
    const { status, headers } = await ask(appWith({ origin }), "GET /", { origin: PAGE });
    expect([status, headers["access-control-allow-origin"]]).toEqual([500, undefined]);
    expect((await preflight(appWith({ origin }), "/")).status).toBe(500);
  });
});

describe("settings that can't be meant", () => {
  it.each<[Partial<Record<keyof CorsOptions, unknown>>, string]>([
    [
      {},
      "cors() needs an origin: an origin such as https://example.com, several in an array, a function, or *",
    ],
    [{ origin: [] }, "cors() needs an origin"],
    [{ origin: true }, "cors() needs an origin"],
    [
      { origin: "*", credentials: true },
      "by which any site could act as whoever visits it: name the origins",
    ],
    [{ origin: ["*"] }, "for every origin write it alone"],
    [{ origin: "https://example.com/" }, "write https://example.com"],
    [{ origin: "https://example.com/a" }, "write https://example.com"],
    [{ origin: "example.com" }, "an origin is a scheme, a host and maybe a port"],
    [{ origin: "https://Example.com:443" }, "browsers send https://example.com, so"],
    [{ origin: "https://*" }, "*. may stand before the host"],
    [{ origin: "https://a.*.com" }, "*. may stand before the host"],
    [{ origin: [PAGE, 7] }, "an origin is a text"],
    [{ origin: "https://a\r\nb" }, "an origin is a scheme, a host"],
    [{ origin: PAGE, methods: ["get"] }, "methods are case-sensitive, write GET"],
    [{ origin: PAGE, methods: ["GET, PUT"] }, "is no token"],
    [{ origin: PAGE, allowHeaders: ["x\r\ny"] }, "is no token"],
    [{ origin: PAGE, exposeHeaders: ["*"], credentials: true }, "does not count with credentials"],
    [{ origin: PAGE, maxAge: -1 }, "maxAge of cors() is a whole number of seconds"],
    [{ origin: PAGE, path: "api" }, "begins with a slash"],
    [{ origin: PAGE, path: "/api/" }, "ends without one"],
  ])("%j: %s", (options, message) => {
    expect(() => cors(options as unknown as CorsOptions)).toThrow(message);
  });

  it("a blueprint gets no preflights", () => {
    expect(() => new Blueprint("/api").register(cors({ origin: PAGE }))).toThrow(/cors\({ path: "\/api"/);
  });
});

it("over a socket, with several origins in one request", async () => {
  const { ask: askServer } = await serveApp(appWith({ origin: PAGE }));
  const answer = await askServer("GET /", { origin: `${PAGE}\r\norigin: https://evil.example` });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("access-control-allow-origin")).toBeUndefined();
  expect((await askServer("GET /", { origin: PAGE })).headers.get("access-control-allow-origin")).toBe(PAGE);
});

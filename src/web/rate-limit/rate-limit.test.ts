import { describe, expect, it } from "vitest";
import { until } from "../../../test/support/until.ts";
import { serveApp } from "../../../test/web/serve-app.ts";
import { MemoryExchange } from "../../gateway/memory-exchange.ts";
import { App, Blueprint, json } from "../index.ts";
import { clientAddress } from "./client-key.ts";
import { MemoryStore } from "./memory-store.ts";
import type { Allowance, Rate } from "./rate.ts";
import { type RateLimitOptions, rateLimit } from "./rate-limit.ts";

/** Long enough that nothing comes back during a test. */
const slowly = { window: "24h" } as const;

interface Answer {
  readonly status: number;
  readonly text: string;
  header(name: string): string | undefined;
}

async function ask(
  app: App,
  request: string,
  remoteAddress = "192.0.2.1",
  headers: Record<string, string> = {},
): Promise<Answer> {
  const [method, target] = request.split(" ") as [string, string];
  const exchange = new MemoryExchange(target, { method, headers, connection: { remoteAddress } });
  await app.handleExchange(exchange);
  return {
    status: exchange.responseStatus,
    text: exchange.takeText(),
    header: (name) => exchange.responseHeader(name),
  };
}

async function statuses(app: App, request: string, times: number, address?: string): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < times; i++) found.push((await ask(app, request, address)).status);
  return found;
}

function limited(options: Partial<RateLimitOptions> = {}): App {
  const app = new App({ logError: () => undefined });
  app.register(rateLimit({ limit: 2, ...slowly, ...options }));
  app.get("/", () => "hello");
  return app;
}

describe("a limit", () => {
  it("is told of in each answer, and refuses what goes beyond it", async () => {
    const app = limited();
    const first = await ask(app, "GET /");
    expect([first.status, first.header("ratelimit-policy"), first.header("ratelimit")]).toEqual([
      200,
      '"default";q=2;w=86400',
      '"default";r=1;t=43200',
    ]);
    const second = await ask(app, "GET /nowhere");
    expect([second.status, second.header("ratelimit")]).toEqual([404, '"default";r=0;t=86400']);
    const third = await ask(app, "GET /");
    expect([third.status, third.text]).toEqual([429, "too many requests: try again in 43200 seconds\n"]);
    expect(third.header("retry-after")).toBe("43200");
    // The draft has them say the same.
    expect(third.header("ratelimit")).toBe('"default";r=0;t=43200');
    expect(third.header("ratelimit-policy")).toBe('"default";q=2;w=86400');
    // What was refused has not made it worse.
    expect((await ask(app, "GET /")).header("retry-after")).toBe("43200");
  });

  it("is for each client by itself", async () => {
    const app = limited();
    expect(await statuses(app, "GET /", 3, "192.0.2.1")).toEqual([200, 200, 429]);
    expect(await statuses(app, "GET /", 3, "192.0.2.2")).toEqual([200, 200, 429]);
  });

  it("comes back with time", async () => {
    const app = limited({ limit: 1, window: 20 });
    await expect.poll(() => statuses(app, "GET /", 2)).toEqual([200, 429]);
    await expect.poll(async () => (await ask(app, "GET /")).status).toBe(200);
  });

  it("answers with the app's own handler of errors, and keeps what is to be told", async () => {
    const app = limited({ limit: 1 });
    app.onError(429, () => json({ error: "slow down" }, { status: 429 }));
    await ask(app, "GET /");
    const { status, text, header } = await ask(app, "GET /");
    expect([status, text]).toEqual([429, '{"error":"slow down"}']);
    expect([header("retry-after"), header("ratelimit")]).toEqual(["86400", '"default";r=0;t=86400']);
  });

  it("may have other keys, later ones, and none", async () => {
    for (const key of [
      ({ headers }: { headers: { get(name: string): string | null } }) => headers.get("x-key") ?? undefined,
      async ({ headers }: { headers: { get(name: string): string | null } }) =>
        headers.get("x-key") ?? undefined,
    ]) {
      const app = limited({ limit: 1, key });
      const withKey = async (value: string): Promise<number> =>
        (await ask(app, "GET /", "192.0.2.1", { "x-key": value })).status;
      expect([await withKey("a"), await withKey("b"), await withKey("a")]).toEqual([200, 200, 429]);
      const free = await ask(app, "GET /");
      expect([free.status, free.header("ratelimit")]).toEqual([200, undefined]);
      const long = "x".repeat(5000);
      expect([await withKey(`${long}1`), await withKey(`${long}2`), await withKey(`${long}1`)]).toEqual([
        200, 200, 429,
      ]);
    }
  });

  it("of a blueprint and of the app are both told", async () => {
    const app = limited({ limit: 5, name: "all" });
    const api = new Blueprint("/api");
    api.register(rateLimit({ limit: 1, ...slowly, name: "api" }));
    api.get("/x", () => "x");
    app.register(api);
    const { ask: askServer } = await serveApp(app);
    const first = await askServer("GET /api/x");
    expect(first.headers.get("ratelimit-policy")).toBe('"api";q=1;w=86400\n"all";q=5;w=86400');
    expect(first.headers.get("ratelimit")).toBe('"api";r=0;t=86400\n"all";r=4;t=17280');
    const second = await askServer("GET /api/x");
    expect([second.status, second.headers.get("ratelimit")]).toEqual([
      429,
      '"api";r=0;t=86400\n"all";r=3;t=34560',
    ]);
    expect((await askServer("GET /")).headers.get("ratelimit")).toBe('"all";r=2;t=51840');
  });

  it("of single routes is a hook", async () => {
    const login = rateLimit({ limit: 1, ...slowly });
    const app = new App();
    app.post("/login", { before: login.hook }, () => "welcome");
    app.post("/recover", { before: login.hook }, () => "sent");
    app.get("/", () => "free");
    expect(await statuses(app, "POST /login", 2)).toEqual([200, 429]);
    // It is one limit, wherever it stands.
    expect((await ask(app, "POST /recover")).header("retry-after")).toBe("86400");
    expect(await statuses(app, "GET /", 3)).toEqual([200, 200, 200]);
  });
});

describe("a client's address", () => {
  const keyOf = (ip: string | undefined): string =>
    clientAddress({ ip } as Parameters<typeof clientAddress>[0]);

  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:DB8:1:2::9", "2001:db8:1:2::/64"],
    ["2001:db8:1:3::9", "2001:db8:1:3::/64"],
    [undefined, "unknown"],
  ])("%s counts as %s", (ip, key) => {
    expect(keyOf(ip)).toBe(key);
  });
});

describe("the memory", () => {
  const rate: Rate = { limit: 1, window: 60_000 };

  it("keeps no more clients than it may, and forgets first who came first", () => {
    const store = new MemoryStore(3);
    for (const key of ["a", "b", "c", "d"]) expect(store.take(key, rate).allowed).toBe(true);
    expect(store.size).toBe(3);
    expect(["b", "c", "d"].map((key) => store.take(key, rate).allowed)).toEqual([false, false, false]);
    expect(store.take("a", rate).allowed).toBe(true);
    expect(store.size).toBe(3);
  });

  it("forgets who has all of its allowance again, a few at a time", async () => {
    const store = new MemoryStore(1000);
    for (let i = 0; i < 100; i++) store.take(`short ${i}`, { limit: 1, window: 1 });
    const over = performance.now() + 1;
    await until(() => performance.now() > over);
    store.take("new 0", rate);
    expect(store.size).toBe(93);
    for (let i = 1; i < 20; i++) store.take(`new ${i}`, rate);
    expect(store.size).toBe(20);
  });

  it.each([1, 3, 7, 100, 3000, 999_999])("allows just %s at once", (limit) => {
    const store = new MemoryStore(10);
    // So long a window that nothing comes back meanwhile.
    const rate = { limit, window: limit * 3_600_000 + 1 };
    let last: Allowance = store.take("a", rate);
    for (let i = 1; i < Math.min(limit, 5000); i++) last = store.take("a", rate);
    if (limit > 5000) return expect(last).toMatchObject({ allowed: true, remaining: limit - 5000 });
    expect(last).toMatchObject({ allowed: true, remaining: 0 });
    expect(store.take("a", rate)).toMatchObject({ allowed: false, remaining: 0 });
  });
});

describe("settings that can't be", () => {
  it.each<[Partial<Record<keyof RateLimitOptions, unknown>>, string]>([
    [{ limit: 0 }, "limit of rateLimit() is a whole number from 1 on, not 0"],
    [{ limit: 1.5 }, "limit of rateLimit()"],
    [{ limit: "100" }, 'not "100"'],
    [{ window: "1 minute" }, "the window of rateLimit() is a number with its unit (ms, s, m or h)"],
    [{ window: 0 }, "the window of rateLimit()"],
    [{ window: Number.NaN }, "the window of rateLimit()"],
    [{ limit: 10_000, window: 1 }, "more than one a microsecond"],
    [{ name: 'a"b' }, "the name of rateLimit()"],
    [{ name: "a\r\nb" }, "the name of rateLimit()"],
    [{ store: "redis" }, 'rateLimit() knows no store "redis"'],
    [{ store: "postgres://user:secret@host" }, 'rateLimit() knows no store "postgres:…"'],
    [{ store: "redis:" }, "a URL of Redis is"],
    [{ onStoreError: "ignore" }, 'is "allow" or "deny"'],
    [{ maxKeys: 0 }, "maxKeys of rateLimit()"],
  ])("%j: %s", (options, message) => {
    expect(() => rateLimit({ limit: 1, window: "1m", ...options } as RateLimitOptions)).toThrow(message);
  });
});

import { afterEach, describe, expect, it } from "vitest";
import { findRedis } from "../../../test/support/redis.ts";
import { MemoryExchange } from "../../gateway/memory-exchange.ts";
import { App } from "../index.ts";
import { RedisConnection } from "../redis-connection.ts";
import { type RateLimitOptions, rateLimit } from "./rate-limit.ts";
import { RedisStore } from "./redis-store.ts";

const redis = await findRedis();
const opened: App[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((app) => app.stop()));
});

async function limited(options: Partial<RateLimitOptions>): Promise<App> {
  const app = new App({ logError: () => undefined });
  app.register(rateLimit({ limit: 5, window: "24h", ...options }));
  app.get("/", () => "hello");
  opened.push(app);
  await app.start();
  return app;
}

async function ask(app: App, remoteAddress = "192.0.2.1"): Promise<string> {
  const exchange = new MemoryExchange("/", { connection: { remoteAddress } });
  await app.handleExchange(exchange);
  return `${exchange.responseStatus} ${exchange.responseHeader("ratelimit") ?? ""}`.trim();
}

/** What each of the settings can log. */
function logTo(lines: string[]): Pick<RateLimitOptions, "log"> {
  return { log: (message, error) => void lines.push(error === undefined ? message : `${message} ${error}`) };
}

describe.skipIf(redis.missing !== undefined)(`with ${redis.label}`, () => {
  it("apps share a limit, also when they are asked at the same time", async () => {
    await using server = await redis.start();
    const apps = await Promise.all([1, 2].map(() => limited({ store: server.url })));
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => ask(apps[i % 2] as App)));
    expect(answers.filter((answer) => answer.startsWith("200")).sort()).toEqual([
      '200 "default";r=0;t=86400',
      '200 "default";r=1;t=69120',
      '200 "default";r=2;t=51840',
      '200 "default";r=3;t=34560',
      '200 "default";r=4;t=17280',
    ]);
    expect(answers.filter((answer) => answer === '429 "default";r=0;t=17280')).toHaveLength(15);
    expect(await ask(apps[0] as App, "192.0.2.2")).toBe('200 "default";r=4;t=17280');
  });

  it("limits of other names do not", async () => {
    await using server = await redis.start();
    const one = await limited({ store: server.url, limit: 1, name: "one" });
    const two = await limited({ store: server.url, limit: 1, name: "two" });
    expect([await ask(one), await ask(one), await ask(two)]).toEqual([
      '200 "one";r=0;t=86400',
      '429 "one";r=0;t=86400',
      '200 "two";r=0;t=86400',
    ]);
  });

  it("an allowance comes back, and what is over is not kept", async () => {
    await using server = await redis.start();
    const store = new RedisStore(server.url);
    const connection = new RedisConnection(server.url);
    try {
      const rate = { limit: 3, window: 50 };
      const allowed = async (): Promise<boolean> => (await store.take("a", rate)).allowed;
      await expect.poll(() => Promise.all([allowed(), allowed(), allowed(), allowed()])).toContain(false);
      await expect.poll(allowed).toBe(true);
      await expect.poll(() => connection.send("DBSIZE")).toBe(0);
    } finally {
      await Promise.all([store.close(), connection.close()]);
    }
  });

  it("an outage lets requests through, and is told of once, as its end is", async () => {
    const server = await redis.start();
    const lines: string[] = [];
    const app = await limited({ store: server.url, ...logTo(lines) });
    expect(await ask(app)).toBe('200 "default";r=4;t=17280');
    await server[Symbol.asyncDispose]();
    for (let i = 0; i < 10; i++) expect(await ask(app)).toBe("200");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^The rate limit "default" can't be kept; until it can, requests are let through: Error: /,
    );
    await using _again = await redis.start(server.port);
    await expect.poll(() => ask(app), { timeout: 10_000 }).toBe('200 "default";r=4;t=17280');
    expect(lines.slice(1)).toEqual(['The rate limit "default" is kept again.']);
  }, 20_000);

  it("a Redis that does not answer holds nobody up for long", async () => {
    await using server = await redis.start();
    const lines: string[] = [];
    const app = await limited({ store: server.url, onStoreError: "deny", ...logTo(lines) });
    expect(await ask(app)).toMatch(/^200/);
    server.process.kill("SIGSTOP");
    // Each of them comes to an end by itself.
    expect(await Promise.all([ask(app), ask(app)])).toEqual(["503", "503"]);
    expect(await ask(app)).toBe("503");
    expect(lines).toEqual([
      `The rate limit "default" can't be kept; until it can, requests are refused: Error: the store has not answered in 500 ms`,
    ]);
    server.process.kill("SIGCONT");
    await expect.poll(() => ask(app), { timeout: 10_000 }).toMatch(/^(200|429) "default"/);
  }, 20_000);
});

describe("without Redis", () => {
  it("an app starts all the same, and lets requests through or refuses them", async () => {
    for (const [onStoreError, status] of [
      ["allow", "200"],
      ["deny", "503"],
    ] as const) {
      const lines: string[] = [];
      // A port that nobody can listen on.
      const app = await limited({ store: "redis://127.0.0.1:1", onStoreError, ...logTo(lines) });
      expect([await ask(app), await ask(app)]).toEqual([status, status]);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain("can't connect to Redis at redis://127.0.0.1:1");
    }
  });

  it("a store of one's own that never answers holds nobody up", async () => {
    const lines: string[] = [];
    const app = await limited({ store: { take: () => new Promise(() => undefined) }, ...logTo(lines) });
    expect([await ask(app), await ask(app)]).toEqual(["200", "200"]);
    expect(lines).toEqual([expect.stringContaining("the store has not answered in 500 ms")]);
  });

  it("a store of one's own is asked", async () => {
    const asked: string[] = [];
    const app = await limited({
      store: {
        take: (key, { limit, window }) => {
          asked.push(`${key} ${limit} ${window}`);
          return { allowed: true, remaining: 7, resetMs: 1000, retryMs: 0 };
        },
      },
    });
    expect(await ask(app)).toBe('200 "default";r=7;t=1');
    expect(asked).toEqual(["default:5/86400000:192.0.2.1 5 86400000"]);
  });
});

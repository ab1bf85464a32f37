import { once } from "node:events";
import { createServer } from "node:net";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { findRedis } from "../../../test/support/redis.ts";
import { MemoryExchange } from "../../gateway/memory-exchange.ts";
import {
  App,
  Blueprint,
  type HttpError,
  type SessionOptions,
  type SessionStore,
  sessions,
} from "../index.ts";
import { MemoryStore } from "./memory-store.ts";

const redis = await findRedis();
const logged: unknown[] = [];

afterEach(() => {
  logged.length = 0;
  vi.useRealTimers();
});

async function appWith(store: string | SessionStore, options: Partial<SessionOptions> = {}): Promise<App> {
  const app = new App({ logError: (error) => logged.push(error) });
  app.register(sessions({ store, ...options } as SessionOptions));
  app.get("/none", () => "untouched");
  app.get("/read", (request) => Object.fromEntries(request.session));
  app.post("/set/<key>/<value>", (request) => {
    request.session.set(request.params.key, request.params.value);
    return "";
  });
  app.post("/login", (request) => {
    request.session.regenerate();
    request.session.set("user", "Ada");
    return "";
  });
  app.post("/logout", (request) => {
    request.session.clear();
    return "";
  });
  await app.start();
  onTestFinished(() => app.stop());
  return app;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly exchange: MemoryExchange;
  /** Name and value of the cookie that is set, or "". */
  readonly cookie: string;
}

async function ask(app: App, request: string, cookie = ""): Promise<Answer> {
  const [method, target] = request.split(" ") as [string, string];
  const exchange = new MemoryExchange(target, { method, headers: { host: "example.com", cookie } });
  await app.handleExchange(exchange);
  const setCookie = exchange.responseHeader("set-cookie") ?? "";
  return {
    status: exchange.responseStatus,
    body: exchange.takeText(),
    exchange,
    cookie: setCookie.split(";")[0] as string,
  };
}

/** A store of a Map, which tells what is in it. */
class TestStore implements SessionStore {
  readonly kept = new Map<string, string>();
  ttl = 0;

  async get(key: string): Promise<string | undefined> {
    return this.kept.get(key);
  }

  async set(key: string, text: string, ttlSeconds: number): Promise<void> {
    this.kept.set(key, text);
    this.ttl = ttlSeconds;
  }

  async replace(key: string, text: string, ttlSeconds: number): Promise<boolean> {
    const isThere = this.kept.has(key);
    if (isThere) await this.set(key, text, ttlSeconds);
    return isThere;
  }

  async delete(key: string): Promise<void> {
    this.kept.delete(key);
  }
}

/** What every store has to do. */
function behaves(makeStore: () => Promise<string | SessionStore>): void {
  it("remembers from one request to the next, under an id that stays", async () => {
    const app = await appWith(await makeStore());
    const { cookie } = await ask(app, "POST /set/a/1");
    expect(cookie).toMatch(/^__Host-session=[\w-]{32}$/);
    const second = await ask(app, "POST /set/b/2", cookie);
    expect([second.status, second.cookie]).toEqual([200, cookie]);
    expect((await ask(app, "GET /read", cookie)).body).toBe('{"a":"1","b":"2"}');
    expect(logged).toEqual([]);
  });

  it("holds more than a cookie, up to a limit", async () => {
    const app = await appWith(await makeStore());
    app.post("/fill/<int:n>", (request) =>
      String(request.session.set("x", "x".repeat(request.params.n)).size),
    );
    const { cookie } = await ask(app, "POST /fill/60000");
    expect((await ask(app, "GET /read", cookie)).body).toHaveLength(60_008);
    expect((await ask(app, "POST /fill/70000", cookie)).status).toBe(500);
    expect(String(logged[0])).toMatch(/the session has 70\d{3} characters, and 65536 are kept/);
  });

  it("has another id after a login, and the one of before is nobody's: nothing is fixed by planting it", async () => {
    const app = await appWith(await makeStore());
    const planted = await ask(app, "POST /set/color/red");
    const login = await ask(app, "POST /login", planted.cookie);
    expect(login.cookie).toMatch(/^__Host-session=[\w-]{32}$/);
    expect(login.cookie).not.toBe(planted.cookie);
    expect((await ask(app, "GET /read", login.cookie)).body).toBe('{"color":"red","user":"Ada"}');
    expect((await ask(app, "GET /read", planted.cookie)).body).toBe("{}");
  });

  it("adopts no id that a client has made up", async () => {
    const app = await appWith(await makeStore());
    const made = `__Host-session=${"A".repeat(32)}`;
    const { cookie } = await ask(app, "POST /set/a/1", made);
    expect(cookie).not.toBe(made);
    expect((await ask(app, "GET /read", made)).body).toBe("{}");
    expect((await ask(app, "GET /read", cookie)).body).toBe('{"a":"1"}');
  });

  it("ends for good with a logout, also for who has kept the cookie", async () => {
    const app = await appWith(await makeStore());
    const { cookie } = await ask(app, "POST /login");
    const out = await ask(app, "POST /logout", cookie);
    expect(out.cookie).toBe("__Host-session=");
    expect((await ask(app, "GET /read", cookie)).body).toBe("{}");
  });

  it("is not brought back by a request that was under way at the logout", async () => {
    const app = await appWith(await makeStore());
    let release: () => void = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const begun = new Promise<void>((resolve) => {
      app.post("/slow", async (request) => {
        request.session.set("slow", 1);
        resolve();
        await released;
        return "";
      });
    });
    const { cookie } = await ask(app, "POST /login");
    const slow = ask(app, "POST /slow", cookie);
    await begun;
    await ask(app, "POST /logout", cookie);
    release();
    const answer = await slow;
    expect([answer.status, answer.cookie]).toEqual([200, ""]);
    expect((await ask(app, "GET /read", cookie)).body).toBe("{}");
  });

  it("is asked nothing for a cookie that can be none", async () => {
    const app = await appWith(await makeStore());
    for (const value of [
      "x",
      "A".repeat(31),
      "A".repeat(33),
      `${"A".repeat(31)}%00`,
      "A".repeat(100_000),
      "é".repeat(32),
    ])
      expect((await ask(app, "GET /read", `__Host-session=${value}`)).body).toBe("{}");
    expect(logged).toEqual([]);
  });
}

describe("a store of one's own", () => behaves(async () => new TestStore()));
describe("memory:", () => behaves(async () => "memory:"));
describe.skipIf(redis.missing !== undefined)(`with ${redis.label}`, () => {
  behaves(async () => {
    const server = await redis.start();
    onTestFinished(() => server[Symbol.asyncDispose]());
    return server.url;
  });

  it("apps share sessions, which are kept under hashes, for as long as they last", async () => {
    const server = await redis.start();
    onTestFinished(() => server[Symbol.asyncDispose]());
    const [one, two] = [
      await appWith(server.url, { maxAge: 1000 }),
      await appWith(server.url, { maxAge: 1000 }),
    ];
    const { cookie } = await ask(one, "POST /set/a/1");
    expect((await ask(two, "GET /read", cookie)).body).toBe('{"a":"1"}');
    const { createClient } = await import("redis");
    const client = await createClient({ url: server.url }).connect();
    onTestFinished(() => client.destroy());
    const [key = "", ...others] = await client.keys("*");
    expect([key, others]).toEqual([expect.stringMatching(/^socle:session:[\w-]{43}$/), []]);
    expect(key).not.toContain(cookie.slice("__Host-session=".length));
    const ttl = await client.ttl(key);
    expect(ttl > 900 && ttl <= 1000).toBe(true);
  });

  it("an outage is a 503 where a session is needed, and nothing elsewhere, until it is over", async () => {
    const server = await redis.start();
    const app = await appWith(server.url);
    const { cookie } = await ask(app, "POST /set/a/1");
    await server[Symbol.asyncDispose]();
    const answer = await ask(app, "GET /read", cookie);
    expect([answer.status, answer.body, answer.exchange.responseHeader("retry-after")]).toEqual([
      503,
      "sessions can't be reached at the moment",
      "5",
    ]);
    expect((logged[0] as HttpError).cause).toBeInstanceOf(Error);
    expect((await ask(app, "POST /set/a/1")).status).toBe(503);
    expect((await ask(app, "GET /none", cookie)).body).toBe("untouched");
    await using _again = await redis.start(server.port);
    await expect.poll(async () => (await ask(app, "POST /set/a/1")).status, { timeout: 10_000 }).toBe(200);
  });

  it("a Redis that does not answer is a 503 too", async () => {
    await using server = await redis.start();
    const app = await appWith(server.url);
    const { cookie } = await ask(app, "POST /set/a/1");
    server.process.kill("SIGSTOP");
    expect((await ask(app, "GET /read", cookie)).status).toBe(503);
    expect(String((logged[0] as HttpError).cause)).toBe(
      "Error: the session store has not answered in 2000 ms",
    );
    server.process.kill("SIGCONT");
    await expect.poll(async () => (await ask(app, "GET /read", cookie)).body).toBe('{"a":"1"}');
  });

  it("a blueprint's is opened when it is needed", async () => {
    await using server = await redis.start();
    const app = new App({ logError: (error) => logged.push(error) });
    const shop = new Blueprint("/shop");
    shop.register(sessions({ store: server.url }));
    shop.get("/", (request) => String(request.session.set("n", 1).isNew));
    app.register(shop);
    await app.start();
    expect((await ask(app, "GET /shop/")).body).toBe("true");
    await app.stop();
  });
});

describe("a Redis that is not there", () => {
  it("fails the app's start, and says where it was looked for, without the password", async () => {
    const listener = createServer().listen(0, "127.0.0.1");
    await once(listener, "listening");
    const { port } = listener.address() as { port: number };
    await new Promise((resolve) => listener.close(resolve));
    const app = new App();
    app.register(sessions({ store: `redis://user:secret@127.0.0.1:${port}` }));
    const error = await app.start().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(String(error)).toBe(
      `Error: can't connect to Redis at redis://127.0.0.1:${port}: is it running there?`,
    );
    expect(String((error as Error).cause)).toContain("ECONNREFUSED");
    await app.stop();
  });

  it("or is something else that says nothing, fails the start as well", async () => {
    const listener = createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
    await once(listener, "listening");
    onTestFinished(() => void listener.close());
    const { port } = listener.address() as { port: number };
    const app = new App();
    app.register(sessions({ store: `redis://127.0.0.1:${port}` }));
    await expect(app.start()).rejects.toThrow(/can't connect to Redis at/);
    // Nothing is left open there.
    const connections = (): Promise<number> =>
      new Promise((resolve) => listener.getConnections((_, count) => resolve(count)));
    await expect.poll(connections).toBe(0);
  });
});

describe("a store that fails", () => {
  it("is a 503 where a session is needed, and logged with what it threw", async () => {
    const store = new TestStore();
    const app = await appWith(store);
    const { cookie } = await ask(app, "POST /set/a/1");
    const boom = new Error("boom");
    const fail = (): Promise<never> => Promise.reject(boom);
    Object.assign(store, { get: fail, set: fail, replace: fail, delete: fail });
    expect((await ask(app, "GET /none", cookie)).status).toBe(200);
    expect(logged).toEqual([]);
    for (const request of ["GET /read", "POST /login", "POST /logout"])
      expect((await ask(app, request, cookie)).status).toBe(503);
    expect((await ask(app, "POST /login")).status).toBe(503);
    expect(logged.map((error) => (error as HttpError).cause)).toEqual([boom, boom, boom, boom]);
  });

  it("is not asked for an id that can be none", async () => {
    const store = new TestStore();
    const app = await appWith(store);
    const asked: string[] = [];
    Object.assign(store, { get: (key: string) => void asked.push(key) });
    for (const id of ["x", "A".repeat(33), "é".repeat(32), "A".repeat(32)])
      await ask(app, "GET /read", `__Host-session=${id}`);
    expect(asked).toHaveLength(1);
  });

  it("is no session where what it has isn't one", async () => {
    const store = new TestStore();
    const app = await appWith(store);
    const { cookie } = await ask(app, "POST /set/a/1");
    for (const text of ["", "x", "{}", "[1,2,{}]"]) {
      for (const key of store.kept.keys()) store.kept.set(key, text);
      expect((await ask(app, "GET /read", cookie)).body).toBe("{}");
    }
  });

  it("keeps a session for what is left of it", async () => {
    const store = new TestStore();
    await ask(await appWith(store, { maxAge: 1000, lifetime: 60 }), "POST /set/a/1");
    expect(store.ttl).toBe(60);
  });
});

describe("the memory's store", () => {
  it("forgets what is over, and of too many those that were not written for longest", () => {
    vi.useFakeTimers({ now: 0 });
    const store = new MemoryStore(3);
    onTestFinished(() => store.close());
    for (const key of ["a", "b", "c"]) store.set(key, key, 100);
    expect(store.replace("a", "A", 1000)).toBe(true);
    store.set("d", "d", 100);
    expect([store.size, store.get("a"), store.get("b"), store.get("c"), store.get("d")]).toEqual([
      3,
      "A",
      undefined,
      "c",
      "d",
    ]);
    vi.setSystemTime(100_000);
    expect([store.get("c"), store.replace("d", "D", 1), store.get("a")]).toEqual([undefined, false, "A"]);
    vi.advanceTimersByTime(60_000);
    expect(store.size).toBe(1);
    store.delete("a");
    vi.advanceTimersByTime(60_000);
    expect([store.size, vi.getTimerCount()]).toEqual([0, 0]);
  });
});

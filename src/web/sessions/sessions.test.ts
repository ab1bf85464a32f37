import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { afterEach, describe, expect, it, vi } from "vitest";
import { MemoryExchange, type MemoryExchangeOptions } from "../../gateway/memory-exchange.ts";
import { session } from "../globals.ts";
import { App, Blueprint, file, HttpError, html, Response, redirect } from "../index.ts";
import { openSession, type Visitor } from "./open-session.ts";
import { Sealer } from "./sealer.ts";
import { readSecrets } from "./secret.ts";
import { type SessionOptions, sessions } from "./sessions.ts";

const secret = randomBytes(32).toString("base64url");
const logged: unknown[] = [];

afterEach(() => {
  logged.length = 0;
  vi.useRealTimers();
});

function appWith(options: Partial<SessionOptions> = {}): App {
  const app = new App({ logError: (error) => logged.push(error) });
  app.register(sessions({ secret, ...options } as SessionOptions));
  app.get("/none", () => "untouched");
  app.get("/read", (request) => ({ n: request.session.get("n") ?? null, isNew: request.session.isNew }));
  app.post("/count", (request) => {
    const n = ((request.session.get("n") as number | undefined) ?? 0) + 1;
    request.session.set("n", n);
    return String(n);
  });
  app.post("/login", (request) => {
    request.session.regenerate();
    request.session.set("user", "Ada");
    return redirect("/read");
  });
  app.post("/logout", (request) => {
    request.session.clear();
    return redirect("/read");
  });
  return app;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly header: (name: string) => string | undefined;
  /** The Set-Cookie line, or undefined. */
  readonly setCookie: string | undefined;
  /** Name and value of the cookie that it sets. */
  readonly cookie: string;
}

/** Asks over HTTPS. @param request method and target */
async function ask(
  app: App,
  request: string,
  cookie = "",
  options: MemoryExchangeOptions = {},
): Promise<Answer> {
  const [method, target] = request.split(" ") as [string, string];
  const headers = { host: "example.com", ...(cookie === "" ? {} : { cookie }) };
  const exchange = new MemoryExchange(target, { method, headers, scheme: "https", ...options });
  await app.handleExchange(exchange);
  await exchange.finished;
  const lines = exchange.responseHeaders.filter((_, i, list) => list[i - 1] === "set-cookie");
  if (lines.length > 1) throw new Error(`cookies were set twice: ${lines}`);
  return {
    status: exchange.responseStatus,
    body: exchange.takeText(),
    header: (name) => exchange.responseHeader(name),
    setCookie: lines[0],
    cookie: lines[0]?.split(";")[0] ?? "",
  };
}

describe("a session in a cookie", () => {
  it("is remembered from one request to the next", async () => {
    const app = appWith();
    const first = await ask(app, "POST /count");
    expect(first.setCookie).toMatch(
      /^__Host-session=[\w-]+; Path=\/; Max-Age=1209600; HttpOnly; Secure; SameSite=Lax$/,
    );
    const second = await ask(app, "POST /count", first.cookie);
    expect([first.body, second.body]).toEqual(["1", "2"]);
    expect((await ask(app, "GET /read", second.cookie)).body).toBe('{"n":2,"isNew":false}');
  });

  it("is not opened, and nothing is said, where nobody asks for it", async () => {
    const app = appWith();
    const { cookie } = await ask(app, "POST /count");
    const answer = await ask(app, "GET /none", cookie);
    expect([answer.setCookie, answer.header("vary"), answer.header("cache-control")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("is not written where it was only read, and the answer is the visitor's own", async () => {
    const app = appWith();
    const { cookie } = await ask(app, "POST /count");
    for (const sent of [cookie, ""]) {
      const answer = await ask(app, "GET /read", sent);
      expect(answer.setCookie).toBeUndefined();
      expect([answer.header("vary"), answer.header("cache-control")]).toEqual([
        "cookie",
        "private, no-cache",
      ]);
    }
  });

  it("leaves what an answer says of caching, but where it would give a session away", async () => {
    const app = appWith();
    const cached = { headers: { "cache-control": "public, max-age=60", vary: "accept" } };
    app.get("/cached", (request) => new Response(String(request.session.isNew), cached));
    app.get("/cached-change", (request) => new Response(String(request.session.set("x", 1).size), cached));
    app.get("/stored", (request) => {
      request.session.set("x", 1);
      return new Response("", { headers: { "cache-control": "no-store", vary: "Accept, Cookie" } });
    });
    const said = async (path: string): Promise<unknown[]> => {
      const { header, setCookie } = await ask(app, `GET ${path}`);
      return [header("vary"), header("cache-control"), setCookie !== undefined];
    };
    expect(await said("/cached")).toEqual(["accept, cookie", "public, max-age=60", false]);
    expect(await said("/cached-change")).toEqual(["accept, cookie", "private, no-cache", true]);
    expect(await said("/stored")).toEqual(["Accept, Cookie", "no-store", true]);
  });

  it("is written with every kind of answer, errors included", async () => {
    const app = appWith();
    const set = (request: { session: { set(key: string, value: unknown): unknown } }): void =>
      void request.session.set("seen", 1);
    const answers: Record<string, (request: Parameters<typeof set>[0]) => unknown> = {
      text: () => "x",
      object: () => ({}),
      page: () => html`<p>`,
      redirect: () => redirect("/"),
      file: () => file(import.meta.filename),
      stream: () => Readable.from(["a", "b"]),
      platform: () => new globalThis.Response("x"),
      "platform-redirect": () => globalThis.Response.redirect("http://example.com/", 302),
      error: () => {
        throw new HttpError(404);
      },
      fault: () => {
        throw new Error("a bug");
      },
    };
    for (const [name, answer] of Object.entries(answers)) {
      app.get(`/${name}`, (request) => {
        set(request);
        return answer(request) as string;
      });
    }
    for (const name of Object.keys(answers))
      expect([name, (await ask(app, `GET /${name}`)).cookie]).toEqual([
        name,
        expect.stringMatching(/^__Host-session=./),
      ]);
    expect(logged).toEqual([new Error("a bug")]);
  });

  it("is there for hooks and middleware that come after it, and for paths that there are not", async () => {
    const app = appWith();
    const seen: unknown[] = [];
    app.use(async (request, next) => {
      seen.push(request.session.get("n"));
      const response = await next();
      request.session.set("middleware", request.path);
      return response;
    });
    app.before((request) => void seen.push(request.session.get("n")));
    app.after((_, request) => void request.session.set("after", request.path));
    const { cookie } = await ask(app, "POST /count");
    const missing = await ask(app, "GET /missing", cookie);
    expect([missing.status, seen]).toEqual([404, [undefined, undefined, 1, 1]]);
    const keys = [...(await opened(app, missing.cookie)).session.keys()];
    expect(keys).toEqual(["n", "after", "middleware"]);
  });

  it("can't be changed once the answer's head is made", async () => {
    const app = appWith();
    app.get("/touched", async function* (request) {
      request.session.set("a", 1);
      yield "a";
      yield tryTo(() => request.session.set("a", 2));
    });
    app.get("/untouched", async function* (request) {
      yield "a";
      yield tryTo(() => request.session.set("a", 2));
    });
    const expected = "TypeError: this session was written already, with the head of the answer";
    for (const path of ["/touched", "/untouched"])
      expect((await ask(app, `GET ${path}`)).body).toContain(`a${expected}`);
  });

  it("is over when it was not used for long, and when it is old, whatever the browser sends", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const app = appWith({ maxAge: 100, lifetime: 250 });
    let { cookie, setCookie } = await ask(app, "POST /count");
    expect(setCookie).toContain("Max-Age=100;");
    const readAfter = async (seconds: number): Promise<string> => {
      vi.setSystemTime(Date.now() + seconds * 1000);
      const answer = await ask(app, "GET /read", cookie);
      if (answer.cookie !== "") ({ cookie, setCookie } = answer);
      return answer.body;
    };
    const there = '{"n":1,"isNew":false}';
    const gone = '{"n":null,"isNew":true}';
    expect([await readAfter(99), await readAfter(99)]).toEqual([there, there]);
    // It is written again as it is read, for what is left of its life.
    expect(setCookie).toContain("Max-Age=52;");
    expect([await readAfter(51), await readAfter(1)]).toEqual([there, gone]);
    ({ cookie } = await ask(app, "POST /count"));
    expect([await readAfter(99), await readAfter(100)]).toEqual([there, gone]);
  });

  it("goes with the browser where it is not to last", async () => {
    const { setCookie } = await ask(appWith({ persistent: false }), "POST /count");
    expect(setCookie).toMatch(/^__Host-session=[\w-]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  });

  it("is forgotten when it is empty, and a visitor without values gets no cookie", async () => {
    const app = appWith();
    expect((await ask(app, "POST /logout")).setCookie).toBeUndefined();
    const { cookie } = await ask(app, "POST /login");
    const out = await ask(app, "POST /logout", cookie);
    expect(out.setCookie).toBe("__Host-session=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax");
    // Nothing on the server knows that it has ended: who has kept the cookie has the session, until it is over by itself.
    expect((await ask(app, "GET /read", cookie)).body).toBe('{"n":null,"isNew":false}');
  });

  it("refuses to be larger than a cookie, and says what helps", async () => {
    const app = appWith();
    app.post("/fill/<int:bytes>", (request) => {
      request.session.set("text", "x".repeat(request.params.bytes));
      return "";
    });
    const fits = await ask(app, "POST /fill/2950");
    expect([fits.status, fits.cookie.length > 4000, fits.cookie.length <= 4097]).toEqual([200, true, true]);
    const tooLarge = await ask(app, "POST /fill/3100");
    expect([tooLarge.status, tooLarge.setCookie]).toEqual([500, undefined]);
    expect(String(logged[0])).toMatch(
      /^RangeError: the session needs a cookie of \d+ bytes, and browsers take 4096: keep less in it \(its keys are "text"\), or keep sessions on the server, with sessions\(\{ store: "redis:\/\/…" \}\)$/,
    );
  });

  it("of concurrent requests is that of the last answer", async () => {
    const app = appWith();
    let release: () => void = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    app.post("/slow", async (request) => {
      request.session.set("slow", 1);
      await released;
      return "";
    });
    const { cookie } = await ask(app, "POST /count");
    const slow = ask(app, "POST /slow", cookie);
    const fast = await ask(app, "POST /count", cookie);
    release();
    const values = async (cookie: string): Promise<unknown> =>
      Object.fromEntries((await opened(app, cookie)).session);
    expect(await values(fast.cookie)).toEqual({ n: 2 });
    expect(await values((await slow).cookie)).toEqual({ n: 1, slow: 1 });
  });
});

describe("a cookie that is none of ours", () => {
  const fresh = '{"n":null,"isNew":true}';

  it("is no session, and no error", async () => {
    const app = appWith();
    const { cookie } = await ask(app, "POST /count");
    const value = cookie.slice("__Host-session=".length);
    const wrong = [
      "",
      "x",
      value.slice(1),
      value.slice(0, -1),
      `${value}A`,
      `"${value}`,
      value.replaceAll(/./g, "A"),
      `${value.slice(0, 40)}${value[40] === "A" ? "B" : "A"}${value.slice(41)}`,
      "%00",
      "%ff%fe",
      "\xff\xfe\x80",
      "ü".repeat(100),
      "__proto__",
      "A".repeat(1_000_000),
      Buffer.from('[1,2,{"n":3}]').toString("base64url"),
      `${randomBytes(100).toString("base64url")}`,
    ];
    for (const value of wrong) {
      const answer = await ask(app, "GET /read", `__Host-session=${value}`);
      expect([answer.status, answer.body, answer.setCookie]).toEqual([200, fresh, undefined]);
    }
    expect(logged).toEqual([]);
  });

  it("is no session where it is longer than any that we set", async () => {
    const app = appWith();
    const now = Math.floor(Date.now() / 1000);
    const seal = (length: number): string =>
      new Sealer(readSecrets(secret)).seal(`[${now},${now},{"n":"${"x".repeat(length)}"}]`, "__Host-session");
    expect((await ask(app, "GET /read", `__Host-session=${seal(2900)}`)).body).toContain('"isNew":false');
    expect((await ask(app, "GET /read", `__Host-session=${seal(3100)}`)).body).toBe(fresh);
  });

  it("is no session under another name: one set without TLS is not taken with TLS", async () => {
    const app = appWith();
    const local = { scheme: "http", authority: "localhost" } as const;
    const plain = await ask(app, "POST /count", "", local);
    expect(plain.setCookie).toMatch(/^session=[\w-]+; Path=\/; Max-Age=1209600; HttpOnly; SameSite=Lax$/);
    expect((await ask(app, "GET /read", plain.cookie, local)).body).toBe('{"n":1,"isNew":false}');
    for (const cookie of [plain.cookie, `__Host-${plain.cookie}`])
      expect((await ask(app, "GET /read", cookie)).body).toBe(fresh);
  });

  it("is opened with an old secret, and sealed with the new one", async () => {
    const newer = randomBytes(32);
    const before = appWith();
    const during = appWith({ secret: [newer, secret] });
    const after = appWith({ secret: newer });
    const old = await ask(before, "POST /count");
    expect((await ask(after, "GET /read", old.cookie)).body).toBe(fresh);
    const read = await ask(during, "GET /read", old.cookie);
    expect(read.body).toBe('{"n":1,"isNew":false}');
    expect((await ask(after, "GET /read", read.cookie)).body).toBe('{"n":1,"isNew":false}');
  });
});

describe("the cookie's options", () => {
  it("make it secure, but for plain requests to this machine", async () => {
    const app = appWith();
    const nameFor = async (scheme: "http" | "https", authority: string): Promise<string | undefined> => {
      const { setCookie, cookie } = await ask(app, "POST /count", "", { scheme, authority });
      expect(setCookie?.includes("; Secure")).toBe(cookie.startsWith("__Host-"));
      return cookie.split("=")[0];
    };
    for (const host of [
      "localhost",
      "LOCALHOST:8000",
      "localhost.",
      "a.localhost",
      "127.0.0.1:8000",
      "[::1]:80",
    ])
      expect([host, await nameFor("http", host)]).toEqual([host, "session"]);
    for (const host of [
      "example.com",
      "localhost.example.com",
      "xlocalhost",
      "192.168.1.5",
      "127.0.0.1.nip.io",
      "",
    ])
      expect([host, await nameFor("http", host)]).toEqual([host, "__Host-session"]);
    expect(await nameFor("https", "localhost")).toBe("__Host-session");
  });

  it("are kept", async () => {
    const set = async (cookie: SessionOptions["cookie"]): Promise<string | undefined> =>
      (await ask(appWith({ cookie }), "POST /count", "", { scheme: "http" })).setCookie?.replace(
        /=[\w-]+;/,
        "=…;",
      );
    expect(await set({ domain: "example.com" })).toBe(
      "__Secure-session=…; Domain=example.com; Path=/; Max-Age=1209600; HttpOnly; Secure; SameSite=Lax",
    );
    expect(await set({ name: "sid", secure: false, path: "/app", sameSite: "strict" })).toBe(
      "sid=…; Path=/app; Max-Age=1209600; HttpOnly; SameSite=Strict",
    );
    expect(await set({ sameSite: "none", partitioned: true })).toBe(
      "__Host-session=…; Path=/; Max-Age=1209600; HttpOnly; Secure; SameSite=None; Partitioned",
    );
  });

  it("are checked when the app is made, with all others", () => {
    const wrong: [Partial<SessionOptions>, RegExp][] = [
      [{ cookie: { name: "a b" } }, /"a b" is no cookie's name/],
      [{ cookie: { sameSite: "none", secure: false } }, /must be secure/],
      [{ cookie: { name: "__Host-x", domain: "example.com" } }, /can have no domain/],
      [{ cookie: { path: "x" } }, /path/],
      [{ maxAge: 0 }, /the maxAge of sessions\(\) is a whole number of seconds, not 0/],
      [{ maxAge: Number.POSITIVE_INFINITY }, /maxAge/],
      [{ lifetime: 1.5 }, /lifetime/],
      [{ secret: "short" }, /32 bytes at least, and this one has 5: make one with: node -p/],
      [{ secret: undefined } as never, /sessions\(\) needs a secret: make one/],
      [{ store: "postgres://user:pw@host" }, /knows no store "postgres:…": it takes "memory:"/],
      [{ store: "redis:" }, /a URL of Redis is redis:\/\/host:6379/],
    ];
    for (const [options, message] of wrong) {
      expect(() => appWith(options)).toThrow(message);
      expect(() => appWith(options)).not.toThrow(/pw/);
    }
    appWith({ lifetime: Number.POSITIVE_INFINITY });
  });
});

describe("without sessions()", () => {
  it("an app is told what to add", async () => {
    const app = new App({ logError: (error) => logged.push(error) });
    app.get("/", (request) => request.session.get("x") as string);
    expect((await ask(app, "GET /")).status).toBe(500);
    expect(String(logged[0])).toContain(
      "app.register(sessions({ secret: config.secret })) gives an app sessions",
    );
  });

  it("a blueprint can have them alone; in both is one too many", async () => {
    const app = new App({ logError: (error) => logged.push(error) });
    const shop = new Blueprint("/shop");
    shop.register(sessions({ secret }));
    shop.get("/cart", (request) => String(request.session.isNew));
    app.get("/", (request) => String(request.session));
    app.register(shop);
    expect([(await ask(app, "GET /shop/cart")).body, (await ask(app, "GET /")).status]).toEqual([
      "true",
      500,
    ]);
    app.register(sessions({ secret }));
    logged.length = 0;
    expect((await ask(app, "GET /shop/cart")).status).toBe(500);
    expect(logged).toEqual([
      new TypeError("sessions() is registered twice for this request: have it in the app, or in a blueprint"),
    ]);
  });
});

describe("the global session", () => {
  it("is the request's", async () => {
    const app = appWith();
    app.get("/global", async (request) => {
      await null;
      session.set("n", 7);
      return `${session.isNew} ${request.session.get("n")}`;
    });
    const answer = await ask(app, "GET /global");
    expect(answer.body).toBe("true 7");
    expect((await ask(app, "GET /read", answer.cookie)).body).toBe('{"n":7,"isNew":false}');
  });

  it("says what is wrong where there is none", () => {
    expect(() => session.get("n")).toThrow(/^session was used outside of a request: /);
    expect(() => new App().context(() => session.get("n"))).toThrow(
      /session was used in an app.context\(fn\)/,
    );
    expect(() => new App().testContext("/", () => session.get("n"))).toThrow(/app.register\(sessions\(/);
  });
});

describe("openSession", () => {
  it("reads a visitor's session, and gives the cookie for what was changed", async () => {
    const app = appWith();
    const { cookie } = await ask(app, "POST /count");
    const { session, save } = await opened(app, cookie);
    expect(session.get("n")).toBe(1);
    session.set("n", 41);
    const line = await save();
    expect((await ask(app, "POST /count", line?.split(";")[0])).body).toBe("42");
    expect(() => session.set("n", 1)).toThrow(/was written already/);
    expect(await (await opened(app, cookie)).save()).toBeUndefined();
  });

  it("needs an app with sessions", async () => {
    await expect(opened(new App(), "")).rejects.toThrow(
      "this app has no sessions: app.register(sessions({ secret }))",
    );
  });
});

function opened(app: App, cookie: string): ReturnType<typeof openSession> {
  const visitor: Visitor = {
    scheme: "https",
    authority: "example.com",
    cookie: (name) => (cookie.startsWith(`${name}=`) ? cookie.slice(name.length + 1) : undefined),
  };
  return openSession(app, visitor);
}

function tryTo(fn: () => unknown): string {
  try {
    return String(fn());
  } catch (error) {
    return String(error);
  }
}

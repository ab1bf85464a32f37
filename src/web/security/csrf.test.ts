import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { MemoryExchange, type MemoryExchangeOptions } from "../../gateway/memory-exchange.ts";
import { App, type CsrfOptions, csrf, csrfField, csrfToken, html, sessions } from "../index.ts";

const logged: unknown[] = [];
afterEach(() => {
  logged.length = 0;
});

function appWith(options: CsrfOptions = {}): App {
  const app = new App({ logError: (error) => logged.push(error) });
  app.register(sessions({ secret: randomBytes(32) }));
  app.register(csrf(options));
  app.all("/change", () => "changed");
  app.get("/form", (request) => html`<form>${csrfField(request)}</form>`);
  app.get("/token", (request) => csrfToken(request));
  app.post("/login", (request) => {
    request.session.regenerate();
    return csrfToken(request);
  });
  app.post("/echo", async (request) => (await request.form()).toObject());
  return app;
}

async function ask(
  app: App,
  request: string,
  headers: Record<string, string> = {},
  options: MemoryExchangeOptions = {},
): Promise<{ status: number; body: string; cookie: string }> {
  const [method, target] = request.split(" ") as [string, string];
  const all = { host: "example.com", ...headers };
  const exchange = new MemoryExchange(target, { method, headers: all, scheme: "https", ...options });
  await app.handleExchange(exchange);
  const cookie = exchange.responseHeader("set-cookie")?.split(";")[0] ?? "";
  return { status: exchange.responseStatus, body: exchange.takeText(), cookie };
}

async function statusOf(
  app: App,
  headers: Record<string, string>,
  options?: MemoryExchangeOptions,
): Promise<number> {
  return (await ask(app, "POST /change", headers, options)).status;
}

describe("csrf() refuses what a page of another site has made", () => {
  it.each<[what: string, headers: Record<string, string>, status: number]>([
    ["this origin's page", { "sec-fetch-site": "same-origin" }, 200],
    ["the user himself", { "sec-fetch-site": "none" }, 200],
    ["another site's page", { "sec-fetch-site": "cross-site" }, 403],
    ["another subdomain's page", { "sec-fetch-site": "same-site" }, 403],
    [
      "a page of another site that says it is this one",
      { "sec-fetch-site": "cross-site", origin: "https://example.com" },
      403,
    ],
    ["what no browser sends", { "sec-fetch-site": "Same-Origin" }, 403],
    ["two values", { "sec-fetch-site": "same-origin, cross-site" }, 403],
    ["an empty value", { "sec-fetch-site": "" }, 403],
    [
      "this origin's page, behind a proxy that has renamed the host",
      { "sec-fetch-site": "same-origin", origin: "https://other.example" },
      200,
    ],
    ["an older browser's page of this origin", { origin: "https://example.com" }, 200],
    ["the same with the port spelt out", { origin: "https://example.com", host: "example.com:443" }, 200],
    ["another port's page", { origin: "https://example.com:8443" }, 403],
    ["the plain page", { origin: "http://example.com" }, 403],
    ["an older browser's page of another site", { origin: "https://evil.example" }, 403],
    ["a name that begins alike", { origin: "https://example.com.evil.example" }, 403],
    ["a name that ends alike", { origin: "https://notexample.com" }, 403],
    ["a page with a hidden origin", { origin: "null" }, 403],
    ["no origin at all", { origin: "" }, 403],
    ["two origins", { origin: "https://example.com, https://evil.example" }, 403],
    ["an old browser's page of this origin", { referer: "https://example.com/form?x=1" }, 200],
    ["an old browser's page of another site", { referer: "https://evil.example/https://example.com/" }, 403],
    ["a user name that looks like this origin", { referer: "https://example.com@evil.example/" }, 403],
    ["a referer that is none", { referer: "example.com" }, 403],
    ["no browser", {}, 200],
    ["no browser, with a cookie", { cookie: "__Host-session=x" }, 200],
  ])("%s", async (_, headers, status) => {
    expect(await statusOf(appWith(), headers)).toBe(status);
  });

  it("whatever method may change something, and no other", async () => {
    const app = appWith();
    const foreign = { "sec-fetch-site": "cross-site" };
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "QUERY", "post"])
      expect([method, (await ask(app, `${method} /change`, foreign)).status]).toEqual([method, 403]);
    for (const method of ["GET", "HEAD", "OPTIONS"])
      expect([method, (await ask(app, `${method} /change`, foreign)).status]).toEqual([method, 200]);
  });

  it("whatever content type it has, in whatever case, or none", async () => {
    const app = appWith();
    const types = [
      "application/x-www-form-urlencoded",
      "Application/X-WWW-Form-Urlencoded",
      "multipart/form-data; boundary=x",
      "MULTIPART/FORM-DATA",
      "text/plain",
      "TEXT/PLAIN;charset=utf-8",
      "application/json",
      "",
    ];
    for (const origin of [{ "sec-fetch-site": "cross-site" }, { origin: "https://evil.example" }]) {
      for (const type of types) {
        expect(await statusOf(app, { ...origin, "content-type": type }, { body: "a=b" })).toBe(403);
        expect(
          await statusOf(app, { "sec-fetch-site": "same-origin", "content-type": type }, { body: "a=b" }),
        ).toBe(200);
      }
      expect(await statusOf(app, origin, { body: "a=b" })).toBe(403);
    }
  });

  it("also for paths that there are not, and tells nothing of the other site", async () => {
    const answer = await ask(appWith(), "POST /missing", { origin: "https://evil.example" });
    expect(answer).toMatchObject({
      status: 403,
      body: "refused: this request was made by a page of another site",
    });
    expect(logged).toEqual([]);
  });

  it("takes either scheme where a proxy may have taken the TLS off, and no host for any", async () => {
    const app = appWith();
    const plain = { scheme: "http" } as const;
    expect(await statusOf(app, { origin: "https://example.com" }, plain)).toBe(200);
    expect(await statusOf(app, { origin: "http://example.com" }, plain)).toBe(200);
    expect(await statusOf(app, { origin: "http://example.com:8000", host: "example.com:8000" }, plain)).toBe(
      200,
    );
    expect(await statusOf(app, { origin: "http://evil.example" }, plain)).toBe(403);
    expect(await statusOf(app, { origin: "http://localhost" }, { ...plain, authority: "" })).toBe(403);
  });
});

describe("csrf() lets others in that are named", () => {
  it("by their origins", async () => {
    const app = appWith({ trustedOrigins: ["https://app.example.com", "https://*.example.org"] });
    const fields = (origin: string): Record<string, string>[] => [
      { "sec-fetch-site": "cross-site", origin },
      { origin },
      { referer: `${origin}/page` },
    ];
    for (const origin of ["https://app.example.com", "https://a.example.org"])
      for (const headers of fields(origin))
        expect([headers, await statusOf(app, headers)]).toEqual([headers, 200]);
    for (const origin of ["http://app.example.com", "https://app.example.com:8443", "https://example.org"])
      for (const headers of fields(origin))
        expect([headers, await statusOf(app, headers)]).toEqual([headers, 403]);
  });

  it("by their site", async () => {
    const app = appWith({ allowSameSite: true });
    expect(await statusOf(app, { "sec-fetch-site": "same-site" })).toBe(200);
    expect(await statusOf(app, { "sec-fetch-site": "cross-site" })).toBe(403);
  });

  it("but not just any", () => {
    for (const origin of [
      "*",
      "null",
      "https://example.com/",
      "example.com",
      "https://EXAMPLE.com",
      "https://a.b:443",
    ])
      expect(() => csrf({ trustedOrigins: [origin] })).toThrow(/trustedOrigins has/);
    expect(() => csrf({ tokens: "sometimes" as never })).toThrow(/"fallback" or "always", not "sometimes"/);
  });
});

describe("tokens", () => {
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const own = { "sec-fetch-site": "same-origin" };

  it("are asked for, in a form or a header, where all need one", async () => {
    const app = appWith({ tokens: "always" });
    const { body: token, cookie } = await ask(app, "GET /token");
    const post = (headers: Record<string, string>, body?: string) =>
      ask(app, "POST /echo", { ...own, ...form, cookie, ...headers }, { body });
    expect(await post({}, "a=1")).toMatchObject({
      status: 403,
      body: "refused: the CSRF token is missing, in the form field csrf_token or the header x-csrf-token",
    });
    expect(await post({}, `a=1&csrf_token=${token}`)).toMatchObject({
      status: 200,
      body: `{"a":"1","csrf_token":"${token}"}`,
    });
    expect(await post({ "x-csrf-token": token }, "a=1")).toMatchObject({ status: 200, body: '{"a":"1"}' });
    const multipart = `--x\r\ncontent-disposition: form-data; name="csrf_token"\r\n\r\n${token}\r\n--x--\r\n`;
    const type = { "content-type": "multipart/form-data; boundary=x" };
    expect((await post(type, multipart)).status).toBe(200);
    expect((await post({ "content-type": "application/json" }, `{"csrf_token":"${token}"}`)).status).toBe(
      403,
    );
    // They are no way around the other check.
    expect((await post({ "sec-fetch-site": "cross-site", "x-csrf-token": token })).status).toBe(403);
  });

  it("are another one each time, and each is good for the session", async () => {
    const app = appWith({ tokens: "always" });
    const { body: first, cookie } = await ask(app, "GET /token");
    const second = await ask(app, "GET /token", { cookie });
    expect([second.cookie, second.body === first, first]).toEqual([
      "",
      false,
      expect.stringMatching(/^[\w-]{86}$/),
    ]);
    for (const token of [first, second.body, first])
      expect(await statusOf(app, { ...own, cookie, "x-csrf-token": token })).toBe(200);
  });

  it("stand in a form", async () => {
    const { body } = await ask(appWith(), "GET /form");
    expect(body).toMatch(/^<form><input type="hidden" name="csrf_token" value="[\w-]{86}"><\/form>$/);
  });

  it("are good for no other session, none that was before a login, and not where they were changed", async () => {
    const app = appWith({ tokens: "always" });
    const { body: token, cookie } = await ask(app, "GET /token");
    const other = await ask(app, "GET /token");
    const login = await ask(app, "POST /login", { ...own, cookie, "x-csrf-token": token });
    const status = (cookie: string, token: string): Promise<number> =>
      statusOf(app, { ...own, cookie, "x-csrf-token": token });
    expect(await status(login.cookie, login.body)).toBe(200);
    const wrong: [cookie: string, token: string][] = [
      [cookie, other.body],
      [other.cookie, token],
      ["", token],
      [login.cookie, token],
      [cookie, ""],
      [cookie, "A"],
      [cookie, token.slice(0, -1)],
      [cookie, `${token}AA`],
      [cookie, "A".repeat(86)],
      [cookie, "é".repeat(86)],
      [cookie, `${token[0] === "A" ? "B" : "A"}${token.slice(1)}`],
      [cookie, "x".repeat(100_000)],
    ];
    for (const [cookie, token] of wrong) expect(await status(cookie, token)).toBe(403);
    expect(logged).toEqual([]);
  });

  it("are asked of those only that have cookies and say nothing, where they are for old browsers", async () => {
    const app = appWith({ tokens: "fallback" });
    const { body: token, cookie } = await ask(app, "GET /token");
    expect(await statusOf(app, { ...own, cookie })).toBe(200);
    expect(await statusOf(app, { origin: "https://example.com", cookie })).toBe(200);
    expect(await statusOf(app, {})).toBe(200);
    expect(await statusOf(app, { cookie })).toBe(403);
    expect(await statusOf(app, { cookie, "x-csrf-token": token })).toBe(200);
  });

  it("need sessions", async () => {
    const app = new App({ logError: (error) => logged.push(error) });
    app.get("/token", (request) => csrfToken(request));
    expect((await ask(app, "GET /token")).status).toBe(500);
    expect(String(logged[0])).toContain("gives an app sessions");
  });
});

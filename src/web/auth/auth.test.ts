import { describe, expect, expectTypeOf, it } from "vitest";
import { serveApp } from "../../../test/web/serve-app.ts";
import { MemoryExchange } from "../../gateway/memory-exchange.ts";
import { App, Blueprint, HttpError } from "../index.ts";
import { type BasicAuthOptions, type BasicAuthUsers, basicAuth } from "./basic-auth.ts";
import { bearerAuth } from "./bearer-auth.ts";
import { timingSafeEqual } from "./timing-safe-equal.ts";

interface User {
  readonly name: string;
}

async function ask(
  app: App,
  authorization?: string,
  target = "/",
): Promise<{ status: number; text: string; challenge: string | undefined }> {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  const exchange = new MemoryExchange(target, { headers });
  await app.handleExchange(exchange);
  return {
    status: exchange.responseStatus,
    text: exchange.takeText(),
    challenge: exchange.responseHeader("www-authenticate"),
  };
}

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString("base64")}`;
}

describe("basicAuth", () => {
  const verified: string[] = [];
  const auth = basicAuth<User>({
    realm: 'the "inner" \\ part',
    verify: async (name, password, { path }) => {
      verified.push(`${path} ${name} ${password}`);
      return password === "s3cret:ü" ? { name } : undefined;
    },
  });
  const app = new App();
  app.before(auth);
  app.get("/", (request) => auth.user.get(request).name);
  const CHALLENGE = 'Basic realm="the \\"inner\\" \\\\ part", charset="UTF-8"';

  it("lets through who it knows, and tells who it is", async () => {
    verified.length = 0;
    expect(await ask(app, basic("Ada Ü:s3cret:ü"))).toEqual({
      status: 200,
      text: "Ada Ü",
      challenge: undefined,
    });
    expect(verified).toEqual(["/ Ada Ü s3cret:ü"]);
    expect((await ask(app, basic("x:s3cret:ü").replace("Basic ", "bAsIC   "))).text).toBe("x");
    expectTypeOf(auth.user.get).returns.toEqualTypeOf<User>();
  });

  it.each([
    [undefined, "a name and a password are needed (Basic authentication)\n"],
    ["Bearer abc", "a name and a password are needed (Basic authentication)\n"],
    [basic("Ada:wrong"), "the name or the password is wrong\n"],
    [basic(":"), "the name or the password is wrong\n"],
  ])("asks for both: %s", async (authorization, text) => {
    expect(await ask(app, authorization)).toEqual({ status: 401, text, challenge: CHALLENGE });
  });

  it.each([
    "Basic",
    "Basic ",
    "Basic !",
    "Basic QWRhOng",
    "Basic QWRhOn=",
    "Basic QWRhOnh=",
    "Basic QWRh\tOng=",
    "Basic QWRhOng=, Basic QWRhOng=",
    basic("Ada"),
    basic("Ada:a\0b"),
    basic("A\r\nda:x"),
    `Basic ${Buffer.from("Ada:\u00fc", "latin1").toString("base64")}`,
    `Basic ${Buffer.from([0x41, 0x3a, 0xc0, 0xaf]).toString("base64")}`,
  ])("is not taken in by %j", async (authorization) => {
    verified.length = 0;
    const { status, text, challenge } = await ask(app, authorization);
    expect([status, challenge]).toEqual([401, CHALLENGE]);
    expect(text).toMatch(/^the credentials are malformed/);
    expect(verified).toEqual([]);
  });

  it("keeps a BOM, which is a character like others", async () => {
    verified.length = 0;
    await ask(app, basic("\ufeffAda:s3cret:ü"));
    expect(verified).toEqual(["/ \ufeffAda s3cret:ü"]);
  });

  it("takes passwords by name, and no name for another", async () => {
    const auth = basicAuth({ users: { ada: "one", __proto__x: "two" } });
    const app = new App();
    app.before(auth);
    app.get("/", (request) => auth.user.get(request));
    expectTypeOf(auth.user.get).returns.toEqualTypeOf<string>();
    expect(await ask(app, basic("ada:one"))).toMatchObject({ status: 200, text: "ada" });
    for (const pair of [
      "ada:two",
      "ada:",
      "Ada:one",
      "bob:one",
      "constructor:one",
      "__proto__:",
      "toString:",
    ]) {
      expect(await ask(app, basic(pair))).toMatchObject({
        status: 401,
        challenge: 'Basic realm="restricted", charset="UTF-8"',
      });
    }
  });

  it("of a blueprint guards what the router finds there, however it is written", async () => {
    const app = new App();
    const admin = new Blueprint("/admin");
    admin.before(basicAuth({ users: { ada: "one" } }));
    admin.get("/users", () => "all of them");
    app.register(admin);
    for (const target of ["/admin/users", "/%61dmin/users", "/admin/%75sers"]) {
      expect((await ask(app, undefined, target)).status).toBe(401);
      expect((await ask(app, basic("ada:one"), target)).text).toBe("all of them");
    }
    for (const target of [
      "/ADMIN/users",
      "/x/../admin/users",
      "//admin/users",
      "/admin%2fusers",
      "/admin;/users",
    ]) {
      expect([400, 404]).toContain((await ask(app, undefined, target)).status);
    }
  });

  it("hands on what verify throws", async () => {
    const app = new App({ logError: () => undefined });
    app.before(
      basicAuth({
        verify: (name) => {
          if (name === "locked") throw new HttpError(403, "locked");
          throw new Error("the database is gone");
        },
      }),
    );
    app.get("/", () => "");
    expect(await ask(app, basic("locked:x"))).toMatchObject({ status: 403, text: "locked" });
    expect(await ask(app, basic("x:x"))).toMatchObject({ status: 500, challenge: undefined });
  });

  it.each<[Partial<Record<keyof (BasicAuthOptions<User> & BasicAuthUsers), unknown>>, string]>([
    [{}, "basicAuth() needs verify, a function, or users"],
    [{ realm: "a\r\nb", users: {} }, "the realm of basicAuth() is a text of ASCII characters"],
    [{ realm: "é", users: {} }, "the realm of basicAuth()"],
    [{ realm: "", users: {} }, "the realm of basicAuth()"],
    [{ users: { ada: "" } }, 'the password of "ada" in basicAuth() is empty'],
    [{ users: { ada: undefined } }, 'the password of "ada" in basicAuth() is empty'],
    [{ users: { "a:b": "x" } }, "has no colon"],
  ])("refuses %j", (options, message) => {
    expect(() => basicAuth(options as unknown as BasicAuthUsers)).toThrow(message);
  });
});

describe("bearerAuth", () => {
  const auth = bearerAuth({
    realm: "api",
    verify: (token, { path }) => {
      if (token === "weak") throw new HttpError(403);
      return token === "abc-._~+/123==" ? { name: `Ada at ${path}` } : null;
    },
  });
  const app = new App();
  app.get("/", { before: auth }, (request) => auth.user.get(request).name);
  app.get("/free", (request) => String(auth.user.has(request)));

  it("lets through a token that is valid", async () => {
    expect((await ask(app, "Bearer abc-._~+/123==")).text).toBe("Ada at /");
    expect((await ask(app, "bearer  abc-._~+/123==")).status).toBe(200);
    expect((await ask(app, undefined, "/free")).text).toBe("false");
    expectTypeOf(auth.user.get).returns.toEqualTypeOf<{ name: string }>();
  });

  it.each([
    [undefined, 401, 'Bearer realm="api"'],
    ["", 401, 'Bearer realm="api"'],
    ["Basic QWRhOng=", 401, 'Bearer realm="api"'],
    ["Bearers abc", 401, 'Bearer realm="api"'],
    [
      "Bearer nobody",
      401,
      'Bearer realm="api", error="invalid_token", error_description="the bearer token is not valid"',
    ],
    ...[
      "Bearer",
      "Bearer ",
      "Bearer a b",
      "Bearer =",
      "Bearer a=b",
      "Bearer ü",
      "Bearer a,b",
      "Bearer a\tb",
    ].map((field): [string, number, string] => [
      field,
      400,
      'Bearer realm="api", error="invalid_request", error_description="the bearer token is malformed"',
    ]),
    ["Bearer weak", 403, undefined],
  ])("refuses %j with %s", async (authorization, status, challenge) => {
    expect(await ask(app, authorization)).toMatchObject({ status, challenge });
  });

  it("over a socket takes one token, not two", async () => {
    const { ask: askServer } = await serveApp(app);
    const good = "Bearer abc-._~+/123==";
    expect((await askServer("GET /", { authorization: good })).status).toBe(200);
    expect((await askServer("GET /", { authorization: `${good}\r\nauthorization: Bearer x` })).status).toBe(
      400,
    );
  });

  it("needs a function", () => {
    expect(() => bearerAuth({} as never)).toThrow("bearerAuth() needs verify, a function");
  });
});

it("timingSafeEqual tells whether two texts are the same", () => {
  expect(timingSafeEqual("abc", "abc")).toBe(true);
  expect(timingSafeEqual("", "")).toBe(true);
  for (const other of ["abd", "ab", "abcd", "", "ABC", "abc\0"])
    expect(timingSafeEqual("abc", other)).toBe(false);
});

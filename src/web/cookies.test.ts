import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { serveApp } from "../../test/web/serve-app.ts";
import { type CookieOptions, parseCookies, setCookie } from "./cookies.ts";
import { App, deleteCookie, empty, json, Response } from "./index.ts";

describe("the cookies of a request", () => {
  const cases: [string, [string, string][]][] = [
    [
      "a=1; b=2",
      [
        ["a", "1"],
        ["b", "2"],
      ],
    ],
    [
      "a=1;b=2;",
      [
        ["a", "1"],
        ["b", "2"],
      ],
    ],
    [
      "a=1; a=2",
      [
        ["a", "1"],
        ["a", "2"],
      ],
    ],
    ["a=b=c==", [["a", "b=c=="]]],
    [
      "  a \t=\t 1 ; b=",
      [
        ["a", "1"],
        ["b", ""],
      ],
    ],
    ["alone; a=1", [["a", "1"]]],
    ["a=1; alone", [["a", "1"]]],
    ["=__Host-sid=evil; a=1", [["a", "1"]]],
    [
      'a="x y"; b="',
      [
        ["a", "x y"],
        ["b", '"'],
      ],
    ],
    ["a=%C3%A4%20b", [["a", "ä b"]]],
    [
      "a=100%; b=%zz; c=%C3",
      [
        ["a", "100%"],
        ["b", "%zz"],
        ["c", "%C3"],
      ],
    ],
    [
      "a=\u00c3\u00a4; b=\u00e4",
      [
        ["a", "ä"],
        ["b", "\u00e4"],
      ],
    ],
    ["\u00a0a=1\u00a0", [["\u00a0a", "1\u00a0"]]],
    ["", []],
    [";;; ; =; ==", []],
  ];
  it.each(cases)("%j", (field, expected) => {
    expect([...parseCookies(field)]).toEqual(expected);
  });

  it("pollute no prototype", () => {
    const cookies = parseCookies("__proto__=1; constructor=2; toString=3");
    expect(cookies.get("__proto__")).toBe("1");
    expect(Object.getPrototypeOf(cookies.toObject())).toBe(null);
    expect(cookies.get("hasOwnProperty")).toBeUndefined();
    expect(({} as Record<string, unknown>)["1"]).toBeUndefined();
  });

  it("are read from whatever comes, without an error", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab=;%"\\ \t1\u00e4\u00c3') }), (field) => {
        for (const [name, value] of parseCookies(field)) {
          expect(name).not.toBe("");
          expect(name + value).not.toContain(";");
          expect(name).not.toContain("=");
        }
      }),
    );
  });

  it("come back as they were set", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        const response = setCookie(new Response(), "a", value.slice(0, 300));
        const [pair = ""] = (response.headers.getSetCookie()[0] as string).split(";");
        expect(parseCookies(pair).get("a")).toBe(value.slice(0, 300).toWellFormed());
      }),
    );
  });

  it.each([
    [";".repeat(200_000)],
    ["a".repeat(200_000)],
    ["a=".repeat(100_000)],
    ["a;".repeat(100_000)],
    ["a=%;".repeat(50_000)],
    [`${" ".repeat(200_000)}=`],
  ])("are read in linear time", (field) => {
    // A quadratic reader takes minutes for this: the test's time limit is the assertion.
    expect(parseCookies(field).size).toBeLessThanOrEqual(50_000);
  });
});

describe("setCookie", () => {
  const line = (name: string, value: string, options?: CookieOptions): string =>
    setCookie(new Response(), name, value, options).headers.getSetCookie()[0] as string;

  it.each([
    [["a", "1"], "a=1; Path=/; HttpOnly; SameSite=Lax"],
    [["a", "ä ;,="], "a=%C3%A4%20%3B%2C%3D; Path=/; HttpOnly; SameSite=Lax"],
    [
      ["a", "1", { domain: "example.com", path: "/x y", maxAge: 60, expires: new Date(0), httpOnly: false }],
      "a=1; Domain=example.com; Path=/x y; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT; SameSite=Lax",
    ],
    [
      ["a", "1", { secure: true, sameSite: "strict", priority: "high" }],
      "a=1; Path=/; HttpOnly; Secure; SameSite=Strict; Priority=High",
    ],
    [["a", "1", { sameSite: "none" }], "a=1; Path=/; HttpOnly; Secure; SameSite=None"],
    [["a", "1", { partitioned: true }], "a=1; Path=/; HttpOnly; Secure; SameSite=Lax; Partitioned"],
    [["__Host-a", "1"], "__Host-a=1; Path=/; HttpOnly; Secure; SameSite=Lax"],
    [
      ["__Secure-a", "1", { domain: "example.com" }],
      "__Secure-a=1; Domain=example.com; Path=/; HttpOnly; Secure; SameSite=Lax",
    ],
  ] as [[string, string, CookieOptions?], string][])("%j", ([name, value, options], expected) => {
    expect(line(name, value, options)).toBe(expected);
  });

  const wrong: [string, CookieOptions, RegExp][] = [
    ["", {}, /no cookie's name/],
    ["a b", {}, /no cookie's name/],
    ["a\r\nx", {}, /no cookie's name/],
    ["a=b", {}, /no cookie's name/],
    ["a", { path: "x" }, /path "x"/],
    ["a", { path: "/;Domain=evil" }, /path/],
    ["a", { path: "/\r\nx: y" }, /path/],
    ["a", { path: "/ä" }, /path/],
    ["a", { domain: "" }, /domain/],
    ["a", { domain: "a.example; Path=/x" }, /domain/],
    ["a", { domain: "a.example\r\n" }, /domain/],
    ["a", { maxAge: 1.5 }, /maxAge 1.5/],
    ["a", { maxAge: Number.NaN }, /maxAge/],
    ["a", { maxAge: "1; Secure" as unknown as number }, /maxAge/],
    ["a", { expires: new Date(Number.NaN) }, /invalid/],
    ["a", { sameSite: "lax; x" as "lax" }, /sameSite/],
    ["a", { sameSite: "toString" as "lax" }, /sameSite/],
    ["a", { priority: "high\r\n" as "high" }, /priority/],
    ["a", { sameSite: "none", secure: false }, /must be secure: sameSite none/],
    ["a", { partitioned: true, secure: false }, /must be secure: partitioned/],
    ["__Host-a", { secure: false }, /must be secure: __Host-/],
    ["__host-a", { secure: false }, /must be secure/],
    ["__Host-a", { domain: "a.example" }, /no domain/],
    ["__Host-a", { path: "/x" }, /path \//],
    ["__Secure-a", { secure: false }, /must be secure: __Secure-/],
  ];
  it.each(wrong)("refuses %j %j", (name, options, message) => {
    expect(() => line(name, "1", options)).toThrow(message);
  });

  it("refuses what browsers would drop", () => {
    expect(line("a", "x".repeat(4095))).toContain("xxx");
    expect(() => line("a", "x".repeat(4096))).toThrow(/4096 bytes/);
  });

  it("works on the platform's response too", () => {
    const response = setCookie(new globalThis.Response("x"), "a", "1");
    expect(response.headers.getSetCookie()).toEqual(["a=1; Path=/; HttpOnly; SameSite=Lax"]);
  });

  it("goes out, and what comes back is read", async () => {
    const app = new App();
    app.get("/set", () => setCookie(setCookie(json({}), "a", "ä;"), "__Host-b", "2"));
    app.get("/drop", () => deleteCookie(empty(), "a", { path: "/x" }));
    app.get("/read", ({ cookies }) => ({ a: cookies.get("a") ?? null, all: cookies }));
    const { ask } = await serveApp(app);
    expect((await ask("GET /set")).headers.get("set-cookie")).toBe(
      "a=%C3%A4%3B; Path=/; HttpOnly; SameSite=Lax\n__Host-b=2; Path=/; HttpOnly; Secure; SameSite=Lax",
    );
    expect((await ask("GET /drop")).headers.get("set-cookie")).toBe(
      "a=; Path=/x; Max-Age=0; HttpOnly; SameSite=Lax",
    );
    expect((await ask("GET /read", { cookie: "a=%C3%A4%3B; a=2; __proto__=3" })).bytes.toString()).toBe(
      '{"a":"ä;","all":{"a":["ä;","2"],"__proto__":"3"}}',
    );
    expect((await ask("GET /read")).body).toBe('{"a":null,"all":{}}');
  });
});

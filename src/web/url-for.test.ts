import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { App, MultiDict, RouteConflictError, UrlError, urlFor } from "./index.ts";
import { type Match, Router } from "./router.ts";

const app = new App();
const home = app.get("/", { name: "home" }, () => "");
const show = app.get("/users/<int:id>", { name: "user" }, () => "");
const text = app.get("/t/:text", () => "");
const file = app.get("/files/<path:rest>", () => "");
const page = app.get("/pages/<int:page>?", { name: "pages" }, () => "");
const sorted = app.get("/sorted/<any(asc,desc):order>/<date:day>/<float:x>/<uuid:key>/", () => "");
const fixed = app.get("/café & co/100%/:x", () => "");
const tenant = app.get("/x/<int:id>", { host: "<string:tenant>.example.com", name: "tenant" }, () => "");
const api = app.get("/x", { host: "api.example.com" }, () => "");
const bounded = app.get("/<int(min=-5,max=5):n>/<string(length=2):lang>", () => "");
const float = app.get("/float/<float:x>", () => "");
const rest = app.get("/rest/<path:rest>?", () => "");
const dynamic = app.get("/dynamic/<int:id>" as string, () => "");

describe("urlFor", () => {
  it("builds paths", () => {
    expect(urlFor(home)).toBe("/");
    expect(urlFor(home, {})).toBe("/");
    expect(urlFor(show, { id: 7 })).toBe("/users/7");
    expect(urlFor(page)).toBe("/pages");
    expect(urlFor(page, {})).toBe("/pages");
    expect(urlFor(page, { page: undefined })).toBe("/pages");
    expect(urlFor(page, { page: 2 })).toBe("/pages/2");
    expect(urlFor(rest)).toBe("/rest");
    const key = "0A0A0A0A-0000-4000-8000-00000000000F";
    expect(urlFor(sorted, { order: "asc", day: "2024-02-29", x: 1e-7, key })).toBe(
      `/sorted/asc/2024-02-29/0.0000001/${key}/`,
    );
    expect(urlFor(bounded, { n: -5, lang: "de" })).toBe("/-5/de");
    expect(urlFor(dynamic, { id: 7 })).toBe("/dynamic/7");
  });

  it("encodes what a segment can't have, and leaves what it can", () => {
    expect(urlFor(text, { text: "a b/c".replace("/", "?") })).toBe("/t/a%20b%3Fc");
    expect(urlFor(text, { text: "ä%2F#😀" })).toBe("/t/%C3%A4%252F%23%F0%9F%98%80");
    expect(urlFor(text, { text: "@a:b;c=d,e+f$g&h!i'(j)*~" })).toBe("/t/@a:b;c=d,e+f$g&h!i'(j)*~");
    expect(urlFor(text, { text: "..." })).toBe("/t/...");
    expect(urlFor(file, { rest: "a b/ç/d.txt" })).toBe("/files/a%20b/%C3%A7/d.txt");
    expect(urlFor(file, { rest: "a/" })).toBe("/files/a/");
    expect(urlFor(fixed, { x: "y" })).toBe("/caf%C3%A9%20&%20co/100%25/y");
  });

  it.each<[string, () => string, string]>([
    [
      "a missing one",
      () => urlFor(show, {} as { id: 1 }),
      'the route GET /users/<int:id> ("user") needs the parameter "id": a whole number from 0 up',
    ],
    ["undefined", () => urlFor(show, { id: undefined } as never), 'needs the parameter "id"'],
    ["an inherited one", () => urlFor(text, Object.create({ text: "a" })), 'needs the parameter "text"'],
    [
      "another one",
      () => urlFor(show, { id: 7, page: 2 } as { id: 7 }),
      'has no parameter "page"; what shall stand in the query goes into { query }',
    ],
    [
      "a fraction",
      () => urlFor(show, { id: 1.5 }),
      'the parameter "id" of the route GET /users/<int:id> ("user") is 1.5, and must be a whole number',
    ],
    ["a negative", () => urlFor(show, { id: -1 }), "is -1, and must be"],
    ["too large a number", () => urlFor(show, { id: 2 ** 53 }), "is 9007199254740992, and must be"],
    ["no number", () => urlFor(show, { id: Number.NaN }), "is NaN, and must be"],
    ["an object", () => urlFor(text, { text: {} as string }), "is [object Object], and must be a text"],
    ["null", () => urlFor(text, { text: null as unknown as string }), "is null, and must be a text"],
    ["an empty text", () => urlFor(text, { text: "" }), 'is "", and must be'],
    ["a slash", () => urlFor(text, { text: "a/b" }), 'is "a/b", and must be'],
    ["a backslash", () => urlFor(text, { text: "a\\b" }), "and must be"],
    ["a NUL", () => urlFor(text, { text: "a\0b" }), "and must be"],
    ["a dot", () => urlFor(text, { text: "." }), 'is ".", and must be'],
    ["two dots", () => urlFor(text, { text: ".." }), 'is "..", and must be'],
    ["half a character", () => urlFor(text, { text: "\ud800" }), "and must be"],
    [
      "dots within a path",
      () => urlFor(file, { rest: "a/../b" }),
      'is "a/../b", and must be one or more segments',
    ],
    ["a path with an empty segment", () => urlFor(file, { rest: "a//b" }), "and must be"],
    ["an absolute path", () => urlFor(file, { rest: "/etc" }), "and must be"],
    [
      "a choice that isn't",
      () => urlFor(sorted, { order: "up" as "asc", day: "2024-01-01", x: 1, key: "" }),
      'is "up", and must be "asc" or "desc"',
    ],
    [
      "no day",
      () => urlFor(sorted, { order: "asc", day: "2023-02-29", x: 1, key: "" }),
      'is "2023-02-29", and must be a day as YYYY-MM-DD',
    ],
    [
      "a Date",
      () => urlFor(sorted, { order: "asc", day: new Date(0) as unknown as string, x: 1, key: "" }),
      "must be a day as YYYY-MM-DD",
    ],
    [
      "out of range",
      () => urlFor(bounded, { n: 6, lang: "de" }),
      "is 6, and must be a whole number from -5 to 5",
    ],
    [
      "too long a text",
      () => urlFor(bounded, { n: 0, lang: "deu" }),
      'is "deu", and must be a text (length=2)',
    ],
    ["no label", () => urlFor(tenant, { tenant: "a.b", id: 1 }), 'is "a.b", and must be'],
    ["a label with a port", () => urlFor(tenant, { tenant: "evil:80", id: 1 }), "and must be"],
    [
      "an origin with a path",
      () => urlFor(home, {}, { origin: "https://a.b/c" }),
      'the origin "https://a.b/c" must be scheme, host and port',
    ],
    ["an origin that is none", () => urlFor(home, {}, { origin: "a.b" }), 'the origin "a.b" must be'],
  ])("refuses %s", (_, build, message) => {
    expect(build).toThrow(UrlError);
    expect(build).toThrow(message);
  });

  it("builds what the router reads as the same, or nothing", () => {
    const router = new Router();
    for (const route of app.routes) router.add(route);
    let built = 0;
    const texts = fc.oneof(
      fc.string({ unit: "binary", maxLength: 8 }),
      fc.string({
        unit: fc.constantFrom("a", "/", ".", "%", "2", "f", "\\", "?", "\0", "ä", "\ud800"),
        maxLength: 6,
      }),
    );
    const cases = fc.oneof(
      texts.map((value) => [text, { text: value }] as const),
      texts.map((value) => [file, { rest: value }] as const),
      // No -0, of which a URL has no form of its own.
      fc.double().map((x) => [float, { x: x + 0 }] as const),
      fc.integer({ min: -10, max: 10 }).map((n) => [bounded, { n, lang: "de" }] as const),
    );
    fc.assert(
      fc.property(cases, ([route, params]) => {
        let url: string;
        try {
          url = urlFor(route as typeof text, params as { text: string });
        } catch (error) {
          if (error instanceof UrlError) return;
          throw error;
        }
        built++;
        expect(url).toMatch(/^\/[!-~]*$/);
        expect(new URL(url, "http://a.b").pathname).toBe(url);
        const match = router.match("GET", url, "a.b") as Match;
        expect([match.route, match.params]).toEqual([route, params]);
      }),
      { numRuns: 3000 },
    );
    expect(built).toBeGreaterThan(300);
  });

  it("adds a query and a hash", () => {
    expect(
      urlFor(show, { id: 7 }, { query: { page: 2, q: "a b&c", none: undefined, no: null, all: true } }),
    ).toBe("/users/7?page=2&q=a+b%26c&all=true");
    expect(urlFor(home, {}, { query: { tag: ["a", "b"], big: 10n } })).toBe("/?tag=a&tag=b&big=10");
    expect(urlFor(home, {}, { query: {} })).toBe("/");
    expect(urlFor(home, {}, { query: new URLSearchParams("a=1&a=2") })).toBe("/?a=1&a=2");
    expect(urlFor(home, {}, { query: new MultiDict([["ä", "ö"]]) })).toBe("/?%C3%A4=%C3%B6");
    expect(urlFor(page, {}, { query: { a: 1 }, hash: "top ä" })).toBe("/pages?a=1#top%20%C3%A4");
    expect(urlFor(home, {}, { hash: "" })).toBe("/");
  });

  it("names hosts", () => {
    expect(urlFor(home, {}, { origin: "https://example.com" })).toBe("https://example.com/");
    expect(urlFor(show, { id: 1 }, { origin: new URL("http://example.com:8000") })).toBe(
      "http://example.com:8000/users/1",
    );
    expect(urlFor(api)).toBe("//api.example.com/x");
    expect(urlFor(tenant, { tenant: "Acme", id: 7 })).toBe("//acme.example.com/x/7");
    expect(urlFor(tenant, { tenant: "acme", id: 7 }, { origin: "https://example.com:8443" })).toBe(
      "https://acme.example.com:8443/x/7",
    );
  });

  it("begins with the path of the mount that the request came through", async () => {
    const inner = new App();
    const route = inner.get("/a/<int:id>", (request): string => urlFor(route, { id: 1 }, { request }));
    const outer = new App();
    outer.mount("/sub/path", inner);
    const response = await outer.fetch(new Request("http://localhost/sub/path/a/5"));
    expect(await response.text()).toBe("/sub/path/a/1");
  });

  it("finds routes by name", () => {
    expect(app.urlFor("home")).toBe("/");
    expect(app.urlFor("user", { id: 7 }, { query: { a: 1 } })).toBe("/users/7?a=1");
    expect(() => app.urlFor("user")).toThrow(
      'the route GET /users/<int:id> ("user") needs the parameter "id": a whole number',
    );
    expect(() => app.urlFor("user", { id: "x" })).toThrow('is "x", and must be a whole number');
    expect(() => app.urlFor("usr", { id: 7 })).toThrow('no route is named "usr"; did you mean "user"?');
    expect(() => app.urlFor("something else")).toThrow(/^no route is named "something else"$/);
    expect(() => app.urlFor("constructor")).toThrow('no route is named "constructor"');
  });

  it("takes one route of a name", () => {
    const twice = new App();
    twice.get("/a", { name: "a" }, () => "");
    expect(() => twice.get("/b", { name: "a" }, () => "")).toThrow(RouteConflictError);
    expect(() => twice.get("/b", { name: "a" }, () => "")).toThrow(
      'GET /b can\'t be added: GET /a is named "a" already',
    );
    expect(twice.routes).toHaveLength(1);
  });

  it("has its parameters checked by the compiler", () => {
    const compiled = (): void => {
      urlFor(show, { id: 1 }, { query: {} });
      // @ts-expect-error parameters are missing
      urlFor(show);
      // @ts-expect-error a parameter is missing
      urlFor(show, {});
      // @ts-expect-error of another type
      urlFor(show, { id: "7" });
      // @ts-expect-error one that there is not
      urlFor(show, { id: 7, page: 2 });
      // @ts-expect-error one that there is not
      urlFor(home, { id: 7 });
      // @ts-expect-error one that there is not
      urlFor(page, { pages: 7 });
      // @ts-expect-error of another type
      urlFor(page, { page: "7" });
      // @ts-expect-error no such choice
      urlFor(sorted, { order: "up", day: "2024-01-01", x: 1, key: "" });
      // @ts-expect-error the host's is missing
      urlFor(tenant, { id: 7 });
      // @ts-expect-error no such option
      urlFor(home, {}, { page: 7 });
      urlFor(dynamic, { anything: 7 });
    };
    expect(compiled).toThrow(UrlError);
  });
});

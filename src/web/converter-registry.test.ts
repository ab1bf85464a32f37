import { describe, expect, expectTypeOf, it } from "vitest";
import { App, defineConverter, type ParamsOf, type PathParams, urlFor } from "./index.ts";

declare module "./path-converter.ts" {
  interface PathValues {
    testSlug: string;
    testIsbn: string;
    testPoint: { readonly x: number; readonly y: number };
    testNothing: string;
    testWord: string;
  }
}

defineConverter("testSlug", { pattern: /[a-z]+(-[a-z]+)*/, accepts: "a slug" });
defineConverter("testIsbn", {
  pattern: /\d{13}/,
  read: (text) => (text.startsWith("978") ? text : undefined),
});
defineConverter("testPoint", {
  read(text) {
    const [x, y, ...more] = text.split(",").map(Number);
    return Number.isFinite(x) && Number.isFinite(y) && more.length === 0
      ? { x: x as number, y: y as number }
      : undefined;
  },
  write: ({ x, y }) => `${x},${y}`,
  accepts: "two numbers with a comma between them",
  schema: { type: "string", pattern: "^[^,]+,[^,]+$" },
});
defineConverter("testWord", { pattern: /[a-z]+/, priority: 26 });

async function ask(app: App, path: string): Promise<unknown> {
  const response = await app.fetch(new Request(`http://localhost${path}`));
  return response.status === 200 ? response.json() : response.status;
}

describe("defineConverter", () => {
  it("makes a converter whose type flows into the parameters", async () => {
    const app = new App();
    const show = app.get("/posts/<testSlug:slug>", ({ params }) => {
      expectTypeOf(params.slug).toEqualTypeOf<string>();
      return [params.slug];
    });
    const near = app.get("/near/<testPoint:at>", ({ params }) => {
      expectTypeOf(params.at).toEqualTypeOf<{ readonly x: number; readonly y: number }>();
      return { at: params.at };
    });
    expectTypeOf<ParamsOf<typeof near>>().toEqualTypeOf<{
      readonly at: { readonly x: number; readonly y: number };
    }>();
    expectTypeOf<PathParams<"/<testPoint:a>?">>().toEqualTypeOf<{
      readonly a: { readonly x: number; readonly y: number } | undefined;
    }>();
    expect(await ask(app, "/posts/my-first-post")).toEqual(["my-first-post"]);
    expect(await ask(app, "/posts/my--post")).toBe(404);
    expect(await ask(app, "/near/1,-2.5")).toEqual({ at: { x: 1, y: -2.5 } });
    expect(await ask(app, "/near/1")).toBe(404);
    expect(urlFor(show, { slug: "a-b" })).toBe("/posts/a-b");
    expect(() => urlFor(show, { slug: "A" })).toThrow(/"slug" of .* is "A", and must be a slug/);
    expect(urlFor(near, { at: { x: 1, y: 2 } })).toBe("/near/1,2");
    expect(() => urlFor(near, { at: { x: Number.NaN, y: 2 } })).toThrow(/must be two numbers/);
  });

  it("asks for pattern and function both", async () => {
    const app = new App();
    app.get("/<testIsbn:isbn>", ({ params }) => params);
    expect(await ask(app, "/9780000000000")).toEqual({ isbn: "9780000000000" });
    expect(await ask(app, "/1230000000000")).toBe(404);
    expect(await ask(app, "/978")).toBe(404);
  });

  it("can be at the same place with another whose texts are others, or of another priority", () => {
    const app = new App();
    app.get("/<testSlug:slug>", () => "");
    app.get("/<testIsbn:isbn>", () => "");
    app.get("/<testWord:word>", () => "");
    expect(() => app.get("/<testPoint:at>", () => "")).toThrow(
      "GET /<testPoint:at> can't be added: GET /<testSlug:slug> takes the same requests already",
    );
  });

  it("describes itself for OpenAPI", () => {
    const route = new App().get("/<testSlug:a>/<testPoint:b>/<int(max=9):c>/<any(x,y):d>/<date:e>", () => "");
    const parameters = route.pattern.segments.filter((segment) => typeof segment === "object");
    expect(parameters.map(({ name, converter }) => [name, converter.schema])).toEqual([
      ["a", { type: "string", pattern: "^(?:[a-z]+(-[a-z]+)*)$" }],
      ["b", { type: "string", pattern: "^[^,]+,[^,]+$" }],
      ["c", { type: "integer", minimum: 0, maximum: 9 }],
      ["d", { type: "string", enum: ["x", "y"] }],
      ["e", { type: "string", format: "date" }],
    ]);
  });

  it("refuses what is no converter", () => {
    expect(() => defineConverter("testSlug", { pattern: /a/ })).toThrow(
      'there is a converter named "testSlug" already',
    );
    expect(() => defineConverter("int", { read: Number })).toThrow(
      'there is a converter named "int" already',
    );
    expect(() => defineConverter("a-b" as "testNothing", { pattern: /a/ })).toThrow(
      "a name is letters, digits and _",
    );
    expect(() => defineConverter("testNothing", {} as { pattern: RegExp })).toThrow(
      "needs a pattern, or a function read(text)",
    );
    expect(() => defineConverter("testNothing", { pattern: /a/i })).toThrow("has no flags");
    expect(() => new App().get("/<testSlug(max=1):x>", () => "")).toThrow("testSlug has no options");
    // @ts-expect-error a name that is not declared in PathValues
    expect(() => defineConverter("testSlug2", { pattern: /a/i })).toThrow("has no flags");
    // @ts-expect-error a pattern alone gives a string
    expect(() => defineConverter("testPoint", { pattern: /a/ })).toThrow("already");
    // @ts-expect-error a value of another type than the declared
    expect(() => defineConverter("testPoint", { read: () => "text" })).toThrow("already");
  });
});

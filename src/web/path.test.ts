import { describe, expect, expectTypeOf, it } from "vitest";
import { type ParamValues, PathError, type PathParams, parsePath } from "./path.ts";

describe("parsePath", () => {
  it("takes a path apart", () => {
    const { segments, names } = parsePath("/users/<int:id>/:tab/<rest>/");
    expect(names).toEqual(["id", "tab", "rest"]);
    expect(segments.map((each) => (typeof each === "string" ? each : `(${each.name})`))).toEqual([
      "users",
      "(id)",
      "(tab)",
      "(rest)",
      "",
    ]);
    expect(parsePath("/").segments).toEqual([""]);
    expect(parsePath("/v1:undo/é").segments).toEqual(["v1:undo", "é"]);
  });

  it.each([
    ["", /must begin with \//],
    ["users", /must begin with \//],
    ["/a//b", /empty segment/],
    ["/a/../b", /segment \.\./],
    ["/./b", /segment \./],
    ["/<nope:id>", /unknown converter "nope"; there are: int, float, uuid, string, path/],
    ["/<int:id>/<int:id>", /two parameters named "id"/],
    ["/:id/<id>", /two parameters named "id"/],
    ["/<int:>", /parameter named ""/],
    ["/<>", /parameter named ""/],
    ["/:", /parameter named ""/],
    ["/<int:a b>", /parameter named "a b"/],
    ["/:id?", /parameter named "id\?"/],
    ["/<int:__proto__>", /parameter named "__proto__"/],
    ["/<id", /whole segment/],
    ["/id>", /whole segment/],
    ["/@<name>", /whole segment/],
    ["/<name>.json", /whole segment/],
    ["/<path:rest>/edit", /nothing may follow/],
    ["/files/*", /write <path:name>/],
    ["/a?b=1", /may not have "\?"/],
    ["/a#b", /may not have "#"/],
    ["/{id}", /may not have "\{"/],
    ["/a\\b", /may not have/],
    ["/a\nb", /may not have/],
  ])("refuses %j", (path, message) => {
    expect(() => parsePath(path)).toThrow(PathError);
    expect(() => parsePath(path)).toThrow(message);
    if (path !== "") expect(() => parsePath(path)).toThrow(JSON.stringify(path));
  });
});

describe("PathParams", () => {
  it("follows from the path", () => {
    expectTypeOf<PathParams<"/">>().toEqualTypeOf<Readonly<Record<never, never>>>();
    expectTypeOf<PathParams<"/users/<int:id>">>().toEqualTypeOf<{ readonly id: number }>();
    expectTypeOf<PathParams<"/a/:b/<c>/<float:d>/<uuid:e>/<path:f>">>().toEqualTypeOf<{
      readonly b: string;
      readonly c: string;
      readonly d: number;
      readonly e: string;
      readonly f: string;
    }>();
    expectTypeOf<PathParams<"/<unheard:of>">>().toEqualTypeOf<{ readonly of: unknown }>();
    expectTypeOf<PathParams<string>>().toEqualTypeOf<ParamValues>();
  });
});

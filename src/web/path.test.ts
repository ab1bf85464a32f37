import { describe, expect, expectTypeOf, it } from "vitest";
import { type ParamValues, type PathParams, parsePath, type RouteParams } from "./path.ts";
import { PathError } from "./path-error.ts";

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
    [
      "/<nope:id>",
      /has "<nope:id>": there is no converter "nope"; there are: any, int, float, date, uuid, string, path; your own are made by defineConverter/,
    ],
    ["/<itn:id>", /did you mean int\?/],
    ["/<int(mix=1):id>", /int has no option "mix=1"; there are: min, max/],
    ["/<int(1):id>", /int has no option "1"/],
    ["/<int(min):id>", /min of int is written as a number, min=9, and not "min"/],
    ["/<int(min=x):id>", /min of int is written as a number/],
    ["/<int(min=1.5):id>", /min of int is written as a number/],
    ["/<int(min=99999999999999999):id>", /min of int is written as a number/],
    ["/<int(min=1,min=2):id>", /given min twice/],
    ["/<int(min=9,max=1):id>", /int takes nothing from 9 to 1/],
    ["/<int(max=-1):id>", /int takes nothing from 0 to -1/],
    ["/<string(length=2,maxlength=3):id>", /given its length/],
    ["/<string(length=0):id>", /string takes nothing/],
    ["/<string(minlength=3,maxlength=2):id>", /string takes nothing/],
    ["/<any:id>", /any needs what it may be/],
    ["/<any():id>", /any needs what it may be/],
    ["/<any(a,,b):id>", /any needs what it may be/],
    ["/<any(a,*):id>", /may not have "\*"/],
    ["/<uuid(4):id>", /uuid has no options/],
    ["/<int:page>?/edit", /nothing may follow "<int:page>\?": only the last parameter can be left out/],
    ["/a?", /may not have "\?"/],
    ["/<int:id>/<int:id>", /two parameters named "id"/],
    ["/:id/<id>", /two parameters named "id"/],
    ["/<int:>", /parameter named ""/],
    ["/<>", /parameter named ""/],
    ["/:", /parameter named ""/],
    ["/<int:a b>", /parameter named "a b"/],
    ["/:id??", /parameter named "id\?"/],
    ["/:id(\\d+)", /has ":id\(\\\\d\+\)": a parameter's pattern is a converter's/],
    ["/:id{[0-9]+}", /a parameter's pattern is a converter's/],
    ["/:from-:to", /a parameter takes a whole segment/],
    ["/<a>-<b>", /a parameter takes a whole segment/],
    ["/<int:__proto__>", /parameter named "__proto__"/],
    ["/<id", /whole segment/],
    ["/id>", /whole segment/],
    ["/@<name>", /whole segment/],
    ["/<name>.json", /whole segment/],
    ["/<path:rest>/edit", /nothing may follow/],
    ["/files/*", /for the rest of a path write <path:rest>, or <path:rest>\? where it may be empty/],
    ["/files/*splat", /write <path:splat>/],
    ["/users{/:id}", /the last parameter can be left out if it is written <name>\?/],
    ["/{:id}", /can be left out/],
    ["/users/{id}", /a parameter is written <id>/],
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
    expectTypeOf<PathParams<"/<any(asc, desc):order>/<date:day>/:page?">>().toEqualTypeOf<{
      readonly order: "asc" | "desc";
      readonly day: string;
      readonly page: string | undefined;
    }>();
    expectTypeOf<PathParams<"/<string(length=2):lang>/<int(min=1,max=9):n>?">>().toEqualTypeOf<{
      readonly lang: string;
      readonly n: number | undefined;
    }>();
    expectTypeOf<RouteParams<"/<int:id>", "<tenant>.<any(eu,us):zone>.example.com">>().toEqualTypeOf<{
      readonly id: number;
      readonly tenant: string;
      readonly zone: "eu" | "us";
    }>();
    expectTypeOf<PathParams<"/<unheard:of>">>().toEqualTypeOf<{ readonly of: unknown }>();
    expectTypeOf<PathParams<string>>().toEqualTypeOf<ParamValues>();
  });
});

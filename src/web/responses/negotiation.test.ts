import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import { serveApp } from "../../../test/web/serve-app.ts";
import { App } from "../index.ts";
import { bestEncoding, bestLanguage, bestMediaType } from "./negotiation.ts";
import { parseWeightedList } from "./weighted-list.ts";

describe("accepts", () => {
  const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
  const cases: [string | undefined, string[], string | undefined][] = [
    [undefined, ["json", "html"], "json"],
    ["", ["json", "html"], "json"],
    ["*/*", ["json", "html"], "json"],
    [browser, ["json", "html"], "html"],
    [browser, ["json", "xml"], "xml"],
    [browser, ["json", "png"], "json"],
    ["text/html;q=0.5, application/json", ["html", "json"], "json"],
    ["text/html, application/json", ["json", "html"], "html"],
    ["text/*, application/json;q=0.9", ["json", "html"], "html"],
    ["text/*;q=0.5, text/html;q=0, */*;q=0.1", ["html", "json", "text"], "text"],
    ["*/*, application/json", ["html", "json"], "json"],
    ["application/json;q=0", ["json"], undefined],
    ["image/png", ["json", "html"], undefined],
    ["TEXT/HTML", ["json", "html"], "html"],
    ["application/json;charset=utf-8", ["html", "json"], "json"],
    ["text/html;level=1", ["html"], undefined],
    ["text/html;level=1;q=0.3, text/html;q=0.7", ["text/html;level=1", "text/html"], "text/html"],
    [
      'text/html;a="x;q=0,";q=0.9, application/json;q=0.8',
      ["json", 'text/html;a="x;q=0,"'],
      'text/html;a="x;q=0,"',
    ],
    ["text/html;q=2, application/json;q=0.1", ["html", "json"], "json"],
    ["text/html;q=-1, application/json;q=0.1", ["html", "json"], "json"],
    ["text/html ; q = 0.5 , application/json ; q=0.6", ["html", "json"], "json"],
    ["application/vnd.api+json", ["json", "application/vnd.api+json"], "application/vnd.api+json"],
    ["*", ["html"], "html"],
    ["text/html;q=0.000", ["html"], undefined],
    ["/;q=1, , ;;, text/html", ["html"], "html"],
  ];
  it.each(cases)("%j of %j", (field, offered, expected) => {
    expect(bestMediaType(field, offered)).toBe(expected);
  });

  it("has nothing to choose from nothing", () => {
    expect(bestMediaType("*/*", [])).toBeUndefined();
  });

  it("refuses to offer what is no media type", () => {
    expect(() => bestMediaType("*/*", ["jsn"])).toThrow(/"jsn" is no media type.*json, html/);
    expect(() => bestMediaType("*/*", ["constructor"])).toThrow(TypeError);
  });
});

describe("acceptsLanguages", () => {
  const cases: [string | undefined, string[], string | undefined][] = [
    [undefined, ["en", "de"], "en"],
    ["de", ["en", "de"], "de"],
    ["de", ["en", "de-CH"], "de-CH"],
    ["de-CH", ["en", "de"], "de"],
    ["de-CH, en;q=0.9", ["en", "de"], "de"],
    ["de-CH, de;q=0.8", ["de", "de-CH"], "de-CH"],
    ["DE-ch", ["de-CH"], "de-CH"],
    ["deu", ["de"], undefined],
    ["fr, *;q=0.1", ["en", "de"], "en"],
    ["fr", ["en"], undefined],
    ["*, de;q=0", ["de", "en"], "en"],
    ["en;q=0.5, de;q=0.5", ["de", "en"], "en"],
  ];
  it.each(cases)("%j of %j", (field, offered, expected) => {
    expect(bestLanguage(field, offered)).toBe(expected);
  });
});

describe("acceptsEncodings", () => {
  const cases: [string | undefined, string[], string | undefined][] = [
    [undefined, ["br", "gzip", "identity"], "identity"],
    [undefined, ["br", "gzip"], undefined],
    ["", ["br", "identity"], "identity"],
    ["gzip, deflate, br, zstd", ["zstd", "br", "gzip"], "zstd"],
    ["gzip, br;q=0.9", ["br", "gzip"], "gzip"],
    ["x-gzip", ["br", "gzip"], "gzip"],
    ["*", ["br", "gzip"], "br"],
    ["br;q=0, *", ["br", "gzip"], "gzip"],
    ["gzip;q=0", ["gzip", "identity"], "identity"],
    ["identity;q=0", ["gzip", "identity"], undefined],
    ["*;q=0", ["gzip", "identity"], undefined],
    ["*;q=0, identity;q=0.5", ["gzip", "identity"], "identity"],
    ["GZIP", ["gzip"], "gzip"],
    ["deflate", ["gzip", "identity"], "identity"],
  ];
  it.each(cases)("%j of %j", (field, offered, expected) => {
    expect(bestEncoding(field, offered)).toBe(expected);
  });
});

describe("weighted lists", () => {
  it("are read from whatever comes, without an error", () => {
    const text = fc.string({ unit: fc.constantFrom(...'aq=;,."\\ \t01*/-') });
    fc.assert(
      fc.property(text, (field) => {
        for (const { value, weight } of parseWeightedList(field)) {
          expect(value).not.toBe("");
          expect(weight >= 0 && weight <= 1).toBe(true);
        }
        const offered = ["json", "text/html", "a/b"];
        expect([...offered, undefined]).toContain(bestMediaType(field, offered));
      }),
    );
  });

  it("give every value its weight", () => {
    const item = fc.tuple(fc.constantFrom("a/b", "a/*", "x"), fc.integer({ min: 0, max: 1000 }));
    fc.assert(
      fc.property(fc.array(item), (items) => {
        const field = items.map(([value, q]) => `${value};q=${(q / 1000).toFixed(3)}`).join(" , ");
        expect(parseWeightedList(field)).toEqual(
          items.map(([value, q]) => ({ value, parameters: [], weight: q / 1000 })),
        );
      }),
    );
  });

  it.each([
    ["a/b,".repeat(100_000)],
    [`a/b;x="${'",a/b;x'.repeat(50_000)}`],
    [`a/b${";".repeat(300_000)}`],
    [`a/b;${" ".repeat(300_000)}x`],
    [`a/b;q=${"0".repeat(300_000)}`],
    ['"'.repeat(300_001)],
    ['\\"'.repeat(150_000)],
    [`a/b;x="${"\\".repeat(300_000)}`],
    [",".repeat(300_000)],
  ])("are read in linear time", (field) => {
    // A quadratic reader takes minutes for this: the test's time limit is the assertion.
    expect(bestMediaType(field, ["json", "html"])).not.toBe("html");
    bestLanguage(field, ["en"]);
    bestEncoding(field, ["gzip"]);
  });
});

it("a request negotiates", async () => {
  const app = new App();
  app.get("/typed", (request) => {
    expectTypeOf(request.accepts("json", "html")).toEqualTypeOf<"json" | "html" | undefined>();
    expectTypeOf(request.acceptsLanguages("en", "de")).toEqualTypeOf<"en" | "de" | undefined>();
    // @ts-expect-error: it stands for no media type
    return `${request.accepts("jsn")}`;
  });
  app.get("/", (request) => [
    request.accepts("json", "html") ?? "none",
    request.acceptsLanguages("en", "de") ?? "none",
    request.acceptsEncodings("br", "gzip") ?? "none",
  ]);
  const { ask } = await serveApp(app);
  const answer = await ask("GET /", {
    accept: "text/html",
    "accept-language": "de-AT",
    "accept-encoding": "gzip, br",
  });
  expect(JSON.parse(answer.body)).toEqual(["html", "de", "br"]);
  expect(JSON.parse((await ask("GET /", { accept: "image/png" })).body)).toEqual(["none", "en", "none"]);
});

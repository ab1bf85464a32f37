import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { serveApp } from "../../../test/web/serve-app.ts";
import { App, checkPreconditions, etag, html, json, setCookie, text } from "../index.ts";
import { listsTag, toEntityTag } from "./entity-tag.ts";
import { formatHttpDate, parseHttpDate } from "./http-date.ts";
import { parseRange } from "./range.ts";

const modified = "Sun, 06 Nov 1994 08:49:37 GMT";
const before = "Sun, 06 Nov 1994 08:49:36 GMT";
const after = "Sun, 06 Nov 1994 08:49:38 GMT";

describe("validators", () => {
  const app = new App();
  app.route("/strong", { methods: ["GET", "POST"] }, () =>
    text("x", {
      etag: "v1",
      lastModified: new Date(modified),
      headers: { "cache-control": "max-age=60", vary: "accept", "content-language": "en" },
    }),
  );
  app.get("/weak", () => text("x", { etag: 'W/"v1"' }));
  app.get("/dated", () => text("x", { lastModified: new Date(modified) }));
  app.get("/made", () => html("x", { etag: true }));
  app.get("/error", () => json({}, { status: 404, etag: "v1" }));
  app.get("/cookie", () => setCookie(text("x", { etag: "v1" }), "a", "1"));

  const cases: [string, Record<string, string>, number][] = [
    ["GET /strong", {}, 200],
    ["GET /strong", { "if-none-match": '"v1"' }, 304],
    ["HEAD /strong", { "if-none-match": '"v1"' }, 304],
    ["GET /strong", { "if-none-match": 'W/"v1"' }, 304],
    ["GET /strong", { "if-none-match": '"v0", W/"v1"' }, 304],
    ["GET /strong", { "if-none-match": "*" }, 304],
    ["GET /strong", { "if-none-match": '"v2"' }, 200],
    ["GET /strong", { "if-none-match": "v1" }, 200],
    ["POST /strong", { "if-none-match": '"v1"', "content-length": "0" }, 200],
    ["GET /strong", { "if-modified-since": modified }, 304],
    ["GET /strong", { "if-modified-since": after }, 304],
    ["GET /strong", { "if-modified-since": before }, 200],
    ["GET /strong", { "if-modified-since": "yesterday" }, 200],
    // If-None-Match comes first, and then the time says nothing (§13.1.3).
    ["GET /strong", { "if-none-match": '"v2"', "if-modified-since": modified }, 200],
    ["GET /strong", { "if-match": '"v1"' }, 200],
    ["GET /strong", { "if-match": "*" }, 200],
    ["GET /strong", { "if-match": '"v2"' }, 412],
    ["GET /strong", { "if-match": 'W/"v1"' }, 412],
    ["GET /strong", { "if-unmodified-since": modified }, 200],
    ["GET /strong", { "if-unmodified-since": before }, 412],
    ["GET /strong", { "if-unmodified-since": "x" }, 200],
    // If-Match comes first (§13.1.4), and what it refuses is refused before If-None-Match is looked at (§13.2.2).
    ["GET /strong", { "if-match": '"v1"', "if-unmodified-since": before }, 200],
    ["GET /strong", { "if-match": '"v2"', "if-none-match": '"v1"' }, 412],
    ["GET /strong", { "if-match": '"v1"', "if-none-match": '"v1"' }, 304],
    ["GET /weak", { "if-none-match": '"v1"' }, 304],
    ["GET /weak", { "if-match": 'W/"v1"' }, 412],
    ["GET /dated", { "if-none-match": '"v1"' }, 200],
    ["GET /dated", { "if-match": '"v1"' }, 412],
    ["GET /dated", { "if-modified-since": modified }, 304],
    ["GET /made", { "if-none-match": etag("x") }, 304],
    ["GET /made", { "if-none-match": etag("y") }, 200],
    ["GET /error", { "if-none-match": '"v1"' }, 404],
  ];
  it.each(cases)("%s %j: %i", async (request, headers, status) => {
    const { ask } = await serveApp(app);
    const answer = await ask(request, headers);
    expect(answer.status).toBe(status);
    if (status === 304) expect(answer.body).toBe("");
  });

  it("stay with a 304, and so does what caches and browsers need", async () => {
    const { ask } = await serveApp(app);
    const { headers } = await ask("GET /strong", { "if-none-match": '"v1"' });
    expect(headers.get("etag")).toBe('"v1"');
    expect(headers.get("last-modified")).toBe(modified);
    expect(headers.get("cache-control")).toBe("max-age=60");
    expect(headers.get("vary")).toBe("accept");
    expect(headers.has("date")).toBe(true);
    expect([headers.has("content-type"), headers.has("content-language")]).toEqual([false, false]);
    expect((await ask("GET /cookie", { "if-none-match": '"v1"' })).headers.get("set-cookie")).toMatch(/^a=1/);
  });

  it("can't be forged", () => {
    expect(() => json({}, { etag: 'a"b' })).toThrow(/can't be an entity tag/);
    expect(() => json({}, { etag: "a\r\nb" })).toThrow(/can't be an entity tag/);
    expect(() => json({}, { lastModified: new Date(Number.NaN) })).toThrow(/invalid/);
    expect([toEntityTag("a"), toEntityTag('"a"'), toEntityTag('W/"a"'), toEntityTag("")]).toEqual([
      '"a"',
      '"a"',
      'W/"a"',
      '""',
    ]);
    expect([etag("x"), etag("x", { weak: true })]).toEqual([etag(Buffer.from("x")), `W/${etag("x")}`]);
  });
});

describe("checkPreconditions", () => {
  let version: string | null = "v1";
  const app = new App();
  app.route("/", { methods: ["GET", "PUT"] }, (request) => {
    const stored = version === null ? null : { etag: version };
    return checkPreconditions(request, stored) ?? text("done");
  });
  const cases: [string, string | null, Record<string, string>, number][] = [
    ["GET", "v1", { "if-none-match": '"v1"' }, 304],
    ["GET", "v1", { "if-none-match": '"v0"' }, 200],
    ["PUT", "v1", { "if-match": '"v1"' }, 200],
    ["PUT", "v1", { "if-match": '"v0"' }, 412],
    ["PUT", "v1", { "if-none-match": "*" }, 412],
    ["PUT", "v1", { "if-none-match": '"v1"' }, 412],
    ["PUT", null, { "if-none-match": "*" }, 200],
    ["PUT", null, { "if-match": "*" }, 412],
    ["PUT", null, {}, 200],
  ];
  it.each(cases)("%s of %s with %j: %i", async (method, stored, headers, status) => {
    version = stored;
    const { ask } = await serveApp(app);
    const answer = await ask(`${method} /`, { "content-length": "0", ...headers });
    expect(answer.status).toBe(status);
    if (status === 304) expect(answer.headers.get("etag")).toBe('"v1"');
  });
});

describe("entity tag lists", () => {
  it.each([
    ['"a"', '"a"', true, true],
    ['W/"a"', '"a"', true, false],
    ['"a"', 'W/"a"', true, false],
    ['"b" , ,"a"', '"a"', true, true],
    ['"a,b", "c"', '"c"', true, true],
    ['"ab"', '"a"', false, false],
    ['w/"a"', '"a"', false, false],
    ["a", '"a"', false, false],
    ['"a', '"a"', false, false],
    ['x"a"', '"a"', false, false],
    ["", '"a"', false, false],
    ['""', '""', true, true],
  ])("%s with %s: weakly %s, strongly %s", (list, tag, weakly, strongly) => {
    expect([listsTag(list, tag, true), listsTag(list, tag, false)]).toEqual([weakly, strongly]);
  });

  it("are searched whatever they are, in linear time", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aW/", \t') }), (list) => {
        if (listsTag(list, '"a"', false)) expect(list).toContain('"a"');
      }),
    );
    for (const list of [
      '"'.repeat(300_000),
      ",".repeat(300_000),
      'W/"",'.repeat(60_000),
      " ".repeat(300_000),
    ]) {
      expect(listsTag(list, '"a"', true)).toBe(false);
    }
  });
});

describe("HTTP dates", () => {
  it.each([
    [modified, Date.UTC(1994, 10, 6, 8, 49, 37)],
    ["Sunday, 06-Nov-94 08:49:37 GMT", Date.UTC(1994, 10, 6, 8, 49, 37)],
    ["Sun Nov  6 08:49:37 1994", Date.UTC(1994, 10, 6, 8, 49, 37)],
    ["Sun Nov 16 08:49:37 1994", Date.UTC(1994, 10, 16, 8, 49, 37)],
    ["Sun, 06 Nov 1994 08:49:37 +0000", undefined],
    ["1994-11-06T08:49:37Z", undefined],
    ["Sun, 06 Xyz 1994 08:49:37 GMT", undefined],
    ["0", undefined],
    ["", undefined],
  ])("%j", (date, time) => {
    expect(parseHttpDate(date)).toBe(time);
  });

  it("come back as they were written", () => {
    const times = fc.integer({ min: 0, max: 4e9 });
    fc.assert(
      fc.property(times, (seconds) => {
        expect(parseHttpDate(formatHttpDate(seconds * 1000))).toBe(seconds * 1000);
      }),
    );
  });
});

describe("ranges of 100 bytes", () => {
  it.each([
    ["bytes=0-9", { first: 0, last: 9 }],
    ["BYTES=0-9", { first: 0, last: 9 }],
    ["bytes=90-", { first: 90, last: 99 }],
    ["bytes=-10", { first: 90, last: 99 }],
    ["bytes=-1000", { first: 0, last: 99 }],
    ["bytes=50-1000", { first: 50, last: 99 }],
    ["bytes=99-99", { first: 99, last: 99 }],
    ["bytes= , 0-9 ,", { first: 0, last: 9 }],
    [`bytes=0-${"9".repeat(400)}`, { first: 0, last: 99 }],
    ["bytes=100-", "unsatisfiable"],
    [`bytes=${"9".repeat(400)}-`, "unsatisfiable"],
    ["bytes=-0", "unsatisfiable"],
    ["bytes=9-0", "whole"],
    ["bytes=0-9,20-29", "whole"],
    ["bytes=-", "whole"],
    ["bytes=", "whole"],
    ["bytes=a-b", "whole"],
    ["bytes=+1-2", "whole"],
    ["bytes=1.0-2", "whole"],
    ["bytes=0x1-2", "whole"],
    ["bytes=0 - 9", "whole"],
    ["bytes =0-9", "whole"],
    ["bytes 0-9", "whole"],
    ["lines=0-9", "whole"],
    ["0-9", "whole"],
    ["", "whole"],
  ])("%s", (field, expected) => {
    expect(parseRange(field, 100)).toEqual(expected);
  });

  it("of nothing", () => {
    expect([parseRange("bytes=0-", 0), parseRange("bytes=-5", 0), parseRange("bytes=-0", 0)]).toEqual([
      "unsatisfiable",
      "whole",
      "unsatisfiable",
    ]);
  });

  it("lie within what there is, whatever is asked for", () => {
    const field = fc.oneof(
      fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => `bytes=${a}-${b}`),
      fc.string({ unit: fc.constantFrom(..."bytes=-,0129 ") }).map((rest) => `bytes=${rest}`),
    );
    fc.assert(
      fc.property(field, fc.nat({ max: 1000 }), (text, size) => {
        const range = parseRange(text, size);
        if (typeof range === "string") return;
        expect(range.first).toBeGreaterThanOrEqual(0);
        expect(range.last).toBeGreaterThanOrEqual(range.first);
        expect(range.last).toBeLessThan(size);
      }),
    );
    for (const text of [
      ",".repeat(300_000),
      "1".repeat(300_000),
      "1-2,".repeat(80_000),
      " ".repeat(300_000),
    ]) {
      expect(parseRange(`bytes=${text}x`, 100)).toBe("whole");
    }
  });
});

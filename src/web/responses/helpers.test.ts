import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { until } from "../../../test/support/until.ts";
import { requestHead, serveApp } from "../../../test/web/serve-app.ts";
import { App, contentDisposition, empty, html, json, Response, redirect, stream, text } from "../index.ts";
import type { RedirectStatus } from "./redirect.ts";

async function* pieces() {
  yield "a";
  yield new Uint8Array([0x62]);
}

describe("json, html, text, empty, stream", () => {
  const cases: [string, () => Response, number, string | undefined, string][] = [
    ["json", () => json({ a: "ä" }), 200, "application/json", '{"a":"ä"}'],
    ["json of null", () => json(null, { status: 201 }), 201, "application/json", "null"],
    [
      "json of a type",
      () => json([], { headers: { "Content-Type": "application/problem+json" } }),
      200,
      "application/problem+json",
      "[]",
    ],
    ["html", () => html("<p>ä"), 200, "text/html;charset=UTF-8", "<p>ä"],
    ["html with headers", () => html("", { headers: [["x-a", "1"]] }), 200, "text/html;charset=UTF-8", ""],
    ["text", () => text("ä", { status: 404 }), 404, "text/plain;charset=UTF-8", "ä"],
    ["empty", () => empty(), 204, undefined, ""],
    ["empty 200", () => empty(200, { headers: { "x-a": "1" } }), 200, undefined, ""],
    ["an async generator", () => stream(pieces()), 200, "application/octet-stream", "ab"],
    [
      "an async generator function",
      () => stream(pieces, { status: 202 }),
      202,
      "application/octet-stream",
      "ab",
    ],
    [
      "a generator function",
      () =>
        stream(
          function* () {
            yield "ä";
          },
          { headers: { "content-type": "text/csv" } },
        ),
      200,
      "text/csv",
      "ä",
    ],
    ["a ReadableStream", () => stream(new Blob(["ab"]).stream()), 200, "application/octet-stream", "ab"],
    ["an array", () => stream(["a", "b"]), 200, "application/octet-stream", "ab"],
  ];
  it.each(cases)("%s", async (_, make, status, type, body) => {
    const app = new App();
    app.get("/", make);
    const { ask } = await serveApp(app);
    const answer = await ask("GET /");
    expect([
      answer.status,
      answer.headers.get("content-type"),
      answer.bytes.toString(),
      answer.complete,
    ]).toEqual([status, type, body, true]);
    const head = await ask("HEAD /");
    expect([head.status, head.headers.get("content-type"), head.body]).toEqual([status, type, ""]);
    expect(await make().text()).toBe(body);
  });

  it("json refuses what has no form", () => {
    expect(() => json(undefined)).toThrow(/no form for undefined/);
  });

  it("headers are the response's own", () => {
    const first = html("a");
    first.headers.set("x-a", "1");
    expect([...html("b").headers]).toEqual([["content-type", "text/html;charset=UTF-8"]]);
  });

  it("a stream's generator returns when the client goes away", async () => {
    let returned = false;
    const app = new App();
    app.get("/", () =>
      stream(async function* () {
        try {
          for (;;) {
            yield "x".repeat(1000);
            await new Promise(setImmediate);
          }
        } finally {
          returned = true;
        }
      }),
    );
    const server = await serveApp(app);
    const client = await server.open();
    client.send(requestHead("GET /"));
    await client.until((received) => received.includes("xxx"));
    client.close();
    await until(() => returned);
    expect(server.errors).toEqual([]);
  });
});

describe("redirect", () => {
  it.each([
    ["/a?b=c#d", "/a?b=c#d"],
    ["../x", "../x"],
    ["https://example.com/ä", "https://example.com/%C3%A4"],
    ["/a b", "/a%20b"],
    ["/%41%", "/%41%"],
    ["/\\evil.example", "/%5Cevil.example"],
    ['/"<>', "/%22%3C%3E"],
    ["/\ud800", "/%EF%BF%BD"],
    ["", ""],
  ])("to %j", async (location, sent) => {
    const app = new App();
    app.post("/", () => redirect(location));
    const { ask } = await serveApp(app);
    const answer = await ask("POST /");
    expect([answer.status, answer.headers.get("location"), answer.body]).toEqual([303, sent, ""]);
  });

  it("takes a URL and a status", () => {
    const response = redirect(new URL("https://a.example/x"), 308);
    expect([response.status, response.headers.get("location")]).toEqual([308, "https://a.example/x"]);
    response.headers.set("x-a", "1");
  });

  it.each(["/\r\nset-cookie: a=b", "/\n", "/\t/evil.example", "/\0", "/\x7f", "java\nscript:x"])(
    "refuses %j",
    (location) => {
      expect(() => redirect(location)).toThrow(/control character: U\+00/);
    },
  );

  it("sends nothing but what a URI may have, whatever it is given", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (location) => {
        let sent: string | null;
        try {
          sent = redirect(location).headers.get("location");
        } catch (error) {
          expect(String(error)).toMatch(/control character/);
          return;
        }
        expect(sent).toMatch(/^[!#$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]*$/);
      }),
    );
  });

  it.each([200, 300, 304, 305, 306, 399])("refuses the status %i", (status) => {
    expect(() => redirect("/", status as RedirectStatus)).toThrow(RangeError);
  });
});

describe("contentDisposition", () => {
  it.each([
    ["a.txt", 'attachment; filename="a.txt"'],
    ["a b;c.txt", 'attachment; filename="a b;c.txt"'],
    ["ä€.txt", "attachment; filename=\"__.txt\"; filename*=UTF-8''%C3%A4%E2%82%AC.txt"],
    ['a"b.txt', "attachment; filename=\"a_b.txt\"; filename*=UTF-8''a%22b.txt"],
    ["50%.txt", "attachment; filename=\"50_.txt\"; filename*=UTF-8''50%25.txt"],
    ["it's (1)*.txt", 'attachment; filename="it\'s (1)*.txt"'],
    ["ä'()*", "attachment; filename=\"_'()*\"; filename*=UTF-8''%C3%A4%27%28%29%2A"],
    ["../../etc/passwd", 'attachment; filename=".._.._etc_passwd"'],
    ["a\r\nx: y", 'attachment; filename="a__x: y"'],
    ["\ud800", "attachment; filename=\"_\"; filename*=UTF-8''%EF%BF%BD"],
  ])("%j", (name, expected) => {
    expect(contentDisposition("attachment", name)).toBe(expected);
    expect(new Response(null, { headers: { "content-disposition": expected } }).status).toBe(200);
  });
});

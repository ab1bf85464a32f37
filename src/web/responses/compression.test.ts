import { EventEmitter, on } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as zlib from "node:zlib";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { serve } from "../../../test/http/serve.ts";
import { until } from "../../../test/support/until.ts";
import { parseAnswer, type RawAnswer, requestHead, serveApp } from "../../../test/web/serve-app.ts";
import {
  App,
  type CompressionOptions,
  compress,
  file,
  HttpError,
  json,
  Response,
  sse,
  stream,
  text,
} from "../index.ts";
import { CompressedExchange } from "./compressed-exchange.ts";
import { toCompression } from "./compression.ts";

const page = "Some text that is worth it. ".repeat(100);
const long = "Some text that is worth it. ".repeat(100_000);
const codings = ["gzip", "br", ...("createZstdCompress" in zlib ? ["zstd"] : [])];
const errors: unknown[] = [];
beforeEach(() => {
  errors.length = 0;
});

function decode(answer: RawAnswer): string {
  switch (answer.headers.get("content-encoding")) {
    case "gzip":
      return zlib.gunzipSync(answer.bytes).toString();
    case "br":
      return zlib.brotliDecompressSync(answer.bytes).toString();
    case "zstd":
      return zlib.zstdDecompressSync(answer.bytes).toString();
    default:
      return answer.bytes.toString();
  }
}

/** Serves one response, compressed. */
async function served(make: () => Response, options?: CompressionOptions) {
  const app = new App({ logError: (error) => void errors.push(error) });
  app.get("/", () => compress(make(), options));
  return serveApp(app);
}

const accept = { "accept-encoding": "gzip" };

describe("compress", () => {
  describe.each(codings)("by %s", (coding) => {
    it.each([
      ["text", () => text(page), page],
      ["a long text", () => text(long), long],
      ["bytes", () => new Response(Buffer.from(page), { headers: { "content-type": "text/css" } }), page],
      [
        "a stream",
        () => stream(long.match(/.{1,100000}/gs) ?? [], { headers: { "content-type": "text/csv" } }),
        long,
      ],
      ["a Blob", () => new Response(new Blob([long], { type: "text/plain" })), long],
    ])("%s", async (_, make, expected) => {
      const { ask } = await served(make);
      const answer = await ask("GET /", { "accept-encoding": coding });
      expect([answer.status, answer.complete, answer.headers.get("content-encoding")]).toEqual([
        200,
        true,
        coding,
      ]);
      expect(answer.headers.get("vary")).toBe("accept-encoding");
      expect(decode(answer) === expected).toBe(true);
      expect(answer.bytes.length).toBeLessThan(expected.length / 3);
      expect(errors).toEqual([]);
    });

    it("each piece of a stream at once", async () => {
      const emitter = new EventEmitter();
      const { open } = await served(() =>
        stream(
          async function* () {
            for await (const [piece] of on(emitter, "piece")) {
              if (piece === null) return;
              yield piece as string;
            }
          },
          { headers: { "content-type": "text/plain" } },
        ),
      );
      const client = await open();
      client.send(requestHead("GET /", { "accept-encoding": coding, connection: "close" }));
      await until(() => emitter.listenerCount("piece") > 0);
      for (const piece of ["first ", "second "]) {
        const { length } = client.received;
        emitter.emit("piece", piece);
        // A chunk with the piece in it comes before there is any more.
        await client.until((received) => received.length > length + 10);
      }
      emitter.emit("piece", null);
      expect(decode(parseAnswer(await client.untilEnd()))).toBe("first second ");
    });
  });

  it("leaves what doesn't pay as it is", async () => {
    const cases: [string, () => Response, Record<string, string>, string | undefined][] = [
      ["no one asks for it", () => text(page), {}, "accept-encoding"],
      [
        "only for what there is not",
        () => text(page),
        { "accept-encoding": "deflate, compress" },
        "accept-encoding",
      ],
      ["it is refused", () => text(page), { "accept-encoding": "gzip;q=0, br;q=0" }, "accept-encoding"],
      ["it is short", () => text("x".repeat(1023)), accept, undefined],
      ["an image", () => new Response(page, { headers: { "content-type": "image/png" } }), accept, undefined],
      ["no type", () => new Response(Buffer.from(page)), accept, undefined],
      [
        "no-transform",
        () => text(page, { headers: { "cache-control": "public, No-Transform" } }),
        accept,
        undefined,
      ],
      ["it is coded", () => text(page, { headers: { "content-encoding": "br" } }), accept, undefined],
      [
        "it is events",
        () => new Response(page, { headers: { "content-type": "text/event-stream" } }),
        accept,
        undefined,
      ],
      ["it is several parts", () => text(page, { status: 206 }), accept, undefined],
      [
        "it is a part",
        () => text(page, { status: 206, headers: { "content-range": "bytes 0-1/2" } }),
        accept,
        undefined,
      ],
    ];
    for (const [why, make, headers, vary] of cases) {
      const { ask } = await served(make);
      const answer = await ask("GET /", headers);
      expect(answer.body, why).toBe(await make().text());
      expect(answer.headers.get("content-length"), why).toBe(String(answer.body.length));
      expect(answer.headers.get("vary"), why).toBe(vary);
    }
  });

  it.each([
    ["gzip, deflate, br, zstd", codings.includes("zstd") ? "zstd" : "br"],
    ["gzip, deflate, br", "br"],
    ["gzip, br;q=0.5", "gzip"],
    ["*", codings.includes("zstd") ? "zstd" : "br"],
  ])("%s: %s", async (acceptEncoding, coding) => {
    const { ask } = await served(() => text(page));
    expect((await ask("GET /", { "accept-encoding": acceptEncoding })).headers.get("content-encoding")).toBe(
      coding,
    );
  });

  it("does as its options say", async () => {
    const { ask } = await served(
      () => new Response("xxx", { headers: { "content-type": "image/png", vary: "Accept" } }),
      { encodings: ["gzip"], minBytes: 1, compressible: (type) => type === "image/png" },
    );
    const answer = await ask("GET /", { "accept-encoding": "gzip, br, zstd" });
    expect([answer.headers.get("content-encoding"), decode(answer)]).toEqual(["gzip", "xxx"]);
    expect(answer.headers.get("vary")).toBe("Accept, accept-encoding");
  });

  it("makes a strong tag weak, by which the client is still answered with 304", async () => {
    const { ask } = await served(() => json({ page }, { etag: "v1", headers: { vary: "*" } }));
    const answer = await ask("GET /", accept);
    expect([answer.headers.get("etag"), answer.headers.get("vary")]).toEqual(['W/"v1"', "*"]);
    expect((await ask("GET /", { ...accept, "if-none-match": 'W/"v1"' })).status).toBe(304);
    expect((await ask("GET /")).headers.get("etag")).toBe('"v1"');
  });

  it("tells HEAD what GET has, as far as that is known", async () => {
    for (const make of [
      () => text(page),
      () => stream([page], { headers: { "content-type": "text/plain" } }),
    ]) {
      const { ask } = await served(make);
      const head = await ask("HEAD /", accept);
      expect([head.status, head.body]).toEqual([200, ""]);
      expect([head.headers.get("content-encoding"), head.headers.get("content-length")]).toEqual([
        "gzip",
        undefined,
      ]);
    }
    const { ask } = await served(() => text(page));
    expect((await ask("HEAD /")).headers.get("content-length")).toBe(String(page.length));
  });

  it("sends a file's parts as they are", async () => {
    const folder = await mkdtemp(join(tmpdir(), "socle-compression-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, "short.txt"), page);
    await writeFile(join(folder, "long.txt"), long);
    for (const [name, content] of [
      ["short.txt", page],
      ["long.txt", long],
    ] as const) {
      const { ask } = await served(() => file(name, { root: folder }));
      const whole = await ask("GET /", accept);
      expect([
        whole.headers.get("content-encoding"),
        whole.headers.has("accept-ranges"),
        whole.complete,
      ]).toEqual(["gzip", false, true]);
      expect(decode(whole) === content).toBe(true);
      const part = await ask("GET /", { ...accept, range: `bytes=1-${content.length - 2}` });
      expect([part.status, part.headers.has("content-encoding"), part.body.length]).toEqual([
        206,
        false,
        content.length - 2,
      ]);
      const head = await ask("HEAD /", accept);
      expect([head.headers.get("content-encoding"), head.headers.has("content-length")]).toEqual([
        "gzip",
        false,
      ]);
    }
  });

  it("leaves events alone", async () => {
    const { ask } = await served(() =>
      sse(async function* () {
        yield page;
      }),
    );
    const answer = await ask("GET /", accept);
    expect([answer.headers.has("content-encoding"), answer.body]).toEqual([false, `data: ${page}\n\n`]);
  });

  it("breaks the answer where the stream breaks", async () => {
    const { ask } = await served(() =>
      stream(
        async function* () {
          yield page;
          await new Promise(setImmediate);
          throw new Error("broken");
        },
        { headers: { "content-type": "text/plain" } },
      ),
    );
    expect((await ask("GET /", accept)).complete).toBe(false);
    expect(String(errors)).toMatch(/broken/);
  });

  it("is no faster than the client, and ends when it leaves", async () => {
    let produced = 0;
    let returned = false;
    const { open } = await served(() =>
      stream(
        async function* () {
          try {
            // What can't be compressed.
            for (; ; produced++) yield Buffer.from(crypto.getRandomValues(new Uint8Array(65_536)));
          } finally {
            returned = true;
          }
        },
        { headers: { "content-type": "text/plain" } },
      ),
    );
    const client = await open();
    client.send(requestHead("GET /", accept));
    await client.until((received) => received.length > 100_000);
    client.socket.pause();
    // It comes to rest: again and again the same, with other work between.
    let before = -1;
    let rests = 0;
    await until(() => {
      rests = produced === before ? rests + 1 : 0;
      before = produced;
      if (produced > 2000) throw new Error("128 MiB were produced for a client that takes nothing");
      return rests > 20;
    });
    client.close();
    await until(() => returned);
    expect(errors).toEqual([]);
  });
});

describe("CompressedExchange", () => {
  it("compresses whatever an app answers that was asked to", async () => {
    const app = new App({ compression: true, logError: (error) => void errors.push(error) });
    app.get("/object", () => ({ page }));
    app.get("/text", () => page);
    app.get("/error", () => {
      throw new HttpError(404, page);
    });
    app.get("/stream", async function* () {
      yield page;
      yield page;
    });
    app.get("/platform", () => new globalThis.Response(page));
    const server = await serve((exchange) => app.handleExchange(exchange));
    for (const [path, status, expected] of [
      ["/object", 200, JSON.stringify({ page })],
      ["/text", 200, page],
      ["/error", 404, page],
      ["/stream", 200, page + page],
      ["/platform", 200, page],
      ["/none", 404, "404 Not Found"],
    ] as const) {
      const client = await server.open();
      client.send(requestHead(`GET ${path}`, { ...accept, connection: "close" }));
      const answer = parseAnswer(await client.untilEnd());
      expect([answer.status, decode(answer), answer.headers.get("content-encoding")]).toEqual([
        status,
        expected,
        path === "/none" ? undefined : "gzip",
      ]);
    }
    expect([errors, server.errors]).toEqual([[], []]);
  });

  const headers = (length: number): string[] => [
    "content-type",
    "text/plain",
    "content-length",
    String(length),
  ];

  /** Serves what answers through a compressed exchange, and gives its one answer and what was thrown. */
  async function answered(
    answer: (exchange: CompressedExchange) => void,
  ): Promise<{ answer: RawAnswer; thrown: string }> {
    const server = await serve((exchange) => answer(new CompressedExchange(exchange, toCompression(true))));
    const client = await server.open();
    client.send(requestHead("GET /", { ...accept, connection: "close" }));
    return { answer: parseAnswer(await client.untilEnd()), thrown: String(server.errors) };
  }

  it.each([
    ["short", page],
    ["long", long],
  ])("refuses a content-length that is wrong: %s", async (_, body) => {
    const { answer, thrown } = await answered((exchange) => exchange.respond(200, headers(5000), body));
    expect(thrown).toContain(`content-length announces 5000 bytes, but the body has ${body.length}`);
    expect(answer.status).toBe(500);
  });

  it("refuses more than was announced", async () => {
    const { answer, thrown } = await answered((exchange) => {
      const writer = exchange.start(200, headers(2000));
      expect(() => writer.write("x".repeat(2001))).toThrow(/announces 2000 bytes, but the body has 2001/);
      writer.end();
    });
    expect(thrown).toContain("announces 2000 bytes, but the body has 0");
    expect(answer.complete).toBe(false);
  });

  it("refuses less than was announced", async () => {
    const { answer, thrown } = await answered((exchange) => {
      const writer = exchange.start(200, headers(2000));
      writer.write("x".repeat(1999));
      writer.end();
    });
    expect(thrown).toContain("announces 2000 bytes, but the body has 1999");
    expect(answer.complete).toBe(false);
  });

  it("refuses what comes behind the end", async () => {
    const { answer, thrown } = await answered((exchange) => {
      const writer = exchange.start(200, ["content-type", "text/plain"]);
      writer.write(page);
      writer.end();
      expect(() => writer.write("x")).toThrow(/behind its end/);
      expect(() => writer.end()).toThrow(/complete already/);
    });
    expect([decode(answer), thrown]).toEqual([page, ""]);
  });

  it.each([
    ["short", page],
    ["long", long],
  ])("refuses a header that can't be sent, and can answer then: %s", async (_, body) => {
    const { answer, thrown } = await answered((exchange) => {
      expect(() => exchange.respond(200, ["content-type", "text/plain", "a", "\n"], body)).toThrow(/"a"/);
      expect(exchange.started).toBe(false);
      exchange.respond(200, ["content-type", "text/plain"], body);
      expect(exchange.started).toBe(true);
    });
    expect([decode(answer) === body, answer.headers.get("content-encoding"), thrown]).toEqual([
      true,
      "gzip",
      "",
    ]);
  });
});

import { Readable } from "node:stream";
import { describe, expect, expectTypeOf, it } from "vitest";
import { Response, responseHeaderList, textHeaders } from "./response.ts";

const Platform = globalThis.Response;
const encoder = new TextEncoder();

/** What both classes show of a response. */
async function shown(response: Response | globalThis.Response): Promise<unknown> {
  return {
    status: response.status,
    statusText: response.statusText,
    ok: response.ok,
    type: response.type,
    redirected: response.redirected,
    url: response.url,
    headers: [...response.headers].map(([name, value]) => [name, value.replace(/boundary=.*/, "boundary")]),
    usedBefore: response.bodyUsed,
    hasBody: response.body !== null,
    text: (await response.text()).replace(/----.*/g, "boundary"),
    usedAfter: response.bodyUsed,
  };
}

const form = new FormData();
form.set("a", "ä");

const bodies: Record<string, () => unknown> = {
  nothing: () => undefined,
  null: () => null,
  "an empty string": () => "",
  text: () => "hällo",
  "text with a byte order mark": () => "\ufeffabc",
  "a lone surrogate": () => "a\ud800b",
  bytes: () => encoder.encode("bytes"),
  "bytes that are no UTF-8": () => new Uint8Array([0x61, 0xff, 0x62]),
  "part of a buffer": () => new DataView(encoder.encode("xpartx").buffer, 1, 4),
  "an ArrayBuffer": () => encoder.encode("buffer").buffer,
  URLSearchParams: () => new URLSearchParams({ a: "1 2" }),
  "a Blob": () => new Blob(["blob"], { type: "text/css" }),
  "a Blob without type": () => new Blob(["blob"]),
  FormData: () => form,
  "a stream": () => new Blob(["stream"]).stream(),
  "a number": () => 12,
};
const inits: (ResponseInit | undefined)[] = [
  undefined,
  {},
  { status: 201, statusText: "Made" },
  { headers: { "X-A": "1", "content-type": "text/x" } },
  {
    headers: [
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
    ],
  },
];

describe("Response", () => {
  it.each(Object.entries(bodies))("shows what the platform's does: %s", async (_, body) => {
    for (const init of inits) {
      const ours = new Response(body() as string, init as object);
      const theirs = new Platform(body() as string, init);
      expect(await shown(ours)).toEqual(await shown(theirs));
    }
  });

  it.each([
    ["", { status: 199 }],
    ["", { status: 600 }],
    ["", { status: Number.NaN }],
    ["x", { status: 204 }],
    ["", { status: 205 }],
    ["x", { status: 304 }],
    ["", { statusText: "a\r\nb" }],
    ["", { headers: { "a b": "c" } }],
    ["", { headers: { a: "b\r\nc" } }],
  ])("refuses new Response(%j, %j) with the platform's kind of error", (body, init) => {
    const kind = (act: () => unknown): string => {
      try {
        act();
      } catch (error) {
        return (error as Error).name;
      }
      return "none";
    };
    const theirs = kind(() => new Platform(body, init as ResponseInit));
    expect(theirs).not.toBe("none");
    expect(kind(() => new Response(body, init as object))).toBe(theirs);
  });

  it("makes neither Headers nor stream nor list for a plain text", () => {
    const response = new Response("text");
    expect(responseHeaderList(response)).toBe(textHeaders);
    response.headers.set("a", "b");
    expect(textHeaders).toEqual(["content-type", "text/plain;charset=UTF-8"]);
    expect(responseHeaderList(response)).toEqual([...textHeaders, "a", "b"]);
  });

  it("can be read once", async () => {
    const response = new Response("text");
    expect(await response.json().catch((error) => error.name)).toBe("SyntaxError");
    expect(response.bodyUsed).toBe(true);
    await expect(response.text()).rejects.toThrow(/read already/);
    expect(() => response.clone()).toThrow(TypeError);
    const empty = new Response();
    expect([await empty.text(), await empty.text(), empty.bodyUsed]).toEqual(["", "", false]);
  });

  it("can't be read while its stream is, nor afterwards", async () => {
    const response = new Response("text");
    const reader = (response.body as NonNullable<typeof response.body>).getReader();
    expect(response.bodyUsed).toBe(false);
    await expect(response.text()).rejects.toThrow(TypeError);
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("text");
    expect(response.bodyUsed).toBe(true);
    expect(() => new Response(response.body)).toThrow(TypeError);
  });

  it("gives no second reading by way of the stream", async () => {
    const response = new Response("text");
    await response.text();
    const pieces = [];
    for await (const piece of response.body as NonNullable<typeof response.body>) pieces.push(piece);
    expect(pieces).toEqual([]);
  });

  it("clones text, bytes and streams", async () => {
    for (const body of ["text", encoder.encode("text"), new Blob(["text"]), new Blob(["text"]).stream()]) {
      const response = new Response(body as string, { status: 201, headers: { a: "b" } });
      const clone = response.clone();
      clone.headers.set("a", "c");
      expect(await clone.text()).toBe("text");
      expect(await response.text()).toBe("text");
      expect([response.headers.get("a"), clone.status]).toEqual(["b", 201]);
    }
  });

  it("copies bytes when it is made", async () => {
    const bytes = encoder.encode("abc");
    const response = new Response(bytes);
    bytes.fill(0);
    expect(await response.text()).toBe("abc");
  });

  it("takes async iterables of bytes and text", async () => {
    async function* pieces() {
      yield "ä";
      yield new Uint8Array();
      yield encoder.encode("b");
    }
    expect(await new Response(pieces()).text()).toBe("äb");
    const streamed = new Response(pieces()).body as ReadableStream<Uint8Array>;
    expect(await new Platform(streamed).text()).toBe("äb");
    const wrong = new Response(Readable.from([1]) as AsyncIterable<never>);
    await expect(wrong.text()).rejects.toThrow(/a piece of a body must be text or a Uint8Array/);
  });

  it("reads forms, blobs, bytes and buffers", async () => {
    expect((await new Response(form).formData()).get("a")).toBe("ä");
    expect((await new Response(new URLSearchParams({ a: "1" })).formData()).get("a")).toBe("1");
    await expect(new Response("x").formData()).rejects.toThrow(TypeError);
    const blob = await new Response("b", { headers: { "content-type": "text/css" } }).blob();
    expect([await blob.text(), blob.type]).toEqual(["b", "text/css"]);
    expect(await new Response("b").bytes()).toEqual(encoder.encode("b"));
    expect((await new Response(encoder.encode("bb")).arrayBuffer()).byteLength).toBe(2);
  });

  it("has json, redirect and error as the platform has", async () => {
    expect(await shown(Response.json({ a: 1 }))).toEqual(await shown(Platform.json({ a: 1 })));
    const init = { status: 202, headers: { "content-type": "application/x+json" } };
    expect(await shown(Response.json([], init))).toEqual(await shown(Platform.json([], init)));
    expect(() => Response.json(undefined)).toThrow(TypeError);
    expect(await shown(Response.redirect("http://a.b/c d", 303))).toEqual(
      await shown(Platform.redirect("http://a.b/c d", 303)),
    );
    expect(() => Response.redirect("http://a.b", 200)).toThrow(RangeError);
    expect(() => Response.redirect("/relative")).toThrow(/absolute URL/);
    expect(() => Response.redirect("http://a.b").headers.set("a", "b")).toThrow(/immutable/);
    expect(await shown(Response.error())).toEqual(await shown(Platform.error()));
  });

  it("types json as unknown", () => {
    expectTypeOf(new Response("1").json()).resolves.toBeUnknown();
  });
});

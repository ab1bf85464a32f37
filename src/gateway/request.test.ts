import { describe, expect, it } from "vitest";
import { MemoryExchange, type MemoryExchangeOptions } from "./memory-exchange.ts";
import { Request } from "./request.ts";

function requestOf(target: string, options: MemoryExchangeOptions = {}): Request {
  return new Request(new MemoryExchange(target, options));
}

describe("Request.url", () => {
  it.each([
    ["/a/b?c=d&e=%20", {}, "http://localhost/a/b?c=d&e=%20"],
    ["/", { authority: "example.com:8080", scheme: "https" }, "https://example.com:8080/"],
    ["/", { authority: "example.com:80" }, "http://example.com/"],
    ["/", { authority: "127.0.0.1:8000" }, "http://127.0.0.1:8000/"],
    ["/", { authority: "[::1]:8000" }, "http://[::1]:8000/"],
    ["//evil.example/x", {}, "http://localhost//evil.example/x"],
    ["/a/../b/./c", {}, "http://localhost/b/c"],
    ["/a/%2e%2E/b", {}, "http://localhost/b"],
    ["/a?x='`{}|^", {}, new URL("http://localhost/a?x='`{}|^").href],
    ["/a[1]|^b", {}, new URL("http://localhost/a[1]|^b").href],
    ["http://other.example/p?q", { authority: "other.example" }, "http://other.example/p?q"],
    ["http://other.example?q", { authority: "other.example" }, "http://other.example/?q"],
    ["*", { method: "OPTIONS" }, "http://localhost/"],
    ["/", { authority: "", connection: { localAddress: "::1", localPort: 80 } }, "http://[::1]/"],
    ["/x", { authority: "", httpVersion: "1.0" }, "http://localhost/x"],
  ] as [string, MemoryExchangeOptions, string][])("of %s with %j", (target, options, url) => {
    const request = requestOf(target, options);
    expect(request.url).toBe(url);
    expect(new URL(request.url).href).toBe(url);
    expect(new globalThis.Request(request.url).url).toBe(url);
  });

  it("is a 400 for a host that no URL can name", () => {
    expect(() => requestOf("/", { authority: "256.256.256.256" }).url).toThrow(
      expect.objectContaining({ name: "RequestError", status: 400, code: "bad-host" }),
    );
  });
});

describe("Request", () => {
  it("shows the fields, with cookies of several lines joined as cookies are", () => {
    const exchange = new MemoryExchange("/", {
      headers: [
        ["cookie", "a=1"],
        ["X-A", "1"],
        ["cookie", "b=2"],
        ["x-a", "2"],
      ],
    });
    const request = new Request(exchange);
    expect(request.headers.get("cookie")).toBe("a=1; b=2");
    expect(request.headers.get("x-a")).toBe("1, 2");
    request.headers.set("x-a", "3");
    expect(request.headers.get("x-a")).toBe("3");
    expect(exchange.headers.get("x-a")).toBe("1, 2");
  });

  it("reads its body as text, JSON, bytes, a form and a stream", async () => {
    expect(await requestOf("/", { body: "hällo" }).text()).toBe("hällo");
    expect(await requestOf("/", { body: '{"a":1}' }).json()).toEqual({ a: 1 });
    expect(await requestOf("/", { body: new Uint8Array([1, 2]) }).bytes()).toEqual(new Uint8Array([1, 2]));
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    expect((await requestOf("/", { body: "a=1", headers }).formData()).get("a")).toBe("1");
    const streamed = requestOf("/", { body: "abc" });
    expect(await new Response(streamed.body).text()).toBe("abc");
    expect(streamed.bodyUsed).toBe(true);
    await expect(streamed.text()).rejects.toThrow(TypeError);
  });

  it("reads what comes in pieces", async () => {
    async function* pieces() {
      yield "a";
      yield new Uint8Array([98]);
    }
    expect(await requestOf("/", { body: pieces() }).text()).toBe("ab");
    expect(await new Response(requestOf("/", { body: pieces() }).body).text()).toBe("ab");
  });

  it("has no body where there is none", async () => {
    const request = requestOf("/");
    expect(request.body).toBeNull();
    expect(await request.text()).toBe("");
    expect(request.bodyUsed).toBe(false);
  });

  it("passes on the engine's errors", async () => {
    const tooLarge = requestOf("/", { body: "abcdef", maxBodyBytes: 5 });
    await expect(tooLarge.text()).rejects.toMatchObject({ name: "RequestError", status: 413 });
    const streamed = requestOf("/", { body: "abcdef", maxBodyBytes: 5 });
    await expect(new Response(streamed.body).text()).rejects.toMatchObject({ status: 413 });
  });

  it("aborts its signal when the client goes", () => {
    const exchange = new MemoryExchange("/");
    const { signal } = new Request(exchange);
    expect(signal.aborted).toBe(false);
    exchange.disconnect();
    expect(signal.aborted).toBe(true);
  });
});

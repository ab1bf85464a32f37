import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { runInNewContext } from "node:vm";
import * as zlib from "node:zlib";
import { describe, expect, expectTypeOf, it, onTestFinished, vi } from "vitest";
import { serve, type TestServer } from "../../../test/http/serve.ts";
import { bodyOf, statuses } from "../../../test/support/raw-client.ts";
import { until } from "../../../test/support/until.ts";
import type { HttpServerOptions } from "../../http/server.ts";
import type { Protocol } from "../../net/transport/transport.ts";
import { Headers } from "../headers.ts";
import { MemoryExchange } from "../memory-exchange.ts";
import { Request } from "../request.ts";
import { Response } from "../response.ts";
import { type FetchTarget, fetchApplication } from "./fetch-application.ts";
import type { FetchContext } from "./fetch-context.ts";

const Platform = globalThis.Response;
const encoder = new TextEncoder();

interface FetchServer extends TestServer {
  readonly url: string;
}

async function serveFetch(target: FetchTarget, options?: HttpServerOptions): Promise<FetchServer> {
  const application = fetchApplication(target);
  const server = await serve((exchange) => application.handleExchange(exchange), options);
  return { ...server, url: `http://127.0.0.1:${server.port}` };
}

/** Asks once over a raw connection, for what `fetch` would not show. */
async function askRaw(target: FetchTarget, sent = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n") {
  const { open, errors } = await serveFetch(target);
  const client = await open();
  const received = await client.send(sent).untilEnd();
  return { received, status: statuses(received)[0], body: bodyOf(received), errors, ended: client.ended };
}

/** A promise and what settles it. */
function gate(): { promise: Promise<void>; open: () => void } {
  let open = () => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

describe("what is taken", () => {
  it("is a function, or an object whose method fetch is called on it", async () => {
    class App {
      readonly #name = "app";
      fetch(): Response {
        return new Response(this.#name);
      }
    }
    for (const target of [() => new Response("app"), async () => new Platform("app"), new App()]) {
      const { url } = await serveFetch(target);
      expect(await (await fetch(url)).text()).toBe("app");
    }
  });

  it("is nothing else", () => {
    for (const target of [undefined, null, {}, { fetch: 1 }, "app"]) {
      expect(() => fetchApplication(target as never)).toThrow(/a function, or an object with a method fetch/);
    }
  });

  it("may be typed with the platform's classes", () => {
    const handler = async (request: globalThis.Request): Promise<globalThis.Response> =>
      new Platform(request.url);
    expectTypeOf(handler).toExtend<FetchTarget>();
    const app = {
      port: 1,
      fetch: (
        request: globalThis.Request,
        _env?: unknown,
        _ctx?: { waitUntil(promise: Promise<unknown>): void },
      ) => new Platform(request.url),
    };
    expectTypeOf(app).toExtend<FetchTarget>();
    expectTypeOf<Request>().toExtend<globalThis.Request>();
    expectTypeOf((_: Request, __: FetchContext) => Response.json(1)).toExtend<FetchTarget>();
  });
});

describe("the request", () => {
  it("is an instance of the platform's class and of Socle's, and its headers are", async () => {
    const seen: unknown[] = [];
    const { url } = await serveFetch((request) => {
      seen.push(request instanceof globalThis.Request, request instanceof Request);
      seen.push(request.headers instanceof globalThis.Headers, request.headers instanceof Headers);
      return new Response();
    });
    await fetch(url);
    expect(seen).toEqual([true, true, true, true]);
    expect(new Response()).toBeInstanceOf(Platform);
    expect(new Platform()).toBeInstanceOf(Response);
    expect(new globalThis.Request("http://a")).toBeInstanceOf(Request);
    expect(new globalThis.Headers()).toBeInstanceOf(Headers);
    class Derived extends Response {}
    expect(new Platform()).not.toBeInstanceOf(Derived);
    expect(new Derived()).toBeInstanceOf(Derived);
    expect({}).not.toBeInstanceOf(Response);
  });

  it("has method, URL, headers and a body in either direction, also as a stream", async () => {
    const { url } = await serveFetch(async (request) => {
      const { method, headers } = request;
      if (new URL(request.url).pathname === "/echo") {
        return new Response(request.body, { headers: { "content-type": headers.get("content-type") ?? "" } });
      }
      return Response.json({ method, url: request.url, a: headers.get("x-a"), body: await request.json() });
    });
    const init = { method: "PUT", headers: { "x-a": "1" }, body: JSON.stringify({ b: [2] }) };
    const answer = await fetch(`${url}/p?q=%20`, init);
    expect(answer.headers.get("content-length")).not.toBeNull();
    expect(await answer.json()).toEqual({ method: "PUT", url: `${url}/p?q=%20`, a: "1", body: { b: [2] } });

    const chunks = ["one", "two", "three"];
    const body = new ReadableStream({
      pull(controller) {
        const chunk = chunks.shift();
        if (chunk === undefined) controller.close();
        else controller.enqueue(encoder.encode(chunk));
      },
    });
    const echo = await fetch(`${url}/echo`, {
      method: "POST",
      body,
      duplex: "half",
      headers: { "content-type": "text/x" },
    } as RequestInit);
    expect([echo.headers.get("content-type"), await echo.text()]).toEqual(["text/x", "onetwothree"]);
  });

  it("can be the init of a platform's request, as a mounted application's is made", async () => {
    const { url } = await serveFetch(async (request) => {
      const copy = new globalThis.Request("http://other.example/x", request as unknown as RequestInit);
      return new Response(`${copy.method} ${copy.headers.get("x-a")} ${await copy.text()}`);
    });
    const answer = await fetch(url, { method: "POST", body: "body", headers: { "x-a": "1" } });
    expect(await answer.text()).toBe("POST 1 body");
  });

  it("has no body for GET, as in the standard, even if the client sent one", async () => {
    const { body, status } = await askRaw(
      async (request) => new Response(`${request.body} ${JSON.stringify(await request.text())}`),
      "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 3\r\n\r\nabc",
    );
    expect([status, body]).toEqual([200, 'null ""']);
  });

  it("can be cloned before it is read, and says what a Request says by default", async () => {
    const { url } = await serveFetch(async (request) => {
      const clone = request.clone();
      const { mode, credentials, cache, redirect, referrer, referrerPolicy, integrity, keepalive } = clone;
      clone.headers.set("x-a", "changed");
      return Response.json([
        await clone.text(),
        await request.text(),
        [request.headers.get("x-a"), clone.headers.get("x-a"), clone.url === request.url],
        { mode, credentials, cache, redirect, referrer, referrerPolicy, integrity, keepalive },
        [clone.destination, clone.duplex, clone.isReloadNavigation, clone.isHistoryNavigation],
      ]);
    });
    const expected = new globalThis.Request("http://a");
    const { mode, credentials, cache, redirect, referrer, referrerPolicy, integrity, keepalive } = expected;
    const answer = await fetch(url, { method: "POST", body: "twice", headers: { "x-a": "1" } });
    expect(await answer.json()).toEqual([
      "twice",
      "twice",
      ["1", "changed", true],
      { mode, credentials, cache, redirect, referrer, referrerPolicy, integrity, keepalive },
      ["", "half", false, false],
    ]);
  });

  it("may be given members of an application's own, also under the names of srvx's", async () => {
    const { url } = await serveFetch((request) => {
      const own = request as Request & { ip?: string; params?: object; waitUntil?: unknown };
      const { ip } = own;
      Object.assign(own, { ip: "1.2.3.4", params: { id: 1 }, waitUntil: 5 });
      return Response.json([ip, own.ip, own.params, own.waitUntil]);
    });
    expect(await (await fetch(url)).json()).toEqual(["127.0.0.1", "1.2.3.4", { id: 1 }, 5]);
  });
});

describe("the answer", () => {
  it("keeps each Set-Cookie apart, from either class", async () => {
    const headers = [
      ["set-cookie", "a=1; Path=/"],
      ["set-cookie", "b=2; Expires=Wed, 09 Jun 2027 10:18:14 GMT"],
    ] as [string, string][];
    for (const Class of [Response, Platform]) {
      const { url } = await serveFetch(() => new Class("x", { headers }) as Response);
      const answer = await fetch(url);
      expect(answer.headers.getSetCookie()).toEqual(headers.map(([, value]) => value));
    }
  });

  it("of the platform's class has a length where its body is text, bytes or JSON", async () => {
    for (const make of [
      () => new Platform("täxt"),
      () => new Platform(encoder.encode("täxt")),
      () => Platform.json("täxt"),
      () => new Platform("x".repeat(200_000)),
      () => new Platform(""),
      () => new Platform(null, { status: 201 }),
    ]) {
      const { received, body } = await askRaw(make);
      const expected = Buffer.from(await make().arrayBuffer());
      expect(received).toContain(`content-length: ${expected.length}\r\n`);
      expect(Buffer.from(body, "latin1").equals(expected)).toBe(true);
    }
  });

  it("of other realms and other makes is taken by its shape", async () => {
    const foreign = runInNewContext(
      `class Response { status = 203; url = ""; bodyUsed = false; headers = [["a", "b"]]; body = null; get [Symbol.toStringTag]() { return "Response" } }
      new Response()`,
    );
    const { url } = await serveFetch(() => foreign);
    const answer = await fetch(url);
    expect([answer.status, answer.headers.get("a")]).toEqual([203, "b"]);
  });

  it("leaves at once, piece by piece, where it is a stream", async () => {
    for (const Class of [Response, Platform]) {
      const more = gate();
      async function* events() {
        yield encoder.encode("data: 1\n\n");
        await more.promise;
        yield encoder.encode("data: 2\n\n");
      }
      const stream = ReadableStream.from(events());
      const headers = { "content-type": "text/event-stream" };
      const { url } = await serveFetch(() => new Class(stream as never, { headers }) as Response);
      const reader = ((await fetch(url)).body as ReadableStream<Uint8Array>)
        .pipeThrough(new TextDecoderStream() as never)
        .getReader() as ReadableStreamDefaultReader<string>;
      expect((await reader.read()).value).toBe("data: 1\n\n");
      more.open();
      expect((await reader.read()).value).toBe("data: 2\n\n");
      expect((await reader.read()).done).toBe(true);
    }
  });

  it("begins before the first piece of a stream is there", async () => {
    const first = gate();
    const { url } = await serveFetch(
      () =>
        new Platform(
          new ReadableStream({
            async pull(controller) {
              await first.promise;
              controller.enqueue(encoder.encode("late"));
              controller.close();
            },
          }),
          { status: 202 },
        ),
    );
    const answer = await fetch(url);
    expect(answer.status).toBe(202);
    first.open();
    expect(await answer.text()).toBe("late");
  });

  it("to HEAD has no body, and a stream is cancelled", async () => {
    let cancelled = false;
    const stream = new ReadableStream({
      cancel() {
        cancelled = true;
      },
    });
    const { received } = await askRaw(
      () => new Platform(stream, { headers: { "x-a": "1" } }),
      "HEAD / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    );
    expect(received).toContain("x-a: 1\r\n");
    expect([bodyOf(received), cancelled]).toEqual(["", true]);
  });
});

describe("the second argument", () => {
  it("is the third as well, and knows the connection", async () => {
    const { url } = await serveFetch((_request, context, again) => {
      const { remoteAddress, localAddress, localPort, tls, httpVersion, upgradeOffer } = context;
      const known = { remoteAddress, localAddress, localPort, httpVersion, upgradeOffer };
      const port = context.remotePort as number;
      return Response.json({
        ...known,
        same: context === again,
        tls: tls ?? "none",
        bun: { ...context.requestIP(), port: context.requestIP()?.port === port },
        deno: { ...context.remoteAddr, port: context.remoteAddr?.port === port },
        hono: [context.incoming.socket.remoteAddress, context.incoming.socket.remoteFamily],
        passThrough: String(context.passThroughOnException()),
      });
    });
    expect(await (await fetch(url)).json()).toEqual({
      remoteAddress: "127.0.0.1",
      localAddress: "127.0.0.1",
      localPort: Number(new URL(url).port),
      httpVersion: "1.1",
      upgradeOffer: null,
      same: true,
      tls: "none",
      bun: { address: "127.0.0.1", port: true, family: "IPv4" },
      deno: { transport: "tcp", hostname: "127.0.0.1", port: true },
      hono: ["127.0.0.1", "IPv4"],
      passThrough: "undefined",
    });
  });

  it("knows of no address where there is none", () => {
    let shown: unknown;
    fetchApplication((_, context) => {
      shown = [
        context.remoteAddress,
        context.requestIP(),
        context.remoteAddr,
        context.incoming.socket.remoteFamily,
      ];
      return new Response();
    }).handleExchange(new MemoryExchange("/"));
    expect(shown).toEqual([undefined, null, undefined, undefined]);
  });

  it("gives the connection away for another protocol", async () => {
    const { received, errors } = await askRaw((_request, context) => {
      const transport = context.upgrade("echo", { "x-a": "1" });
      const protocol: Protocol = {
        onData: (chunk) => void transport.write(chunk.slice()),
        onEnd: () => transport.end(),
        onDrain() {},
        onClose() {},
      };
      transport.start(protocol);
      transport.write("hi ");
      setImmediate(() => transport.close());
      return new Response("ignored", { status: 500 });
    }, "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n");
    expect(received).toMatch(/^HTTP\/1\.1 101 .*\r\nx-a: 1\r\n\r\nhi $/s);
    expect(errors).toEqual([]);
  });

  it("refuses an upgrade that nobody has asked for, or Bun's way of asking", async () => {
    for (const [argument, message] of [
      ["websocket", /offered no other protocol/],
      [{}, /takes the protocol's name/],
    ] as const) {
      const { status, errors } = await askRaw((_request, context) => {
        context.upgrade(argument as string);
        return new Response();
      });
      expect([status, errors]).toEqual([
        500,
        [expect.objectContaining({ message: expect.stringMatching(message) })],
      ]);
    }
  });

  it("lets a stopping worker wait for work, and tells of its failure in one line", async () => {
    const written = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => written.mockRestore());
    const work = gate();
    const application = fetchApplication((request, { waitUntil }) => {
      const later = () => new Promise((_, reject) => setImmediate(reject, new Error("later\n  too")));
      waitUntil(work.promise.then(() => waitUntil(later())));
      (request as Request & { waitUntil: typeof waitUntil }).waitUntil(Promise.reject(new Error("bad")));
      waitUntil("no promise");
      return new Response("done");
    });
    const exchange = new MemoryExchange("/a%s");
    application.handleExchange(exchange);
    expect(exchange.takeText()).toBe("done");
    let stopped = false;
    const stopping = Promise.resolve(application.stop?.()).then(() => {
      stopped = true;
    });
    await until(() => written.mock.calls.length === 1);
    expect(stopped).toBe(false);
    work.open();
    await stopping;
    expect(written.mock.calls).toEqual([
      [expect.any(String), "GET /a%s", "Error: bad"],
      [expect.any(String), "GET /a%s", "Error: later too"],
    ]);
  });
});

describe("an application's fault", () => {
  it.each([
    [undefined, /returned undefined, and must return a Response/],
    ["text", /returned a string/],
    [{ status: 200 }, /returned a plain object/],
    [new URL("http://a"), /returned an object of the class URL/],
    [Promise.resolve(null), /returned null/],
  ])("is an answer that is no Response: %s", async (answer, message) => {
    const { status, body, errors } = await askRaw((() => answer) as unknown as FetchTarget);
    expect([status, body]).toEqual([500, "Internal Server Error\n"]);
    expect(errors).toEqual([
      expect.objectContaining({ name: "TypeError", message: expect.stringMatching(message) }),
    ]);
  });

  it("is what it throws, at once and later", async () => {
    const error = new Error("secret");
    for (const target of [
      () => {
        throw error;
      },
      async () => {
        await null;
        throw error;
      },
      () =>
        new Platform(
          new ReadableStream({
            pull() {
              throw error;
            },
          }),
        ),
    ]) {
      const { status, received, errors } = await askRaw(target as FetchTarget);
      expect([status, errors]).toEqual([500, [error]]);
      expect(received).not.toContain("secret");
    }
  });

  it("is a response that can't be sent", async () => {
    const sent = new Response("once");
    const used = new Platform("used");
    await used.text();
    for (const response of [Platform.error(), used, sent]) {
      if (response === sent) await askRaw(() => sent);
      const { status, errors } = await askRaw(() => response);
      expect([status, errors]).toEqual([500, [expect.any(TypeError)]]);
    }
  });

  it("cuts a stream that fails half way, and never ends it as if it were whole", async () => {
    const error = new Error("half way");
    for (const Class of [Response, Platform]) {
      const read = gate();
      const stream = new ReadableStream({
        async start(controller) {
          controller.enqueue(encoder.encode("first"));
          await read.promise;
          controller.error(error);
        },
      });
      const { open, errors } = await serveFetch(() => new Class(stream as never) as Response);
      const client = await open();
      client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
      await client.until((received) => received.includes("first"));
      read.open();
      const received = await client.untilEnd();
      expect(received).not.toContain("\r\n0\r\n");
      expect(errors).toEqual([error]);
    }
  });

  it("is not that the client sends too much, or what is malformed", async () => {
    const { url, errors, open } = await serveFetch(async (request) => new Response(await request.text()), {
      limits: { maxBodyBytes: 10 },
    });
    const answer = await fetch(url, { method: "POST", body: "x".repeat(11) });
    expect([answer.status, errors]).toEqual([413, []]);
    const client = await open();
    client.send("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n");
    expect(statuses(await client.untilEnd())).toEqual([400]);
    expect(errors).toEqual([]);
  });

  it("is not a host that no URL can name", async () => {
    const sent = "GET / HTTP/1.1\r\nhost: 256.256.256.256\r\nconnection: close\r\n\r\n";
    const { status, errors } = await askRaw((request) => new Response(request.url), sent);
    expect([status, errors]).toEqual([400, []]);
  });
});

describe("a client that leaves", () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);

  async function leaving(target: FetchTarget, sent = "GET / HTTP/1.1\r\nhost: a\r\n\r\n", come = "") {
    process.on("unhandledRejection", note);
    onTestFinished(() => void process.off("unhandledRejection", note));
    const server = await serveFetch(target);
    const client = await server.open();
    client.send(sent);
    return {
      server,
      async leave() {
        await client.until((received) => received.includes(come));
        // With a FIN alone it would not be gone at once.
        client.socket.resetAndDestroy();
        await until(() => server.server.connections === 0);
        await new Promise((resolve) => setImmediate(resolve));
        expect(unhandled).toEqual([]);
      },
    };
  }

  it("aborts the signal of a handler that still works, whose answer then goes nowhere", async () => {
    const called = gate();
    const answered = gate();
    let signal: AbortSignal | undefined;
    let cancelled = false;
    const { server, leave } = await leaving(async (request) => {
      signal = request.signal;
      called.open();
      await answered.promise;
      return new Platform(
        new ReadableStream({
          cancel() {
            cancelled = true;
          },
        }),
      );
    });
    await called.promise;
    expect(signal?.aborted).toBe(false);
    await leave();
    expect(signal?.aborted).toBe(true);
    expect(signal?.reason).toMatchObject({ name: "AbortError" });
    answered.open();
    await until(() => cancelled);
    expect(server.errors).toEqual([]);
  });

  it("is no fault of a handler that gives up with the signal's reason, and one that fails otherwise is told", async () => {
    const other = new Error("other");
    for (const reason of [undefined, other]) {
      const called = gate();
      const { server, leave } = await leaving(async ({ signal }) => {
        called.open();
        await new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(reason ?? signal.reason));
        });
        return new Response();
      });
      await called.promise;
      await leave();
      expect(server.errors).toEqual(reason === undefined ? [] : [other]);
    }
  });

  it("ends the wait for a body that will not come", async () => {
    const failed = vi.fn();
    const { server, leave } = await leaving(async (request) => {
      await request.text().catch((error) => {
        failed(error.name, error.status);
        throw error;
      });
      return new Response();
    }, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc");
    await until(() => server.server.connections === 1);
    await leave();
    await until(() => failed.mock.calls.length === 1);
    expect(failed).toHaveBeenCalledWith("RequestError", 400);
    expect(server.errors).toEqual([]);
  });

  it("cancels a stream that is being sent, waiting or blocked", async () => {
    for (const size of [1, 1 << 20]) {
      let cancelled = false;
      const stream = new ReadableStream({
        pull: (controller) => {
          if (size > 1) controller.enqueue(new Uint8Array(size));
        },
        start: (controller) => controller.enqueue(new Uint8Array(size)),
        cancel() {
          cancelled = true;
        },
      });
      const { server, leave } = await leaving(() => new Platform(stream), undefined, "\r\n\r\n");
      await leave();
      await until(() => cancelled);
      expect(server.errors).toEqual([]);
    }
  });
});

describe("a response of Socle's own", () => {
  it("loses the fields about the connection, which frameworks set for other hosts", async () => {
    const headers = { "Transfer-Encoding": "chunked", "keep-alive": "timeout=5", "x-a": "1" };
    const text = await askRaw(() => new Response("text", { headers }));
    expect([text.status, text.body, text.errors]).toEqual([200, "text", []]);
    expect(text.received).toContain("x-a: 1\r\n");
    expect(text.received).not.toMatch(/transfer-encoding|keep-alive/i);
    const stream = await askRaw(() => new Response(new Blob(["streamed"]).stream() as never, { headers }));
    expect([stream.status, unchunked(stream.received, stream.body), stream.errors]).toEqual([
      200,
      "streamed",
      [],
    ]);
  });

  it("may say that the connection ends, and nothing else of it", async () => {
    const asked = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    const closes = { connection: "close", "keep-alive": "timeout=5" };
    const closed = await askRaw(() => new Response("text", { headers: closes }), asked);
    expect([closed.status, closed.errors]).toEqual([200, []]);
    expect(closed.received).toMatch(/\r\nconnection: close\r\n/i);
    const odd = await askRaw(() => new Response("text", { headers: { connection: "x-hop" } }));
    expect([odd.status, odd.errors]).toEqual([200, []]);
    expect(odd.received).not.toContain("x-hop");
  });
});

describe("a response that fetch has brought", () => {
  const text = "proxied ".repeat(100);
  const codings: Record<string, (data: string) => Buffer> = {
    gzip: zlib.gzipSync,
    deflate: zlib.deflateSync,
    br: zlib.brotliCompressSync,
    "gzip, br": (data) => zlib.brotliCompressSync(zlib.gzipSync(data)),
    ...("zstdCompressSync" in zlib ? { zstd: zlib.zstdCompressSync as (data: string) => Buffer } : {}),
  };

  async function upstream(): Promise<string> {
    const server = createServer((request, response) => {
      const coding = decodeURIComponent(request.url?.slice(1) ?? "");
      const coded = codings[coding]?.(text) ?? Buffer.from(text);
      response.setHeader("etag", '"1"');
      if (coding !== "") response.setHeader("content-encoding", coding);
      response.setHeader("set-cookie", ["a=1", "b=2"]);
      response.setHeader("x-hop", "1");
      response.setHeader("connection", "keep-alive, x-hop");
      response.setHeader("content-length", coded.length);
      response.end(request.method === "HEAD" ? undefined : coded);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close().closeAllConnections());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it.each(Object.keys(codings))("is passed on decoded, and says so: %s", async (coding) => {
    const origin = await upstream();
    const { received, body, errors } = await askRaw(() => fetch(`${origin}/${encodeURIComponent(coding)}`));
    expect(errors).toEqual([]);
    expect(received).not.toMatch(/\r\ncontent-encoding:|x-hop|\r\nkeep-alive/i);
    expect(received).toMatch(/\r\netag: "1"\r\n/);
    expect(received.match(/\r\nset-cookie: /g)).toHaveLength(2);
    expect(unchunked(received, body)).toBe(text);
  });

  it("keeps its length where nothing was decoded, and its coding where nobody could", async () => {
    const origin = await upstream();
    const plain = await askRaw(() => fetch(origin));
    expect(plain.received).toContain(`content-length: ${text.length}\r\n`);
    expect(plain.body).toBe(text);
    const unknown = await askRaw(() => fetch(`${origin}/x-unknown`));
    expect(unknown.received).toContain("content-encoding: x-unknown\r\n");
    expect(unknown.body).toBe(text);
    const head = await askRaw(
      () => fetch(`${origin}/gzip`, { method: "HEAD" }),
      "HEAD / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    );
    expect(head.received).toMatch(/content-encoding: gzip\r\n/);
    expect(head.errors).toEqual([]);
  });

  it("keeps the coding that an application has given its own response", async () => {
    const coded = zlib.gzipSync(text);
    const { url } = await serveFetch(() => new Platform(coded, { headers: { "content-encoding": "gzip" } }));
    const answer = await fetch(url);
    expect([answer.headers.get("content-encoding"), await answer.text()]).toEqual(["gzip", text]);
  });

  it("is cut when it breaks off half way", async () => {
    const broken = createServer((_request, response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("half");
      setImmediate(() => setImmediate(() => response.destroy()));
    }).listen(0, "127.0.0.1");
    await once(broken, "listening");
    onTestFinished(() => void broken.close().closeAllConnections());
    const { port } = broken.address() as AddressInfo;
    const { received, errors } = await askRaw(() => fetch(`http://127.0.0.1:${port}`));
    expect(errors).toHaveLength(1);
    if (statuses(received)[0] === 200) expect(bodyOf(received).length).toBeLessThan(100);
    else expect(statuses(received)).toEqual([500]);
  });
});

/** The content of an answer, chunked or not. */
function unchunked(received: string, body: string): string {
  if (!/transfer-encoding: chunked/.test(received)) return body;
  let content = "";
  for (let at = 0; ; ) {
    const lineEnd = body.indexOf("\r\n", at);
    const size = Number.parseInt(body.slice(at, lineEnd), 16);
    if (size === 0) return content;
    content += body.slice(lineEnd + 2, lineEnd + 2 + size);
    at = lineEnd + 2 + size + 2;
  }
}

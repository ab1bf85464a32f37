import { describe, expect, it } from "vitest";
import type { Exchange, ExchangeHandler } from "../../http/exchange.ts";
import { toFetchHandler } from "./fetch-exchange.ts";

/** What becomes of a request, and what was reported. */
async function answerOf(
  handler: ExchangeHandler,
  request: Request = new Request("http://localhost/"),
  ...rest: unknown[]
) {
  const errors: unknown[] = [];
  const fetch = toFetchHandler({ handleExchange: handler }, { onError: (error) => errors.push(error) });
  return { response: await fetch(request, ...rest), errors };
}

/** What a handler gets to see. */
async function seenBy(request: Request): Promise<Exchange> {
  let seen: Exchange | undefined;
  await answerOf((exchange) => {
    seen = exchange;
    exchange.respond(200, [], null);
  }, request);
  return seen as Exchange;
}

describe("the exchange of a fetch handler", () => {
  it("has the request's parts", async () => {
    const exchange = await seenBy(new Request("https://Example.test:8443/a%20b?c=/d#e", { method: "PATCH" }));
    expect(exchange).toMatchObject({
      method: "PATCH",
      target: "/a%20b?c=/d",
      scheme: "https",
      authority: "example.test:8443",
      httpVersion: "1.1",
      body: null,
      connection: { encrypted: true, remoteAddress: undefined },
    });
    expect(exchange.headers.get("host")).toBe("example.test:8443");
    const plain = await seenBy(
      new Request("http://[::1]", {
        headers: [
          ["x", "1"],
          ["x", "2"],
        ],
      }),
    );
    expect(plain).toMatchObject({ target: "/", authority: "[::1]", connection: { encrypted: false } });
    expect(plain.headers.list).toEqual(["host", "[::1]", "x", "1, 2"]);
  });

  it("is refused for a host that the engine refuses", async () => {
    const { response, errors } = await answerOf(() => expect.unreachable(), new Request("http://a,b/"));
    expect([response.status, await response.text(), errors]).toEqual([
      400,
      "Host must be one host name or address, with or without a port\n",
      [],
    ]);
  });

  it("tells the length to HEAD, and none where there may be none", async () => {
    const head = await answerOf(
      (exchange) => exchange.respond(200, ["x", "y"], "four"),
      new Request("http://localhost/", { method: "HEAD" }),
    );
    expect([...head.response.headers]).toEqual([
      ["content-length", "4"],
      ["x", "y"],
    ]);
    const none = await answerOf((exchange) => exchange.respond(204, ["Content-Length", "0", "x", "y"], null));
    expect([...none.response.headers]).toEqual([["x", "y"]]);
    expect(none.response.body).toBeNull();
  });

  it("says of a text no more than the application has said", async () => {
    const untyped = await answerOf((exchange) => exchange.respond(200, [], "text"));
    expect([[...untyped.response.headers], await untyped.response.text()]).toEqual([[], "text"]);
    const typed = await answerOf((exchange) => exchange.respond(200, ["Content-Type", "a/b"], "text"));
    expect([...typed.response.headers]).toEqual([["content-type", "a/b"]]);
  });

  it("makes a writer wait for the reader", async () => {
    let written = 0;
    const { response } = await answerOf(async (exchange) => {
      const writer = exchange.start(200, []);
      for (; written < 100; written++) await writer.write(new Uint8Array(16 * 1024));
      writer.end();
    });
    await new Promise((resolve) => setImmediate(resolve));
    // As much as may wait, and the one that waits.
    expect(written).toBe(3);
    expect((await response.arrayBuffer()).byteLength).toBe(100 * 16 * 1024);
  });

  it("that is aborted is no whole answer", async () => {
    const { response } = await answerOf((exchange) => exchange.abort());
    expect(response.status).toBe(500);
    await expect(response.text()).rejects.toThrow("cut");
  });

  it("is lost when the reader goes, and when the request is aborted", async () => {
    let exchange: Exchange | undefined;
    const begin: ExchangeHandler = (each) => {
      exchange = each;
      void each.start(200, []).write("begun");
    };
    const { response } = await answerOf(begin);
    const { signal } = exchange as Exchange;
    expect(signal.aborted).toBe(false);
    await response.body?.cancel();
    expect([signal.aborted, exchange?.closed]).toEqual([true, true]);

    const client = new AbortController();
    client.abort();
    const early = await answerOf(
      (each) => {
        expect(each.closed).toBe(true);
      },
      new Request("http://localhost/", { signal: client.signal }),
    );
    expect([early.response.status, early.errors]).toEqual([499, []]);
  });

  it("is answered with 500 when the application throws, whenever it does", async () => {
    const fault = new Error("secret");
    for (const handler of [
      () => {
        throw fault;
      },
      () => Promise.reject(fault),
    ]) {
      const { response, errors } = await answerOf(handler);
      expect([response.status, await response.text(), errors]).toEqual([
        500,
        "Internal Server Error\n",
        [fault],
      ]);
    }
  });
});

describe("toFetchHandler", () => {
  it("starts the application once, before its first request", async () => {
    const order: string[] = [];
    let start = (): void => {};
    const fetch = toFetchHandler({
      start: () => {
        order.push("starting");
        return new Promise((resolve) => {
          start = resolve;
        });
      },
      handleExchange: (exchange) => {
        order.push(exchange.target);
        exchange.respond(200, [], null);
      },
    });
    const answers = [fetch(new Request("http://a/1")), fetch(new Request("http://a/2"))];
    await null;
    expect(order).toEqual(["starting"]);
    start();
    await Promise.all(answers);
    await fetch(new Request("http://a/3"));
    expect(order).toEqual(["starting", "/1", "/2", "/3"]);
  });

  it("answers with 500 when the application can't start", async () => {
    const errors: unknown[] = [];
    const fault = new Error("no database");
    const fetch = toFetchHandler(
      { start: () => Promise.reject(fault), handleExchange: () => expect.unreachable() },
      { onError: (error) => errors.push(error) },
    );
    expect((await fetch(new Request("http://a/"))).status).toBe(500);
    expect((await fetch(new Request("http://a/"))).status).toBe(500);
    expect(errors).toEqual([fault, fault]);
  });

  it("has a limit for bodies", async () => {
    const fetch = toFetchHandler(
      { handleExchange: async (exchange) => exchange.respond(200, [], await exchange.body!.bytes()) },
      { maxBodyBytes: 3, onError: () => {} },
    );
    const send = (body: string) => fetch(new Request("http://a/", { method: "POST", body }));
    expect(await (await send("abc")).text()).toBe("abc");
    expect((await send("abcd")).status).toBe(500);
  });
});

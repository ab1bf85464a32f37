import { describe, expect, it } from "vitest";
import { MemoryExchange } from "./memory-exchange.ts";

describe("MemoryExchange", () => {
  it("shows the request", () => {
    const exchange = new MemoryExchange("/x?y", {
      headers: { Host: "a.example", "X-A": "1" },
      body: "äb",
      scheme: "https",
    });
    expect(exchange).toMatchObject({ method: "POST", target: "/x?y", httpVersion: "1.1", scheme: "https" });
    expect(exchange.authority).toBe("a.example");
    expect(exchange.headers.get("x-a")).toBe("1");
    expect(exchange.headers.get("content-length")).toBe("3");
    expect(exchange.connection.encrypted).toBe(true);
  });

  it("keeps a whole answer", async () => {
    const exchange = new MemoryExchange("/");
    exchange.inform(103, ["link", "</a>; rel=preload"]);
    exchange.respond(201, ["x-a", "1"], "hällo");
    await exchange.finished;
    expect(exchange).toMatchObject({ started: true, closed: true, complete: true, aborted: false });
    expect([exchange.responseStatus, exchange.responseHeader("x-a"), exchange.takeText()]).toEqual([
      201,
      "1",
      "hällo",
    ]);
    expect(exchange.interimAnswers).toEqual([{ status: 103, headers: ["link", "</a>; rel=preload"] }]);
  });

  it("refuses what the engine refuses", () => {
    const refused = /^/;
    const error = (act: (exchange: MemoryExchange) => void): string => {
      const exchange = new MemoryExchange("/");
      try {
        act(exchange);
      } catch (thrown) {
        expect((thrown as Error).name).toBe("ExchangeError");
        expect((thrown as Error).message).toMatch(refused);
        return (thrown as Error).message;
      }
      return "nothing";
    };
    expect(error((x) => x.respond(99, [], ""))).toMatch(/200 to 599/);
    expect(error((x) => x.respond(200.5, [], ""))).toMatch(/200 to 599/);
    expect(error((x) => x.respond(200, ["a b", "c"], ""))).toMatch(/"a b"/);
    expect(error((x) => x.respond(200, ["a", "c\r\nd: e"], ""))).toMatch(/"a"/);
    expect(error((x) => x.respond(200, ["transfer-encoding", "chunked"], ""))).toMatch(/transfer-encoding/);
    expect(error((x) => x.respond(200, ["content-length", "2"], "abc"))).toMatch(/content-length/);
    expect(error((x) => x.inform(200, []))).toMatch(/102 to 199/);
    for (const again of [
      (x: MemoryExchange) => x.respond(200, [], ""),
      (x: MemoryExchange) => x.start(200, []),
      (x: MemoryExchange) => x.inform(103, []),
    ]) {
      expect(
        error((x) => {
          x.respond(204, [], null);
          again(x);
        }),
      ).toMatch(/begun/);
    }
    expect(
      error((x) => {
        const writer = x.start(200, []);
        writer.end();
        writer.write("x");
      }),
    ).toMatch(/after end/);
  });

  it("is not begun by an answer that was refused", () => {
    const exchange = new MemoryExchange("/");
    expect(() => exchange.respond(200, ["a", "\n"], "")).toThrow();
    expect(exchange.started).toBe(false);
    exchange.respond(500, [], "");
    expect(exchange.responseStatus).toBe(500);
  });

  it("holds an answer to its content-length", () => {
    const long = new MemoryExchange("/").start(200, ["Content-Length", "2"]);
    expect(() => long.write("abc")).toThrow(/announced 2/);
    const exchange = new MemoryExchange("/");
    const short = exchange.start(200, ["content-length", "2"]);
    short.write("a");
    expect(() => short.end()).toThrow(/announced 2/);
    expect(exchange).toMatchObject({ aborted: true, complete: false });
  });

  it("keeps no body for HEAD and 204", () => {
    const head = new MemoryExchange("/", { method: "HEAD" });
    const writer = head.start(200, ["content-length", "5"]);
    writer.write("hello");
    writer.end();
    const empty = new MemoryExchange("/");
    empty.respond(204, [], "x");
    expect([head.takeText(), head.complete, empty.takeText()]).toEqual(["", true, ""]);
  });

  it("makes a writer wait until what it wrote is taken", async () => {
    const exchange = new MemoryExchange("/", { highWaterMark: 3 });
    const writer = exchange.start(200, []);
    expect(writer.write("abc")).toBeUndefined();
    const waiting = writer.write("d");
    let went = false;
    waiting?.then(() => {
      went = true;
    });
    await Promise.resolve();
    expect(went).toBe(false);
    expect(exchange.takeText()).toBe("abcd");
    await waiting;
    writer.end(["x-check", "1"]);
    expect(exchange.responseTrailers).toEqual(["x-check", "1"]);
  });

  it("lets everyone go on when the client leaves", async () => {
    async function* never() {
      yield "a";
      await new Promise(() => {});
    }
    const exchange = new MemoryExchange("/", { body: never(), highWaterMark: 0 });
    const body = exchange.body as NonNullable<typeof exchange.body>;
    expect(await body.read()).toEqual(new Uint8Array([97]));
    const reading = body.read();
    const writer = exchange.start(200, []);
    const waiting = writer.write("x");
    exchange.disconnect();
    await waiting;
    await exchange.finished;
    await expect(reading).rejects.toMatchObject({ status: 400 });
    expect(exchange.signal.aborted).toBe(true);
    expect(writer.write("y")).toBeUndefined();
    writer.end();
    expect(exchange).toMatchObject({ closed: true, complete: false, aborted: false });
    const early = new MemoryExchange("/");
    early.disconnect();
    early.respond(200, [], "into the void");
    expect([early.takeText(), early.started]).toEqual(["", true]);
  });
});

import { createReadStream } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { serve, type TestServer } from "../../../test/http/serve.ts";
import { bodyOf, statuses } from "../../../test/support/raw-client.ts";
import { until } from "../../../test/support/until.ts";
import type { Environ } from "./environ.ts";
import { type WsgiOptions, wsgiApplication } from "./wsgi-application.ts";
import type { StartResponse, WsgiApplication, WsgiHeaders, WsgiIterable } from "./wsgi-interface.ts";

const encoder = new TextEncoder();
const bytes = (text: string) => encoder.encode(text);
const plain: WsgiHeaders = [["content-type", "text/plain"]];

/** A body of pieces that counts how often it was closed. */
class Body {
  readonly pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  closed = 0;
  onClose: () => void | Promise<void> = () => {};

  constructor(pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) {
    this.pieces = pieces;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    yield* this.pieces;
  }

  async close(): Promise<void> {
    this.closed++;
    await this.onClose();
  }
}

async function serveWsgi(app: WsgiApplication, options?: WsgiOptions): Promise<TestServer> {
  const application = wsgiApplication(app, options);
  return serve((exchange) => application.handleExchange(exchange));
}

const request = (method = "GET") => `${method} / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`;

/** Sends one request, and gives all that comes back. */
async function ask(app: WsgiApplication, sent = request()) {
  const { open, errors } = await serveWsgi(app);
  const client = await open();
  const received = await client.send(sent).untilEnd();
  return { received, status: statuses(received)[0], body: bodyOf(received), errors, ended: client.ended };
}

/** An application that starts with 200 and returns a body. */
const returning =
  (body: unknown, headers: WsgiHeaders = plain): WsgiApplication =>
  (_environ, startResponse) => {
    startResponse("200 OK", headers);
    return body as WsgiIterable;
  };

describe("an answer", () => {
  it("has a content-length where the body is an array of one piece", async () => {
    const { received, body } = await ask(returning([bytes("hello")]));
    expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(received).toContain("content-type: text/plain\r\ncontent-length: 5\r\n");
    expect(body).toBe("hello");
    expect((await ask(async (...given) => returning([bytes("later")])(...given))).received).toContain(
      "content-length: 5\r\n",
    );
  });

  it("has a content-length where the body is an empty array or an empty piece", async () => {
    for (const body of [[], [bytes("")], new Body([])]) {
      expect((await ask(returning(body))).received).toContain("content-length: 0\r\n");
    }
  });

  it("is chunked where the length is not known", async () => {
    function* generated() {
      yield bytes("a");
      yield bytes("");
      yield bytes("bc");
    }
    for (const body of [
      generated(),
      [bytes("a"), bytes("bc")],
      new Body(generated()),
      new Set(generated()),
    ]) {
      const { received, errors } = await ask(returning(body));
      expect(received).toContain("transfer-encoding: chunked\r\n");
      expect(bodyOf(received)).toBe("1\r\na\r\n2\r\nbc\r\n0\r\n\r\n");
      expect(errors).toEqual([]);
    }
  });

  it("has the length that the application announces", async () => {
    const { received, body } = await ask(
      returning(new Body([bytes("ab"), bytes("c")]), [["Content-Length", "3"]]),
    );
    expect(received).not.toContain("chunked");
    expect(body).toBe("abc");
  });

  it("takes fields in order, and again", async () => {
    const { received } = await ask(
      returning(
        [],
        [
          ["Set-Cookie", "a=1"],
          ["X-É".replace("É", "E"), "é"],
          ["Set-Cookie", "b=2"],
        ],
      ),
    );
    expect(received).toContain("Set-Cookie: a=1\r\nX-E: é\r\nSet-Cookie: b=2\r\n");
  });

  it("can be begun in the first step of the body", async () => {
    const app: WsgiApplication = async function* (_environ: Environ, startResponse: StartResponse) {
      startResponse("404 Nothing Here", plain);
      yield bytes("no");
    };
    expect(await ask(app)).toMatchObject({ status: 404, body: "2\r\nno\r\n0\r\n\r\n", errors: [] });
  });

  it("is of a stream, which is closed with it", async () => {
    const stream = createReadStream(fileURLToPath(import.meta.url));
    const { received } = await ask(returning(stream));
    expect(received).toContain("this text");
    expect(stream.destroyed).toBe(true);
  });

  it("begins with what write was given", async () => {
    const app: WsgiApplication = async (_environ, startResponse) => {
      const write = startResponse("200 OK", plain);
      await write(bytes(""));
      await write(bytes("one "));
      return [bytes("two")];
    };
    expect(await ask(app)).toMatchObject({ body: "4\r\none \r\n3\r\ntwo\r\n0\r\n\r\n", errors: [] });
  });

  it("echoes what wsgi.input has", async () => {
    const app: WsgiApplication = async ({ "wsgi.input": input }, startResponse) => {
      startResponse("200 OK", plain);
      return [await input.readline(), await input.read()];
    };
    const chunked =
      "POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n3\r\na\nb\r\n1\r\nc\r\n0\r\n\r\n";
    expect((await ask(app, chunked)).body).toBe("2\r\na\n\r\n2\r\nbc\r\n0\r\n\r\n");
  });

  it("is not ours where the application has taken the connection over", async () => {
    const app: WsgiApplication = (environ) => {
      const transport = environ["socle.exchange"].upgrade("echo", []);
      transport.start({
        onData: (chunk) => void transport.write(Buffer.from(chunk)),
        onEnd: () => transport.end(),
        onDrain: () => {},
        onClose: () => {},
      });
      return [];
    };
    const { open, errors } = await serveWsgi(app);
    const client = await open();
    client.send("GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n");
    await client.until((received) => received.includes("\r\n\r\n"));
    client.send("over").end();
    expect(bodyOf(await client.untilEnd())).toBe("over");
    expect(errors).toEqual([]);
  });

  it("comes in one write where requests are pipelined", async () => {
    const { open } = await serveWsgi(returning([bytes("x")]));
    const client = await open();
    const one = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    expect(statuses(await client.send(one + one + request()).untilEnd())).toEqual([200, 200, 200]);
  });
});

describe("an answer without a body", () => {
  it.each(["HEAD", "GET"])("to %s", async (method) => {
    let steps = 0;
    function* endless() {
      for (;;) {
        steps++;
        yield bytes("not sent");
      }
    }
    const body = new Body(endless());
    const app: WsgiApplication = (_environ, startResponse) => {
      startResponse(method === "HEAD" ? "200 OK" : "204 No Content", plain);
      return body;
    };
    const { received, errors } = await ask(app, request(method));
    expect(bodyOf(received)).toBe("");
    expect([steps, body.closed, errors]).toEqual([1, 1, []]);
  });

  it("to HEAD has the length that GET has", async () => {
    expect((await ask(returning([bytes("four")]), request("HEAD"))).received).toContain(
      "content-length: 4\r\n",
    );
    const empty = await ask(returning([bytes("")], [["content-length", "9"]]), request("HEAD"));
    expect(empty.received).toContain("content-length: 9\r\n");
    expect(empty.errors).toEqual([]);
  });
});

describe("startResponse", () => {
  it("sends nothing before the first piece that is not empty", async () => {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    async function* body() {
      yield bytes("");
      await released;
      yield bytes("x");
    }
    let started = (): boolean => false;
    const { open } = await serveWsgi((environ, startResponse) => {
      started = () => environ["socle.exchange"].started;
      startResponse("200 OK", plain);
      return body();
    });
    const client = await open();
    client.send(request());
    await new Promise(setImmediate);
    expect(started()).toBe(false);
    release();
    expect(bodyOf(await client.untilEnd())).toContain("x");
  });

  it("can be called again with the error, until the headers are sent", async () => {
    async function* body(startResponse: StartResponse) {
      try {
        yield bytes("");
        throw new Error("oops");
      } catch (error) {
        startResponse("500 Oops", [["x-error", "yes"]], error);
        yield bytes("sorry");
      }
    }
    const { received, errors } = await ask((_environ, startResponse) => {
      startResponse("200 OK", [["x-error", "no"]]);
      return body(startResponse);
    });
    expect(received).toMatch(/^HTTP\/1\.1 500 /);
    expect(received).toContain("x-error: yes\r\n");
    expect(received).not.toContain("x-error: no");
    expect(received).toContain("sorry");
    expect(errors).toEqual([]);
  });

  it("throws the error again once the headers are sent, and the connection is cut", async () => {
    const oops = new Error("oops");
    async function* body(startResponse: StartResponse) {
      yield bytes("begun");
      try {
        throw oops;
      } catch (error) {
        startResponse("500 Oops", plain, error);
        yield bytes("never");
      }
    }
    const { received, errors } = await ask((_environ, startResponse) => {
      startResponse("200 OK", plain);
      return body(startResponse);
    });
    expect(bodyOf(received)).not.toContain("never");
    expect(bodyOf(received)).not.toContain("0\r\n\r\n");
    expect(errors).toEqual([oops]);
  });

  it.each<[status: unknown, headers: unknown, message: string]>([
    ["200", [], '"200" is no status'],
    ["200OK", [], "is no status"],
    ["200  OK", [], "is no status"],
    ["200 OK\r\nx: y", [], "is no status"],
    ["199 Early", [], "from 200 to 599"],
    ["600 Late", [], "from 200 to 599"],
    [200, [], "the status is a number"],
    ["200 OK", { "content-type": "text/plain" }, "the headers are a plain object"],
    ["200 OK", ["content-type", "text/plain"], "no [name, value] pair"],
    ["200 OK", [["a", "b", "c"]], "no [name, value] pair"],
    ["200 OK", [["content-length", 5]], "a value of type number"],
    ["200 OK", [["a b", "c"]], "not a header name"],
    ["200 OK", [["a", "b\r\nc: d"]], "can't be sent: U+000D"],
    ["200 OK", [["a", "€"]], "can't be sent: U+20AC"],
    ["200 OK", [["Content-Length", "+1"]], "one decimal number"],
    ["200 OK", [["Connection", "close"]], "hop-by-hop"],
    ["200 OK", [["Transfer-Encoding", "chunked"]], "hop-by-hop"],
    ["200 OK", [["Upgrade", "x"]], "hop-by-hop"],
  ])("refuses %j with %j", async (status, headers, message) => {
    const answer = await ask((_environ, startResponse) => {
      startResponse(status as string, headers as WsgiHeaders);
      return [];
    });
    expect(answer).toMatchObject({ status: 500, errors: [{ name: "WsgiError" }] });
    expect((answer.errors[0] as Error).message).toContain(message);
    expect(answer.body).toBe("Internal Server Error\n");
  });
});

describe("a fault of the application", () => {
  const failing: [name: string, app: WsgiApplication, message: string][] = [
    [
      "throws",
      () => {
        throw new Error("oops");
      },
      "oops",
    ],
    ["rejects", () => Promise.reject(new Error("oops")), "oops"],
    ["never calls startResponse", () => [], "without calling startResponse"],
    ["never calls startResponse, and gives a piece", () => [bytes("x")], "before it called startResponse"],
    [
      "never calls startResponse, and gives pieces",
      () => [bytes("x"), bytes("y")],
      "before it called startResponse",
    ],
    [
      "never calls startResponse, and gives an empty piece",
      () => new Body([bytes("")]),
      "before it called startResponse",
    ],
    [
      "calls startResponse twice",
      (_environ, startResponse) => {
        startResponse("200 OK", plain);
        startResponse("200 OK", plain);
        return [];
      },
      "called twice",
    ],
    ["yields a string", returning(["text"]), "yielded a string: a body is bytes, encode text"],
    ["yields strings", returning(["text", "text"]), "yielded a string"],
    ["yields a promise", returning([Promise.resolve(bytes("x")), 1]), "yielded an object of class Promise"],
    ["returns a string", returning("text"), "returned a string"],
    ["returns bytes", returning(bytes("x")), "returned an object of class Uint8Array"],
    ["returns undefined", returning(undefined), "returned undefined"],
    ["returns an object", returning({ status: 200 }), "returned a plain object"],
    ["returns a Response", returning(new Response("x")), "returned an object of class Response"],
    ["announces more than it gives", returning([bytes("x")], [["content-length", "2"]]), "content-length"],
    ["announces less than it gives", returning([bytes("xyz")], [["content-length", "2"]]), "content-length"],
    [
      "writes a string",
      (_environ, startResponse) => {
        startResponse("200 OK", plain)("x" as unknown as Uint8Array);
        return [];
      },
      "wrote a string",
    ],
    [
      "fails in the first step",
      returning(
        // biome-ignore lint/correctness/useYield: what fails first gives nothing
        (function* () {
          throw new Error("oops");
        })(),
      ),
      "oops",
    ],
  ];

  it.each(failing)("that %s is one error and 500", async (_name, app, message) => {
    const { status, body, errors } = await ask(app);
    expect([status, body]).toEqual([500, "Internal Server Error\n"]);
    expect(errors).toHaveLength(1);
    expect((errors[0] as Error).message).toContain(message);
  });

  const late: [name: string, body: () => Iterable<unknown>, headers: WsgiHeaders, message: string][] = [
    [
      "throws",
      function* () {
        yield bytes("begun");
        throw new Error("oops");
      },
      plain,
      "oops",
    ],
    ["yields a string", () => [bytes("begun"), "text"], plain, "yielded a string"],
    ["gives too much", () => [bytes("begun"), bytes("more")], [["content-length", "6"]], "content-length"],
    ["gives too little", () => [bytes("begun"), bytes("")], [["content-length", "6"]], "content-length"],
  ];

  it.each(late)(
    "that %s once the answer is begun is one error, and the connection is cut",
    async (...given) => {
      const [, pieces, headers, message] = given;
      const body = new Body(pieces() as Iterable<Uint8Array>);
      const { received, errors } = await ask(returning(body, headers));
      expect(received).toContain("begun");
      expect(received).not.toContain("0\r\n\r\n");
      expect(errors).toHaveLength(1);
      expect((errors[0] as Error).message).toContain(message);
      expect(body.closed).toBe(1);
    },
  );

  it("in close() is one error, behind a whole answer", async () => {
    const body = new Body([bytes("whole")]);
    body.onClose = () => {
      throw new Error("oops");
    };
    const { received, errors } = await ask(returning(body));
    expect(bodyOf(received)).toBe("5\r\nwhole\r\n0\r\n\r\n");
    expect(errors).toMatchObject([{ message: "oops" }]);
  });

  it("is told where close() fails as well", async () => {
    const body = new Body(["text"] as unknown as Uint8Array[]);
    body.onClose = () => {
      throw new Error("second");
    };
    const { status, errors } = await ask(returning(body));
    expect(status).toBe(500);
    expect(errors).toMatchObject([{ name: "WsgiError" }]);
  });

  it("is not what the client does wrong: that has its own status", async () => {
    const app: WsgiApplication = async ({ "wsgi.input": input }, startResponse) => {
      const content = await input.read();
      startResponse("200 OK", plain);
      return [content];
    };
    const { status, body, errors } = await ask(
      app,
      "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nnonsense\r\n",
    );
    expect([status, errors]).toEqual([400, []]);
    expect(body).not.toContain("    at ");
  });
});

describe("close()", () => {
  it("is called once behind the answer, and a generator's finally is run", async () => {
    const steps: string[] = [];
    function* generated() {
      try {
        yield bytes("a");
        yield bytes("b");
      } finally {
        steps.push("finally");
      }
    }
    const body = new Body(generated());
    await ask(returning(body));
    expect([body.closed, steps]).toEqual([1, ["finally"]]);
  });

  it("is called for an array that has it", async () => {
    let closed = 0;
    const body = Object.assign([bytes("x")], { close: () => void closed++ });
    expect((await ask(returning(body))).received).toContain("content-length: 1\r\n");
    expect(closed).toBe(1);
  });

  /** Serves a body to a client that leaves once it is met with the head, or at once. */
  async function leave(
    body: WsgiIterable & { closed: number },
    when: "begun" | "asked",
    ready: () => boolean,
  ) {
    const { open, errors } = await serveWsgi(returning(body));
    const client = await open();
    client.send(request());
    if (when === "begun") await client.until((received) => received.includes("\r\n\r\n"));
    await until(ready);
    client.socket.resetAndDestroy();
    await until(() => body.closed > 0);
    await new Promise(setImmediate);
    expect(body.closed).toBe(1);
    expect(errors).toEqual([]);
  }

  it("is called when the client leaves a body that never ends", async () => {
    let finished = false;
    async function* endless() {
      try {
        for (;;) yield bytes("x".repeat(10_000));
      } finally {
        finished = true;
      }
    }
    await leave(new Body(endless()), "begun", () => true);
    expect(finished).toBe(true);
  });

  it("is called when the client leaves a body that hangs", async () => {
    let hanging = false;
    async function* hangs() {
      hanging = true;
      await new Promise(() => {});
      yield bytes("never");
    }
    await leave(new Body(hangs()), "asked", () => hanging);
  });

  /** Serves a body that is returned once the client has left. */
  async function returnLate(body: Body) {
    let asked = false;
    let left = (): boolean => false;
    const { open, errors } = await serveWsgi(async (environ, startResponse) => {
      const exchange = environ["socle.exchange"];
      left = () => exchange.closed;
      asked = true;
      await until(left);
      startResponse("200 OK", plain);
      return body;
    });
    const client = await open();
    client.send(request());
    await until(() => asked);
    client.socket.resetAndDestroy();
    await until(() => body.closed > 0);
    await new Promise(setImmediate);
    expect([left(), body.closed, errors]).toEqual([true, 1, []]);
  }

  it("is called when the client has left before there was a body, and a generator's finally is run", async () => {
    let finished = false;
    await returnLate(
      new Body(
        (function* () {
          try {
            yield bytes("x");
          } finally {
            finished = true;
          }
        })(),
      ),
    );
    expect(finished).toBe(true);
  });

  it("is called when the client has left before there was a body, and it hangs", async () => {
    async function* hangs() {
      await new Promise(() => {});
      yield bytes("never");
    }
    await returnLate(new Body(hangs()));
  });
});

it("holds the iterable while the client does not read", async () => {
  let given = 0;
  const piece = bytes("x".repeat(64 * 1024));
  function* endless() {
    for (;;) {
      given++;
      yield piece;
    }
  }
  const { open } = await serveWsgi(returning(new Body(endless())));
  const client = await open();
  client.socket.pause();
  client.send(request());
  let before = -1;
  await until(() => {
    const still = before === given && given > 0;
    before = given;
    return still;
  });
  client.socket.resume();
  const held = given;
  await until(() => given > held);
  client.close();
});

it("writes wsgi.errors where the options say", async () => {
  const lines: string[] = [];
  const errors = {
    write: (text: string) => void lines.push(text),
    writelines: (more: Iterable<string>) => void lines.push(...more),
    flush: () => {},
  };
  const { port } = await serveWsgi(
    ({ "wsgi.errors": log }, startResponse) => {
      log.write("one\n");
      log.writelines(["two\n", "three\n"]);
      log.flush();
      startResponse("204 No Content", []);
      return [];
    },
    { errors },
  );
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(204);
  expect(lines).toEqual(["one\n", "two\n", "three\n"]);
});

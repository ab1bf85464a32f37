import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it, vi } from "vitest";
import { serve } from "../../../test/http/serve.ts";
import { statuses } from "../../../test/support/raw-client.ts";
import { until } from "../../../test/support/until.ts";
import type { Exchange, ExchangeHandler, RequestBody } from "../../http/exchange.ts";
import { FieldSection } from "../../http/field-section.ts";
import type { Application } from "../application.ts";
import { MemoryExchange, type MemoryExchangeOptions } from "../memory-exchange.ts";
import { type Breach, type BreachCode, validate } from "./index.ts";
import { rules } from "./rules.ts";

const get = "GET /x?y HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
const head = get.replace("GET", "HEAD");
const post = "POST /x?y HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 3\r\n\r\nabc";
const upgrade = "GET /x?y HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n";
const large = new Uint8Array(64 * 1024);
const plain = ["content-type", "text/plain"];

/** Calls that fail as they should: what is refused is refused with the validator as well. */
function refused(call: () => unknown): void {
  expect(call).toThrow();
}

/** Answers one request over a socket, and gives what was reported and what came back. */
async function observe(handler: ExchangeHandler, sent = get) {
  const breaches: Breach[] = [];
  const application = validate({ handleExchange: handler }, { report: (breach) => breaches.push(breach) });
  const { open, errors } = await serve((exchange) => application.handleExchange(exchange));
  const client = await open();
  const received = await client.send(sent).end().untilEnd();
  return { breaches, received, errors };
}

const byApplication: [code: BreachCode, what: string, handler: ExchangeHandler, sent?: string][] = [
  ["bad-status", "a status below 200", (exchange) => refused(() => exchange.respond(150, [], ""))],
  ["bad-status", "a status that is no number", (exchange) => refused(() => exchange.start(Number.NaN, []))],
  ["bad-status", "an interim status of 200", (exchange) => refused(() => exchange.inform(200, []))],
  [
    "bad-header-list",
    "a name without a value",
    (exchange) => refused(() => exchange.respond(200, ["a"], "")),
  ],
  [
    "bad-header-list",
    "headers as an object",
    (exchange) => exchange.respond(200, { a: "b" } as unknown as string[], ""),
  ],
  [
    "bad-header",
    "a name that is no token",
    (exchange) => refused(() => exchange.respond(200, ["a b", "c"], "")),
  ],
  [
    "bad-header",
    "a value with a line end",
    (exchange) => refused(() => exchange.respond(200, ["a", "b\r\nc: d"], "")),
  ],
  ["bad-header", "a value beyond latin1", (exchange) => refused(() => exchange.start(200, ["a", "€"]))],
  [
    "bad-header",
    "a value that is no string",
    (exchange) => refused(() => exchange.respond(200, ["a", 1 as unknown as string], "")),
  ],
  [
    "hop-by-hop-header",
    "transfer-encoding",
    (exchange) => refused(() => exchange.respond(200, ["Transfer-Encoding", "chunked"], "")),
  ],
  [
    "hop-by-hop-header",
    "connection",
    (exchange) => refused(() => exchange.inform(103, ["connection", "close"])),
  ],
  [
    "bad-content-length",
    "a length that is no number",
    (exchange) => refused(() => exchange.respond(200, ["content-length", "0x1"], "a")),
  ],
  [
    "bad-content-length",
    "two lengths",
    (exchange) => refused(() => exchange.respond(200, ["content-length", "1", "content-length", "1"], "a")),
  ],
  [
    "headers-changed",
    "a list changed in the same turn",
    (exchange) => {
      const headers = ["a", "b"];
      exchange.respond(200, headers, "");
      headers.push("c", "d");
    },
  ],
  [
    "headers-changed",
    "a list changed while the body is written",
    async (exchange) => {
      const headers = ["a", "b"];
      const writer = exchange.start(200, headers);
      await null;
      headers[1] = "c";
      writer.end();
    },
  ],
  [
    "bad-body",
    "an object as body",
    (exchange) => exchange.respond(200, [], { text: "x" } as unknown as string),
  ],
  [
    "bad-body",
    "an object as a piece",
    (exchange) => {
      const writer = exchange.start(200, []);
      writer.write({ length: 0 } as unknown as string);
      writer.end();
    },
  ],
  ["body-not-allowed", "a body on 204", (exchange) => exchange.respond(204, [], "text")],
  ["body-not-allowed", "a body on 304", (exchange) => exchange.respond(304, [], large)],
  [
    "body-not-allowed",
    "pieces on 205",
    (exchange) => {
      const writer = exchange.start(205, []);
      writer.write("text");
      writer.end();
    },
  ],
  [
    "content-length-mismatch",
    "a body of another length",
    (exchange) => refused(() => exchange.respond(200, ["content-length", "3"], "äö")),
  ],
  [
    "content-length-mismatch",
    "too many pieces",
    (exchange) => {
      const writer = exchange.start(200, ["content-length", "3"]);
      writer.write("ab");
      refused(() => writer.write("cd"));
      exchange.abort();
    },
  ],
  [
    "content-length-mismatch",
    "too few pieces",
    (exchange) => {
      const writer = exchange.start(200, ["content-length", "3"]);
      writer.write("ab");
      refused(() => writer.end());
    },
  ],
  [
    "answered-twice",
    "respond after respond",
    (exchange) => {
      exchange.respond(200, [], "");
      refused(() => exchange.respond(200, [], ""));
    },
  ],
  [
    "answered-twice",
    "respond after start",
    (exchange) => {
      const writer = exchange.start(200, []);
      refused(() => exchange.respond(500, [], ""));
      writer.end();
    },
  ],
  [
    "inform-after-start",
    "an interim answer after the answer",
    (exchange) => {
      exchange.respond(200, [], "");
      refused(() => exchange.inform(103, []));
    },
  ],
  [
    "upgrade-not-offered",
    "an upgrade that nobody has offered",
    (exchange) => {
      refused(() => exchange.upgrade("websocket", []));
      exchange.respond(426, [], "");
    },
  ],
  [
    "upgrade-not-offered",
    "an upgrade to something else",
    (exchange) => {
      refused(() => exchange.upgrade("websocket", []));
      exchange.respond(200, [], "");
    },
    upgrade,
  ],
  [
    "write-after-end",
    "a piece behind the end",
    (exchange) => {
      const writer = exchange.start(200, []);
      writer.end();
      refused(() => writer.write("late"));
    },
  ],
  [
    "ended-twice",
    "an end behind the end",
    (exchange) => {
      const writer = exchange.start(200, []);
      writer.end();
      refused(() => writer.end());
    },
  ],
  [
    "bad-trailers",
    "a length as trailer",
    (exchange) => {
      const writer = exchange.start(200, []);
      refused(() => writer.end(["content-length", "3"]));
      writer.end();
    },
  ],
  [
    "backpressure-ignored",
    "pieces without waiting",
    (exchange) => {
      const writer = exchange.start(200, []);
      for (let i = 0; i < 200; i++) writer.write(large);
      writer.end();
    },
  ],
  [
    "never-answered",
    "a promise that is resolved without an answer",
    async (exchange) => {
      setImmediate(() => exchange.abort());
    },
  ],
  [
    "never-ended",
    "a promise that is resolved before the end",
    async (exchange) => {
      exchange.start(200, []).write("begun");
      setImmediate(() => exchange.abort());
    },
  ],
  [
    "threw-after-answer",
    "an error behind the answer",
    (exchange) => {
      exchange.respond(200, [], "fine");
      throw new Error("not fine");
    },
  ],
  [
    "threw-after-answer",
    "a rejection behind the end",
    async (exchange) => {
      exchange.start(200, []).end();
      throw new Error("not fine");
    },
  ],
  [
    "bad-return",
    "a string",
    ((exchange: Exchange) => {
      exchange.respond(200, [], "");
      return "text";
    }) as unknown as ExchangeHandler,
  ],
  [
    "body-two-readers",
    "two reads at once",
    async (exchange) => {
      const body = exchange.body as RequestBody;
      await Promise.allSettled([body.read(), body.read()]);
      exchange.respond(200, [], "");
    },
    post.slice(0, -1),
  ],
  [
    "body-read-twice",
    "bytes() after bytes()",
    async (exchange) => {
      await exchange.body?.bytes();
      await exchange.body?.bytes();
      exchange.respond(200, [], "");
    },
    post,
  ],
  [
    "body-read-twice",
    "a loop after a loop",
    async (exchange) => {
      for (let i = 0; i < 2; i++) for await (const _ of exchange.body as RequestBody);
      exchange.respond(200, [], "");
    },
    post,
  ],
  [
    "max-bytes-late",
    "a limit after the first read",
    async (exchange) => {
      const body = exchange.body as RequestBody;
      await body.read();
      body.maxBytes = 5;
      exchange.respond(200, [], "");
    },
    post,
  ],
];

describe("a breach by the application", () => {
  it.each(byApplication)("%s: %s", async (code, _what, handler, sent) => {
    const { breaches } = await observe((exchange) => {
      // What was refused has left the exchange without an answer.
      setImmediate(() => exchange.abort());
      return handler(exchange);
    }, sent);
    expect(breaches.map((breach) => breach.code)).toEqual([code]);
    expect(breaches[0]).toMatchObject({ by: "application", target: "/x?y" });
    expect(breaches[0]?.method).toBe(sent?.startsWith("POST") ? "POST" : "GET");
    expect(breaches[0]?.rule).toMatch(/RFC|docs/);
    expect(breaches[0]?.message).toMatch(/^[^\n]{20,}$/);
  });

  it("refused: what the server refuses by rules of its own", async () => {
    const { ExchangeError } = await import("../../http/errors.ts");
    class Picky extends MemoryExchange {
      override respond(): void {
        throw new ExchangeError("not today");
      }
    }
    const { codes } = inMemory((exchange) => refused(() => exchange.respond(200, [], "")), new Picky("/"));
    expect(codes()).toEqual(["refused"]);
  });

  it("works-for-nobody: an answer that is written on after the client has gone", async () => {
    const exchange = new MemoryExchange("/");
    const { codes, handled } = inMemory(async (watched) => {
      const writer = watched.start(200, []);
      exchange.disconnect();
      for (let i = 0; i < 99; i++) await writer.write("x");
      expect(codes()).toEqual([]);
      for (let i = 0; i < 50; i++) writer.write("x");
      writer.end();
    }, exchange);
    await handled;
    expect(codes()).toEqual(["works-for-nobody"]);
  });

  it("is not a few pieces that one turn has written, again and again", async () => {
    const exchange = new MemoryExchange("/", { highWaterMark: 1 });
    const { codes, handled } = inMemory(async (watched) => {
      const writer = watched.start(200, []);
      for (let turn = 0; turn < 5; turn++) {
        for (let i = 0; i < 10; i++) writer.write("xx");
        const waiting = writer.write("xx");
        exchange.take();
        await waiting;
      }
      writer.end();
    }, exchange);
    await handled;
    expect([codes(), exchange.complete]).toEqual([[], true]);
  });

  it("is told once for a request, and again for the next", () => {
    const breaches: Breach[] = [];
    const application = validate(
      { handleExchange: (exchange) => exchange.respond(204, [], "x") },
      { report: (breach) => breaches.push(breach) },
    );
    application.handleExchange(new MemoryExchange("/1"));
    application.handleExchange(new MemoryExchange("/2"));
    expect(breaches.map(({ target }) => target)).toEqual(["/1", "/2"]);
  });

  it("changes nothing: what is refused is refused, what is thrown is thrown", async () => {
    const twice = await observe((exchange) => {
      exchange.respond(200, [], "once");
      exchange.respond(200, [], "twice");
    });
    expect(statuses(twice.received)).toEqual([200]);
    expect(twice.errors).toMatchObject([{ name: "ExchangeError" }]);
    const rejected = await observe(async () => {
      throw new Error("oops");
    });
    expect(statuses(rejected.received)).toEqual([500]);
    expect(rejected.errors).toMatchObject([{ message: "oops" }]);
    expect(rejected.breaches).toEqual([]);
  });
});

/** Answers an exchange in memory. */
function inMemory(handler: ExchangeHandler, exchange: Exchange) {
  const breaches: Breach[] = [];
  const application = validate({ handleExchange: handler }, { report: (breach) => breaches.push(breach) });
  const handled = application.handleExchange(exchange);
  return { breaches, codes: () => breaches.map(({ code }) => code), handled, application };
}

describe("what nobody can come back to", () => {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");

  it.each<[code: BreachCode, handler: ExchangeHandler]>([
    ["never-answered", () => {}],
    ["never-answered", () => new Promise(() => {})],
    ["never-ended", (exchange) => void exchange.start(200, []).write("begun")],
  ])("%s", async (code, handler) => {
    const exchange = new MemoryExchange("/");
    const { codes } = inMemory(handler, exchange);
    expect(codes()).toEqual([]);
    await until(() => {
      collect();
      return codes().length > 0;
    });
    expect(codes()).toEqual([code]);
  });

  it("is no breach where it was answered, or the client has gone", async () => {
    const reports: Breach[] = [];
    const report = (breach: Breach): void => void reports.push(breach);
    const handlers: ExchangeHandler[] = [
      (exchange) => exchange.respond(200, [], ""),
      (exchange) => exchange.start(200, []).end(),
      (exchange) => exchange.abort(),
      (exchange) => {
        exchange.start(200, []);
        exchange.abort();
      },
    ];
    for (const handleExchange of handlers)
      validate({ handleExchange }, { report }).handleExchange(new MemoryExchange("/"));
    const left = new MemoryExchange("/");
    validate({ handleExchange: () => {} }, { report }).handleExchange(left);
    left.disconnect();
    // One that is told shows that the others had their chance.
    validate({ handleExchange: () => {} }, { report }).handleExchange(new MemoryExchange("/told"));
    await until(() => {
      collect();
      return reports.length > 0;
    });
    expect(reports.map(({ target }) => target)).toEqual(["/told"]);
  });
});

/** An exchange that is as a server must not make it. */
function broken(
  members: Partial<Record<keyof Exchange, unknown>>,
  options?: MemoryExchangeOptions,
): Exchange {
  const exchange = new MemoryExchange("/x", options);
  for (const [name, value] of Object.entries(members)) Object.defineProperty(exchange, name, { value });
  return exchange;
}

function bodyOf(pieces: readonly unknown[], length: number | null): unknown {
  const left = [...pieces];
  return {
    length,
    maxBytes: 100,
    trailers: null,
    read: async () => left.shift() ?? null,
    bytes: async () => left.shift() ?? null,
  };
}

const answer: ExchangeHandler = (exchange) => exchange.respond(200, [], "");
const read: ExchangeHandler = async (exchange) => {
  const body = exchange.body as RequestBody;
  for (let i = 0; i < 3; i++) await body.read();
  exchange.respond(200, [], "");
};

describe("a breach by the server", () => {
  const byServer: [code: BreachCode, what: string, exchange: Exchange, handler?: ExchangeHandler][] = [
    ["bad-request-method", "no token", broken({ method: "GET /" })],
    ["bad-request-target", "an absolute target", broken({ target: "http://a/" })],
    ["bad-request-target", "* for GET", broken({ target: "*" })],
    ["bad-request-authority", "upper case", broken({ authority: "A.example" })],
    ["bad-request-authority", "nothing", broken({ authority: "" })],
    ["bad-request-header", "upper case", broken({ headers: FieldSection.fromList(["Accept", "x"]) })],
    ["bad-request-header", "a line end", broken({ headers: FieldSection.fromList(["accept", "x\r\ny"]) })],
    [
      "body-missing",
      "announced and not there",
      broken({ headers: FieldSection.fromList(["content-length", "3"]) }),
    ],
    [
      "body-missing",
      "announced with another length",
      broken({ headers: FieldSection.fromList(["content-length", "3"]), body: bodyOf([], null) }),
    ],
    ["body-length-mismatch", "too long", broken({ body: bodyOf([large, null], 5) }), read],
    ["body-length-mismatch", "too short", broken({ body: bodyOf([large, null, null], 1e6) }), read],
    ["bad-body-piece", "text", broken({ body: bodyOf(["text", null, null], null) }), read],
    ["body-after-end", "a piece behind null", broken({ body: bodyOf([large, null, large], null) }), read],
    [
      "bad-state",
      "begun before it is handed up",
      broken({ started: true, closed: true, respond: () => {} }),
      () => {},
    ],
    ["bad-state", "not closed by respond", broken({ closed: false })],
    [
      "bad-state",
      "not started by start",
      broken({ started: false }),
      (exchange) => exchange.start(200, []).end(),
    ],
    [
      "server-error",
      "an error that is no ExchangeError",
      broken({
        respond: () => {
          throw new TypeError("oops");
        },
      }),
      (exchange) => refused(() => exchange.respond(200, [], "")),
    ],
    [
      "server-error",
      "a body that fails with anything",
      broken({ body: { length: null, read: () => Promise.reject(new TypeError("oops")) } }),
      async (exchange) => {
        await expect(exchange.body?.read()).rejects.toThrow("oops");
        exchange.respond(200, [], "");
      },
    ],
  ];

  it.each(byServer)("%s: %s", async (code, _what, exchange, handler = answer) => {
    const { breaches, handled } = inMemory(handler, exchange);
    await handled;
    expect(breaches.map((breach) => breach.code)).toEqual([code]);
    expect(breaches[0]).toMatchObject({ by: "server" });
  });

  it("late-abort: a signal that is aborted after the answer", () => {
    const controller = new AbortController();
    const { codes } = inMemory(
      (exchange) => {
        expect(exchange.signal.aborted).toBe(false);
        exchange.respond(200, [], "");
      },
      broken({ signal: controller.signal }),
    );
    expect(codes()).toEqual([]);
    controller.abort();
    expect(codes()).toEqual(["late-abort"]);
  });

  it("exchange-given-twice", () => {
    const exchange = new MemoryExchange("/");
    const { codes, application } = inMemory(() => {}, exchange);
    application.handleExchange(exchange);
    expect(codes()).toEqual(["exchange-given-twice"]);
  });
});

describe("an application that keeps the rules", () => {
  const sound: [what: string, handler: ExchangeHandler, sent?: string][] = [
    ["a text", (exchange) => exchange.respond(200, [...plain, "content-length", "4"], "text")],
    ["HEAD with a body", (exchange) => exchange.respond(200, plain, "text"), head],
    [
      "HEAD with a length and no body",
      (exchange) => exchange.respond(200, ["content-length", "4"], null),
      head,
    ],
    [
      "HEAD with pieces and a length",
      (exchange) => {
        const writer = exchange.start(200, ["content-length", "4"]);
        writer.end();
      },
      head,
    ],
    [
      "304 with the length there would be",
      (exchange) => exchange.respond(304, ["content-length", "4"], null),
    ],
    ["204", (exchange) => exchange.respond(204, [], null)],
    ["an empty text on 204", (exchange) => exchange.respond(204, [], "")],
    ["an error", () => Promise.reject(new Error("oops"))],
    [
      "an error half-way",
      async (exchange) => {
        exchange.start(200, []).write("begun");
        throw new Error("oops");
      },
    ],
    ["a cut instead of an answer", async (exchange) => exchange.abort()],
    [
      "a cut half-way",
      async (exchange) => {
        exchange.start(200, []).write("begun");
        exchange.abort();
      },
    ],
    [
      "pieces, waited for",
      async (exchange) => {
        const signal = exchange.signal;
        const writer = exchange.start(200, []);
        for (let i = 0; i < 40 && !signal.aborted; i++) await writer.write(large);
        writer.end(["x-sum", "1"]);
      },
    ],
    [
      "an interim answer",
      (exchange) => {
        exchange.inform(103, ["link", "</a>"]);
        exchange.respond(200, [], "");
      },
    ],
    [
      "an answer that comes after the handler has returned",
      (exchange) => void setImmediate(() => exchange.respond(200, [], "later")),
    ],
    [
      "a body read piece by piece, and the rest",
      async (exchange) => {
        exchange.body!.maxBytes = 1000;
        await exchange.body!.read();
        expect(await exchange.body!.bytes()).toHaveLength(0);
        expect(await exchange.body!.read()).toBe(null);
        exchange.respond(200, [], "");
      },
      post,
    ],
    ["a body that is not read", (exchange) => exchange.respond(200, [], ""), post],
    ["a body that ends early", async (exchange) => void (await exchange.body!.bytes()), post.slice(0, -1)],
    [
      "an upgrade",
      (exchange) => {
        exchange.upgrade("echo", []).end();
      },
      upgrade,
    ],
  ];

  it.each(sound)("%s", async (_what, handler, sent) => {
    const { breaches } = await observe(handler, sent);
    expect(breaches).toEqual([]);
  });

  it("is told of the start and the stop", async () => {
    const told: string[] = [];
    const application: Application = validate({
      handleExchange: () => {},
      start: () => void told.push("start"),
      stop: async () => void told.push("stop"),
    });
    await application.start?.();
    await application.stop?.();
    expect(told).toEqual(["start", "stop"]);
    await validate({ handleExchange: () => {} }).start?.();
  });
});

it("writes one line on standard error by default", () => {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  try {
    validate({ handleExchange: (exchange) => exchange.respond(204, [], "x") }).handleExchange(
      broken({ target: "/x\n\u001b[2Jy" }),
    );
    expect(write.mock.calls).toEqual([
      [
        "socle: the application broke a rule in GET /x [2Jy: a body was given to an answer that may have none (204, 205, 304): it is left out. Use another status, or null [body-not-allowed: RFC 9110 section 6.4.1]\n",
      ],
    ]);
  } finally {
    write.mockRestore();
  }
});

it("has every code in its documentation, and no other", () => {
  const page = readFileSync(new URL("../../../docs/gateway/validator.md", import.meta.url), "utf8");
  const documented = [...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code);
  expect(documented.sort()).toEqual(Object.keys(rules).sort());
});

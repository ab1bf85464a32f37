import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { serve } from "../../../test/http/serve.ts";
import { bodyOf, statuses } from "../../../test/support/raw-client.ts";
import { until } from "../../../test/support/until.ts";
import { MemoryExchange } from "../memory-exchange.ts";
import { type Environ, makeEnviron } from "../wsgi/environ.ts";
import { wsgiApplication } from "../wsgi/wsgi-application.ts";
import { standardErrors } from "../wsgi/wsgi-errors.ts";
import type { StartResponse, WsgiApplication, WsgiHeaders, WsgiIterable } from "../wsgi/wsgi-interface.ts";
import { type Breach, type BreachCode, validateWsgi } from "./index.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const plain: WsgiHeaders = [["content-type", "text/plain"]];

/** Answers a request over a socket; gives what was reported and what came back. */
async function observe(app: WsgiApplication, method = "GET") {
  const breaches: Breach[] = [];
  const application = wsgiApplication(validateWsgi(app, { report: (breach) => breaches.push(breach) }));
  const { open, errors } = await serve((exchange) => application.handleExchange(exchange));
  const client = await open();
  const received = await client
    .send(`${method} /x?y HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`)
    .untilEnd();
  return { codes: breaches.map(({ code }) => code), breaches, received, errors };
}

const returning =
  (body: unknown, headers: unknown = plain, status: unknown = "200 OK"): WsgiApplication =>
  (_environ, startResponse) => {
    startResponse(status as string, headers as WsgiHeaders);
    return body as WsgiIterable;
  };

describe("a breach of WSGI by the application", () => {
  const table: [code: BreachCode, what: string, app: WsgiApplication][] = [
    ["start-response-missing", "never", () => []],
    ["start-response-missing", "after a piece", () => [bytes("x")]],
    [
      "start-response-twice",
      "without an error",
      (_environ, startResponse) => {
        startResponse("200 OK", plain);
        startResponse("200 OK", plain);
        return [];
      },
    ],
    [
      "start-response-arguments",
      "four of them",
      (_environ, startResponse) => {
        (startResponse as (...given: unknown[]) => unknown)("200 OK", plain, null, 4);
        return [];
      },
    ],
    ["status-malformed", "a number", returning([], plain, 200)],
    ["status-malformed", "no reason", returning([], plain, "200")],
    ["headers-malformed", "an object", returning([], { a: "b" })],
    ["headers-malformed", "a flat list", returning([], ["a", "b"])],
    ["hop-by-hop-header", "connection", returning([], [["Connection", "close"]])],
    ["hop-by-hop-header", "upgrade", returning([], [["Upgrade", "x"]])],
    ["bad-header", "a line end", returning([], [["a", "b\nc"]])],
    ["bad-header", "a number", returning([], [["a", 5]])],
    ["bad-content-length", "a word", returning([], [["Content-Length", "five"]])],
    ["result-not-iterable", "undefined", returning(undefined)],
    ["result-not-iterable", "a string", returning("text")],
    ["result-not-iterable", "bytes", returning(bytes("text"))],
    ["result-not-iterable", "a promise of an object", returning(Promise.resolve({ status: 200 }))],
    ["piece-not-bytes", "a string", returning(["text"])],
    ["piece-not-bytes", "a string among others", returning(new Set([bytes("x"), "text"]))],
    [
      "write-not-bytes",
      "a string",
      (_environ, startResponse) => {
        startResponse("200 OK", plain)("text" as unknown as Uint8Array);
        return [];
      },
    ],
    ["content-length-mismatch", "too long", returning([bytes("abcd")], [["content-length", "3"]])],
    ["content-length-mismatch", "too short", returning(new Set([bytes("ab")]), [["content-length", "3"]])],
    ["body-not-allowed", "204", returning([bytes("x")], [], "204 No Content")],
  ];

  it.each(table)("%s: %s", async (code, _what, app) => {
    const { codes, breaches } = await observe(app);
    expect(codes).toEqual([code]);
    expect(breaches[0]).toMatchObject({ by: "application", method: "GET", target: "/x?y" });
  });
});

describe("a breach of WSGI by the caller", () => {
  const start: StartResponse = () => () => undefined;
  const settings = { scriptName: "", refuseUnderscores: false, multiprocess: true, errors: standardErrors };

  /** Calls an application as a server does that has this environ. */
  function call(app: WsgiApplication, change: (environ: Environ) => unknown = (environ) => environ) {
    const breaches: Breach[] = [];
    const environ = change(makeEnviron(new MemoryExchange("/x"), settings)) as Environ;
    const result = validateWsgi(app, { report: (breach) => breaches.push(breach) })(environ, start);
    return {
      result: result as WsgiIterable & Iterable<Uint8Array>,
      codes: () => breaches.map(({ code }) => code),
      breaches,
    };
  }

  const set = (key: string, value: unknown) => (environ: Environ) => {
    environ[key] = value;
    return environ;
  };
  const environs: [what: string, change: (environ: Environ) => unknown][] = [
    ["with a prototype", (environ) => ({ ...environ })],
    ["that is a Map", () => new Map()],
    ["without a method", set("REQUEST_METHOD", undefined)],
    ["with no token as method", set("REQUEST_METHOD", "GET /")],
    ["with a slash as SCRIPT_NAME", set("SCRIPT_NAME", "/")],
    ["with a PATH_INFO without a slash", set("PATH_INFO", "x")],
    ["with neither of them", set("PATH_INFO", "")],
    ["with an empty SERVER_NAME", set("SERVER_NAME", "")],
    ["with a number as SERVER_PORT", set("SERVER_PORT", 80)],
    ["with a CONTENT_LENGTH that is none", set("CONTENT_LENGTH", "-1")],
    ["with HTTP_CONTENT_TYPE", set("HTTP_CONTENT_TYPE", "text/plain")],
    ["with a list as field", set("HTTP_ACCEPT", ["a"])],
    ["with another version", set("wsgi.version", [2, 0])],
    ["with another scheme", set("wsgi.url_scheme", "ftp")],
    ["without an input", set("wsgi.input", undefined)],
    ["with an input that has no lines", set("wsgi.input", { read: () => {} })],
    ["without errors", set("wsgi.errors", null)],
    ["with a number as flag", set("wsgi.multithread", 0)],
  ];

  it.each(environs)("bad-environ: one %s", (_what, change) => {
    const { codes, breaches } = call(returning([]), change);
    expect(codes()).toEqual(["bad-environ"]);
    expect(breaches[0]).toMatchObject({ by: "server" });
  });

  it("iterated-twice, iterated-after-close, closed-twice", async () => {
    const sync = call(returning(new Set([bytes("x"), bytes("y")])));
    const iterator = sync.result[Symbol.iterator]();
    iterator.next();
    expect(sync.codes()).toEqual([]);
    sync.result[Symbol.iterator]();
    expect(sync.codes()).toEqual(["iterated-twice"]);
    await sync.result.close?.();
    iterator.next();
    expect(sync.codes()).toEqual(["iterated-twice", "iterated-after-close"]);
    await sync.result.close?.();
    expect(sync.codes()).toEqual(["iterated-twice", "iterated-after-close", "closed-twice"]);
  });

  it("not-closed", async () => {
    setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    const closed = call(returning(new Set([bytes("x")])));
    await closed.result.close?.();
    const { codes } = call(returning(new Set([bytes("x")])));
    expect(codes()).toEqual([]);
    await until(() => {
      collect();
      return codes().length > 0;
    });
    expect([codes(), closed.codes()]).toEqual([["not-closed"], []]);
  });
});

describe("a WSGI application that keeps the rules", () => {
  async function* generated() {
    yield bytes("a");
    yield bytes("b");
  }
  const table: [what: string, app: WsgiApplication, received: string, method?: string][] = [
    ["one piece", returning([bytes("x")]), "content-length: 1\r\n"],
    ["a promise", async (...given) => returning([bytes("x")])(...given), "content-length: 1\r\n"],
    ["a generator", returning(generated()), "2\r\n0\r\n".slice(3)],
    ["a length", returning([bytes("xyz")], [["Content-Length", "3"]]), "xyz"],
    ["HEAD with a length", returning([], [["Content-Length", "3"]]), "Content-Length: 3\r\n", "HEAD"],
    ["204", returning([], [], "204 No Content"), "204"],
    [
      "an error that is answered",
      (_environ, startResponse) => {
        startResponse("200 OK", plain);
        startResponse("500 Oops", plain, new Error("oops"));
        return [bytes("sorry")];
      },
      "sorry",
    ],
    [
      "write",
      (_environ, startResponse) => {
        startResponse("200 OK", [["content-length", "2"]])(bytes("a"));
        return [bytes("b")];
      },
      "ab",
    ],
  ];

  it.each(table)("%s", async (_what, app, expected, method) => {
    const { codes, received, errors } = await observe(app, method);
    expect([codes, errors]).toEqual([[], []]);
    expect(received).toContain(expected);
  });

  it("has its iterable closed, and its generator returned", async () => {
    const told: string[] = [];
    async function* endless() {
      try {
        for (;;) yield bytes("x");
      } finally {
        told.push("finally");
      }
    }
    const body = { [Symbol.asyncIterator]: endless, close: () => void told.push("close") };
    const { codes } = await observe(returning(body), "HEAD");
    expect([codes, told]).toEqual([[], ["finally", "close"]]);
  });

  it("is answered as without the validator where it does not", async () => {
    const { received, errors } = await observe(returning("text"));
    expect(statuses(received)).toEqual([500]);
    expect(bodyOf(received)).toBe("Internal Server Error\n");
    expect(errors).toMatchObject([{ name: "WsgiError" }]);
  });
});

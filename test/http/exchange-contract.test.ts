/**
 * The contract of `Exchange` (docs/gateway.md), held by everything that makes one: the same handlers do the same over
 * HTTP/1.1, over HTTP/2, in memory, over a Node server's requests and over a fetch handler's. What each of them sees, and
 * what its client sees, stands in the table once.
 */
import { once } from "node:events";
import {
  createServer as createNodeServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as requestHttp1,
} from "node:http";
import { connect as connectHttp2, createSecureServer } from "node:http2";
import type { AddressInfo, Server } from "node:net";
import { connect as connectTls } from "node:tls";
import { describe, expect, test } from "vitest";
import { toFetchHandler } from "../../src/gateway/hosted/fetch-exchange.ts";
import { toNodeListener } from "../../src/gateway/hosted/node-listener.ts";
import { MemoryExchange } from "../../src/gateway/memory-exchange.ts";
import type { Exchange, ExchangeHandler } from "../../src/http/exchange.ts";
import { HttpServer, type HttpServerOptions } from "../../src/http/server.ts";
import type { Address } from "../../src/net/address.ts";
import { missingOpenssl } from "../support/certificates.ts";
import { ask, testCertificates } from "../support/tls-server.ts";
import { until } from "../support/until.ts";

/** What a scenario's request has. */
interface Asked {
  method?: string;
  target?: string;
  headers?: Record<string, string | string[]>;
  /** Sent piece by piece; with a content-length among the headers it is announced. */
  body?: string[];
  trailers?: Record<string, string>;
  /** The body is not ended. */
  unfinished?: boolean;
}

/** What the client got. */
interface Got {
  status: number;
  /** Without what one version has and another can't have, or only the wire has. */
  headers: Record<string, string | string[]>;
  body: string;
  trailers: Record<string, string | string[]>;
  interim: number[];
  /** False when the answer was cut. */
  complete: boolean;
}

type Kind = "HTTP/1.1" | "HTTP/2" | "memory" | "fetch" | "Node's HTTP/1.1" | "Node's HTTP/2";

interface Scenario {
  name: string;
  asked?: Asked;
  /** What it tells, the test compares. With `leave` the client goes away. */
  handler: (
    exchange: Exchange,
    tell: (...words: unknown[]) => void,
    leave: () => void,
  ) => void | Promise<void>;
  /** What it has told. */
  told?: string[];
  got: Partial<Got>;
  /** Where something is a matter of the wire, or can't be done. */
  not?: readonly Kind[];
}

/** The class of error that a call throws, or "no error". */
function nameOfError(call: () => unknown): string {
  try {
    call();
    return "no error";
  } catch (error) {
    return (error as Error).name;
  }
}

async function readError(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    (value) => `no error but ${value}`,
    (error: Error & { status?: number }) => `${error.name} ${error.status}`,
  );
}

const scenarios: Scenario[] = [
  {
    name: "a text, with fields in order",
    handler: (exchange) => exchange.respond(200, ["content-type", "text/plain", "X-Upper", "A"], "grüß dich"),
    got: { status: 200, headers: { "content-type": "text/plain", "x-upper": "A" }, body: "grüß dich" },
  },
  {
    name: "bytes",
    handler: (exchange) => exchange.respond(404, [], new Uint8Array([104, 105])),
    got: { status: 404, body: "hi", headers: {} },
  },
  {
    name: "no body",
    handler: (exchange) => exchange.respond(201, ["location", "/1"], null),
    got: { status: 201, body: "", headers: { location: "/1" } },
  },
  {
    name: "a large text",
    handler: (exchange) => exchange.respond(200, [], "0123456789".repeat(20_000)),
    got: { status: 200, body: "0123456789".repeat(20_000) },
  },
  {
    name: "a status that no registry has",
    handler: (exchange) => exchange.respond(299, [], "x"),
    got: { status: 299, body: "x" },
  },
  {
    name: "fields that come again, and latin1",
    handler: (exchange) =>
      exchange.respond(
        200,
        ["set-cookie", "a=1", "link", "<a>", "set-cookie", "b=2", "Link", "<b>", "x", "é"],
        "",
      ),
    got: { headers: { "set-cookie": ["a=1", "b=2"], link: "<a>, <b>", x: "é" } },
  },
  {
    name: "the answer to HEAD",
    asked: { method: "HEAD" },
    handler: (exchange) => exchange.respond(200, ["x", "y"], "not sent"),
    got: { status: 200, headers: { x: "y" }, body: "" },
  },
  {
    name: "a stream for HEAD",
    asked: { method: "HEAD" },
    handler: (exchange, tell) => {
      const writer = exchange.start(200, []);
      tell(writer.write("not sent"));
      writer.end(["x-sum", "1"]);
    },
    told: ["undefined"],
    got: { status: 200, body: "", trailers: {} },
  },
  ...[204, 304].map(
    (status): Scenario => ({
      name: `${status}, which has no body`,
      handler: (exchange) => exchange.respond(status, [], "not sent"),
      got: { status, body: "" },
    }),
  ),
  {
    name: "piece by piece",
    handler: async (exchange, tell) => {
      tell(exchange.started, exchange.closed);
      const writer = exchange.start(200, ["x", "y"]);
      tell(exchange.started, exchange.closed);
      await writer.write("one");
      await null;
      await writer.write(Buffer.from("two"));
      writer.write("");
      writer.end();
      tell(exchange.started, exchange.closed);
    },
    told: ["false false", "true false", "true true"],
    got: { status: 200, body: "onetwo", headers: { x: "y" }, trailers: {} },
  },
  {
    name: "many large pieces, as fast as the client takes them",
    handler: async (exchange) => {
      const writer = exchange.start(200, []);
      for (let i = 0; i < 20; i++) await writer.write(String(i % 10).repeat(50_000));
      writer.end();
    },
    got: { body: Array.from({ length: 20 }, (_, i) => String(i % 10).repeat(50_000)).join("") },
  },
  {
    name: "trailers",
    handler: (exchange) => {
      const writer = exchange.start(200, []);
      writer.write("body");
      writer.end(["x-sum", "4"]);
    },
    got: { body: "body", trailers: { "x-sum": "4" } },
  },
  {
    name: "trailers without a body",
    handler: (exchange) => exchange.start(200, []).end(["x-sum", "0"]),
    got: { body: "", trailers: { "x-sum": "0" } },
  },
  {
    name: "a body of announced length",
    handler: (exchange) => {
      const writer = exchange.start(200, ["content-length", "6"]);
      writer.write("one");
      writer.write("two");
      writer.end();
    },
    got: { body: "onetwo" },
  },
  {
    name: "more than was announced is refused, and what fits is sent",
    handler: (exchange, tell) => {
      const writer = exchange.start(200, ["content-length", "3"]);
      tell(nameOfError(() => writer.write("four")));
      writer.write("one");
      tell(nameOfError(() => writer.write("x")));
      writer.end();
    },
    told: ["ExchangeError", "ExchangeError"],
    got: { body: "one" },
  },
  {
    name: "less than was announced breaks the answer",
    handler: (exchange, tell) => {
      const writer = exchange.start(200, ["content-length", "4"]);
      writer.write("one");
      tell(nameOfError(() => writer.end()));
    },
    told: ["ExchangeError"],
    got: { complete: false },
  },
  {
    name: "nothing is written behind the end",
    handler: (exchange, tell) => {
      const writer = exchange.start(200, []);
      writer.end();
      tell(nameOfError(() => writer.write("x")));
      tell(nameOfError(() => writer.end()));
    },
    told: ["ExchangeError", "ExchangeError"],
    got: { body: "" },
  },
  {
    name: "one answer only",
    handler: (exchange, tell) => {
      exchange.respond(200, [], "first");
      tell(nameOfError(() => exchange.respond(200, [], "second")));
      tell(nameOfError(() => exchange.start(200, [])));
      tell(nameOfError(() => exchange.inform(103, [])));
      tell(nameOfError(() => exchange.abort()));
    },
    told: ["ExchangeError", "ExchangeError", "ExchangeError", "no error"],
    got: { status: 200, body: "first" },
  },
  {
    name: "what is refused leaves the exchange as it was",
    handler: (exchange, tell) => {
      for (const status of [99, 199, 600, 200.5, "200" as unknown as number]) {
        tell(nameOfError(() => exchange.respond(status, [], "")));
      }
      for (const header of [
        ["a b", "x"],
        ["", "x"],
        ["a", "x\r\nb: c"],
        ["a", "x\0"],
        ["a", "你"],
        ["a", 1 as unknown as string],
        ["connection", "upgrade"],
        ["Connection", "close, x"],
        ["Transfer-Encoding", "chunked"],
        ["keep-alive", "1"],
        ["content-length", "+1"],
        ["content-length", "5"],
      ]) {
        tell(nameOfError(() => exchange.respond(200, header, "body")));
      }
      tell(nameOfError(() => exchange.respond(200, [], "", "Not\r\nx: y")));
      tell(nameOfError(() => exchange.respond(199, [], "", "Below")));
      tell(nameOfError(() => exchange.start(1000, [], "Beyond")));
      tell(nameOfError(() => exchange.start(200, ["a", "x\n"])));
      tell(nameOfError(() => exchange.start(200, ["content-length", "1", "content-length", "1"])));
      tell(exchange.started, exchange.closed);
      exchange.respond(200, ["content-length", "4"], "body");
    },
    told: [...Array.from({ length: 22 }, () => "ExchangeError"), "false false"],
    got: { status: 200, body: "body" },
  },
  {
    name: "an answer that asks for the connection's end",
    handler: (exchange) => exchange.respond(200, ["x", "y", "Connection", "Close"], "the last"),
    got: { status: 200, headers: { x: "y" }, body: "the last" },
  },
  {
    name: "a reason phrase of its own",
    handler: (exchange) => exchange.respond(200, ["x", "y"], "body", "Quite Fine"),
    got: { status: 200, headers: { x: "y" }, body: "body" },
  },
  {
    name: "a status beyond the classes, where there is a status line for it",
    not: ["HTTP/2", "fetch", "Node's HTTP/2"],
    handler: (exchange, tell) => {
      tell(nameOfError(() => exchange.respond(700, [], "x")));
      exchange.start(700, [], "Beyond").end();
    },
    told: ["ExchangeError"],
    got: { status: 700, body: "" },
  },
  {
    name: "a status beyond the classes, where there is none",
    not: ["HTTP/1.1", "memory", "Node's HTTP/1.1"],
    handler: (exchange, tell) => {
      tell(nameOfError(() => exchange.respond(700, [], "x", "Beyond")));
      exchange.respond(500, [], "x");
    },
    told: ["ExchangeError"],
    got: { status: 500, body: "x" },
  },
  {
    name: "trailers that may not be trailers are refused",
    handler: (exchange, tell) => {
      const writer = exchange.start(200, []);
      tell(nameOfError(() => writer.end(["content-type", "x"])));
      tell(nameOfError(() => writer.end(["x", "\n"])));
      writer.end(["x", "y"]);
    },
    told: ["ExchangeError", "ExchangeError"],
    got: { trailers: { x: "y" } },
  },
  {
    name: "interim answers",
    handler: (exchange, tell) => {
      exchange.inform(103, ["link", "</style.css>"]);
      exchange.inform(102, []);
      for (const status of [100, 101, 200, 103.5]) tell(nameOfError(() => exchange.inform(status, [])));
      tell(nameOfError(() => exchange.inform(103, ["a", "\n"])));
      tell(nameOfError(() => exchange.inform(103, ["connection", "close"])));
      exchange.respond(200, [], "x");
    },
    told: Array.from({ length: 6 }, () => "ExchangeError"),
    got: { interim: [103, 102], status: 200, body: "x" },
  },
  {
    name: "nothing was offered that the connection could be taken over for",
    handler: (exchange, tell) => {
      tell(
        exchange.upgradeOffer,
        nameOfError(() => exchange.upgrade("websocket", [])),
      );
      exchange.respond(426, ["upgrade", "websocket"], null);
    },
    told: ["null ExchangeError"],
    got: { status: 426 },
  },
  {
    name: "an abort before the answer",
    not: ["fetch"],
    handler: (exchange) => exchange.abort(),
    got: { status: 0, complete: false },
  },
  {
    name: "an abort within the answer",
    handler: async (exchange) => {
      await exchange.start(200, []).write("begun");
      exchange.abort();
    },
    got: { complete: false },
  },
  {
    name: "a handler that throws is answered with 500",
    not: ["memory"],
    handler: () => {
      throw new Error("secret");
    },
    got: { status: 500, body: "Internal Server Error\n" },
  },
  {
    name: "a handler that throws within its answer cuts it",
    not: ["memory"],
    handler: async (exchange) => {
      exchange.start(200, []).write("begun");
      throw new Error("secret");
    },
    got: { status: 200, complete: false },
  },
  {
    name: "what the request was",
    not: ["fetch"],
    asked: {
      method: "OPTIONS",
      target: "/a%20b/?q=1&%C3%A9",
      headers: { "x-one": "1", "X-Two": ["a", "b"], cookie: "a=1; b=2" },
    },
    handler: (exchange, tell) => {
      tell(exchange.method, exchange.target, exchange.body);
      const { headers } = exchange;
      tell(headers.get("x-one"), headers.get("x-two"), headers.getAll("x-two"), headers.get("x-none"));
      tell(headers.get("cookie"), headers.has("host"), headers.get("host") === exchange.authority);
      tell(
        exchange.authority.startsWith("localhost"),
        exchange.connection.encrypted,
        exchange.signal.aborted,
      );
      exchange.respond(200, [], null);
    },
    told: [
      "OPTIONS /a%20b/?q=1&%C3%A9 null",
      "1 a, b a,b undefined",
      "a=1; b=2 true true",
      "true {encrypted} false",
    ],
    got: { status: 200 },
  },
  {
    name: "OPTIONS *",
    not: ["fetch"],
    asked: { method: "OPTIONS", target: "*" },
    handler: (exchange) => exchange.respond(200, [], exchange.target),
    got: { body: "*" },
  },
  {
    name: "a body as a whole, its length announced",
    asked: { body: ["one", "two"], headers: { "content-length": "6" } },
    handler: async (exchange, tell) => {
      tell(exchange.method, exchange.body?.length, exchange.body?.trailers);
      exchange.respond(200, [], (await exchange.body?.bytes()) ?? null);
      tell(exchange.body?.trailers);
    },
    told: ["POST 6 null", "null"],
    got: { body: "onetwo" },
  },
  {
    name: "a body piece by piece, and its end again and again",
    asked: { body: ["one", "two", "three"] },
    handler: async (exchange, tell) => {
      tell(exchange.body?.length);
      const pieces: Uint8Array[] = [];
      for await (const piece of exchange.body ?? []) pieces.push(piece);
      tell(await exchange.body?.read(), (await exchange.body?.bytes())?.length);
      exchange.respond(200, [], Buffer.concat(pieces));
    },
    told: ["null", "null 0"],
    got: { body: "onetwothree" },
  },
  {
    name: "a large body",
    asked: { body: Array.from({ length: 50 }, () => "x".repeat(10_000)) },
    handler: async (exchange, tell) => {
      tell((await exchange.body?.bytes())?.length);
      exchange.respond(200, [], "got it");
    },
    told: ["500000"],
    got: { body: "got it" },
  },
  {
    name: "the trailers of a body",
    not: ["memory", "fetch"],
    asked: { body: ["one"], trailers: { "x-sum": "3" } },
    handler: async (exchange, tell) => {
      tell(exchange.body?.trailers);
      await exchange.body?.bytes();
      tell(exchange.body?.trailers?.list, exchange.headers.has("x-sum"));
      exchange.respond(200, [], null);
    },
    told: ["null", "x-sum,3 false"],
    got: { status: 200 },
  },
  {
    name: "a body that is larger than may be, by its announcement",
    asked: { body: ["12345"], headers: { "content-length": "5" } },
    handler: async (exchange, tell) => {
      const body = exchange.body!;
      body.maxBytes = 4;
      tell(await readError(body.read()));
      tell(await readError(body.bytes()));
      exchange.respond(413, [], "too large");
    },
    told: ["RequestError 413", "RequestError 413"],
    got: { status: 413, body: "too large" },
  },
  {
    name: "a body that is larger than may be, by count",
    asked: { body: ["123", "45"] },
    handler: async (exchange, tell) => {
      const body = exchange.body!;
      body.maxBytes = 4;
      tell(await readError(body.bytes()));
      exchange.respond(413, [], "too large");
    },
    told: ["RequestError 413"],
    got: { status: 413, body: "too large" },
  },
  {
    name: "a body larger than the server's limit, which the handler has raised",
    asked: { body: ["x".repeat(1_500_000)] },
    handler: async (exchange, tell) => {
      exchange.body!.maxBytes = 2_000_000;
      tell((await exchange.body?.bytes())?.length);
      exchange.respond(200, [], null);
    },
    told: ["1500000"],
    got: { status: 200 },
  },
  {
    name: "the client leaves before the answer, which then goes nowhere",
    handler: async (exchange, tell, leave) => {
      const { signal } = exchange;
      tell(signal.aborted, exchange.closed);
      leave();
      await until(() => signal.aborted);
      tell((signal.reason as Error).name, exchange.started, exchange.closed);
      tell(nameOfError(() => exchange.inform(103, [])));
      tell(nameOfError(() => exchange.respond(200, ["bad header", ""], "")));
      tell(nameOfError(() => exchange.respond(200, [], "nobody listens")));
      tell(nameOfError(() => exchange.respond(200, [], "nor twice")));
      tell(nameOfError(() => exchange.abort()));
    },
    told: [
      "false false",
      "AbortError false true",
      "no error",
      "ExchangeError",
      "no error",
      "ExchangeError",
      "no error",
    ],
    got: { complete: false },
  },
  {
    name: "the client leaves within the answer, and what is written still goes nowhere",
    handler: async (exchange, tell, leave) => {
      const writer = exchange.start(200, []);
      await writer.write("begun");
      leave();
      await until(() => exchange.closed);
      tell(exchange.signal.aborted);
      tell(await writer.write("x".repeat(100_000)));
      tell(nameOfError(() => writer.end()));
    },
    told: ["true", "undefined", "no error"],
    got: { complete: false },
  },
  {
    name: "the client leaves while a writer waits for it",
    handler: async (exchange, tell, leave) => {
      const writer = exchange.start(200, []);
      let waiting: Promise<void> | undefined;
      // More than any buffer on the way takes.
      for (let i = 0; i < 2000 && waiting === undefined; i++) waiting = writer.write("x".repeat(50_000));
      tell(waiting instanceof Promise);
      leave();
      await waiting;
      await until(() => exchange.closed);
    },
    told: ["true"],
    got: { complete: false },
  },
  {
    name: "the client leaves within its body: what has come can be read, and then that it was not all",
    asked: { body: ["first"], unfinished: true },
    handler: async (exchange, tell, leave) => {
      tell(Buffer.from((await exchange.body!.read()) ?? []));
      const more = readError(exchange.body!.read());
      leave();
      tell(await more);
      tell(await readError(exchange.body!.bytes()));
      await until(() => exchange.closed);
      tell(exchange.signal.aborted);
    },
    told: ["first", "RequestError 400", "RequestError 400", "true"],
    got: { status: 0, complete: false },
  },
  {
    name: "a body that nobody reads",
    asked: { body: ["unread"] },
    handler: (exchange) => exchange.respond(200, [], "answered"),
    got: { status: 200, body: "answered" },
  },
];

type Observe = (scenario: Scenario) => Promise<{ got: Got; told: string[] }>;

/** Tells of what a handler has seen, in words. */
function listener(): { told: string[]; tell: (...words: unknown[]) => void } {
  const told: string[] = [];
  return { told, tell: (...words) => void told.push(words.map(String).join(" ")) };
}

const ofTheWire = ["connection", "content-length", "date", "keep-alive", "transfer-encoding", "upgrade"];

function comparable(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name, value]) => !ofTheWire.includes(name) && value !== undefined),
  ) as Record<string, string | string[]>;
}

// The deadline is for Node 24.21, which does not tell of a connection that broke while it was written to.
const quiet: HttpServerOptions = { onError: () => {}, limits: { writeTimeout: 2000 } };

interface Opened {
  readonly port: number;
  close(): Promise<unknown>;
}

/** Opens a server of HTTP/1.1, or of HTTP/2 over TLS. */
type Open = (handler: ExchangeHandler) => Promise<Opened>;

const ownServer: Open = async (handler) => {
  const server = new HttpServer(handler, quiet);
  const address = await server.listen({ kind: "tcp", host: "127.0.0.1", port: 0 });
  return portAndClose(address, server);
};

const ownTlsServer: Open = async (handler) => {
  const server = new HttpServer(handler, quiet);
  const { tls } = await testCertificates();
  return portAndClose(await server.listen({ kind: "tcp", host: "127.0.0.1", port: 0 }, { tls }), server);
};

function portAndClose(address: Address, server: HttpServer): Opened {
  const port = address.kind === "tcp" ? address.port : 0;
  return { port, close: () => server.close({ deadline: 1000 }) };
}

const nodeServer: Open = async (handler) => listening(createNodeServer(nodeListener(handler)));

const nodeHttp2Server: Open = async (handler) => {
  const { tls } = await testCertificates();
  return listening(
    createSecureServer({ cert: String(tls.cert), key: String(tls.key) }, nodeListener(handler)),
  );
};

function nodeListener(handler: ExchangeHandler): ReturnType<typeof toNodeListener> {
  return toNodeListener({ handleExchange: handler }, { onError: () => {} });
}

async function listening(server: Server): Promise<Opened> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** A handler for one scenario, what it tells, and a promise for its end. */
function handlerFor(
  scenario: Scenario,
  leave: () => void,
): { handler: ExchangeHandler; told: string[]; handled: Promise<void> } {
  const { told, tell } = listener();
  let onHandled = (): void => {};
  const handled = new Promise<void>((resolve) => {
    onHandled = resolve;
  });
  const handler: ExchangeHandler = async (exchange) => {
    try {
      await scenario.handler(exchange, tell, leave);
    } finally {
      onHandled();
    }
  };
  return { handler, told, handled };
}

const overHttp1 = async (scenario: Scenario, open: Open): ReturnType<Observe> => {
  const { handler, told, handled } = handlerFor(scenario, () => request.socket?.resetAndDestroy());
  const server = await open(handler);
  const { asked = {} } = scenario;
  const got: Got = { status: 0, headers: {}, body: "", trailers: {}, interim: [], complete: false };
  const request = requestHttp1({
    host: "localhost",
    family: 4,
    port: server.port,
    method: asked.method ?? (asked.body === undefined ? "GET" : "POST"),
    path: asked.target ?? "/",
    headers: { ...asked.headers, ...(asked.trailers && { trailer: Object.keys(asked.trailers).join() }) },
    agent: false,
  });
  request.on("information", ({ statusCode }) => void got.interim.push(statusCode));
  for (const piece of asked.body ?? []) request.write(piece);
  if (asked.trailers !== undefined) request.addTrailers(asked.trailers);
  if (asked.unfinished !== true) request.end();
  request.on("error", () => {});
  try {
    const [response] = (await once(request, "response")) as [IncomingMessage];
    got.status = response.statusCode ?? 0;
    got.headers = comparable(response.headers);
    const pieces: Buffer[] = [];
    try {
      for await (const piece of response) pieces.push(piece);
    } catch {
      // cut
    }
    got.body = Buffer.concat(pieces).toString();
    got.complete = response.complete;
    got.trailers = comparable(response.trailers);
  } catch {
    // no answer
  }
  request.destroy();
  await handled;
  await server.close();
  return { got, told };
};

const overHttp2 = async (scenario: Scenario, open: Open): ReturnType<Observe> => {
  const certificates = await testCertificates();
  // Node's client ends a body properly before it resets the stream, so it leaves with its connection.
  const { handler, told, handled } = handlerFor(scenario, () => socket.destroy());
  const server = await open(handler);
  const { port } = server;
  const { asked = {} } = scenario;
  const socket = connectTls({ port, host: "127.0.0.1", ca: certificates.ca, ALPNProtocols: ["h2"] });
  const session = connectHttp2(`https://localhost:${port}`, { createConnection: () => socket });
  session.on("error", () => {});
  const { body, trailers } = asked;
  const answer = await ask(
    session,
    {
      ":method": asked.method ?? (body === undefined ? "GET" : "POST"),
      ":path": asked.target ?? "/",
      ...asked.headers,
    },
    {
      ...(body !== undefined && {
        send: (stream) => {
          stream.on("wantTrailers", () => stream.sendTrailers(trailers ?? {}));
          for (const piece of body) stream.write(piece);
          if (asked.unfinished !== true) stream.end();
        },
      }),
      waitForTrailers: trailers !== undefined,
    },
  );
  session.close();
  await handled;
  await server.close();
  const got: Got = {
    status: answer.status,
    headers: comparable(answer.headers),
    body: answer.body.toString(),
    trailers: answer.trailers,
    interim: answer.interim.map(({ status }) => status),
    complete: answer.complete,
  };
  return { got, told };
};

function headerPairs(asked: Asked): [string, string][] {
  return Object.entries({ host: "localhost", ...asked.headers }).flatMap(([name, value]) =>
    [value].flat().map((each): [string, string] => [name, each]),
  );
}

async function* piecesOf(asked: Asked): AsyncGenerator<string> {
  yield* asked.body ?? [];
  if (asked.unfinished === true) await new Promise<void>(() => {});
}

const inMemory: Observe = async (scenario) => {
  const { told, tell } = listener();
  const { asked = {} } = scenario;
  const { body } = asked;
  const announced = asked.headers?.["content-length"] !== undefined;
  const exchange = new MemoryExchange(asked.target ?? "/", {
    ...(asked.method === undefined ? {} : { method: asked.method }),
    headers: headerPairs(asked),
    body: body === undefined ? undefined : announced ? body.join("") : piecesOf(asked),
    highWaterMark: 1_500_000,
  });
  await scenario.handler(exchange, tell, () => exchange.disconnect());
  await exchange.finished;
  const headers: Record<string, string | string[]> = {};
  const list = exchange.responseHeaders;
  for (let i = 0; i < list.length; i += 2) {
    const name = (list[i] as string).toLowerCase();
    const value = list[i + 1] as string;
    if (name === "set-cookie") headers[name] = [...(headers[name] ?? []), value];
    else headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  const got: Got = {
    status: exchange.responseStatus,
    headers: comparable(headers),
    body: exchange.takeText(),
    trailers: Object.fromEntries(
      exchange.responseTrailers.flatMap((name, i, all) =>
        i % 2 === 0 ? [[name, all[i + 1] as string]] : [],
      ),
    ),
    interim: exchange.interimAnswers.map(({ status }) => status),
    complete: exchange.complete,
  };
  return { got, told };
};

/** As a runtime calls it, and reads what it answers. */
const byFetch: Observe = async (scenario) => {
  const client = new AbortController();
  const { asked = {} } = scenario;
  const { handler, told, handled } = handlerFor(scenario, () => client.abort());
  const { body } = asked;
  const request = new Request(`http://localhost${asked.target ?? "/"}`, {
    method: asked.method ?? (body === undefined ? "GET" : "POST"),
    headers: headerPairs(asked),
    signal: client.signal,
    ...(body !== undefined && { body: ReadableStream.from(encoded(piecesOf(asked))), duplex: "half" }),
  });
  const response = await toFetchHandler({ handleExchange: handler }, { onError: () => {} })(request);
  const got: Got = {
    // A client that has gone sees nothing.
    status: client.signal.aborted ? 0 : response.status,
    headers: {},
    body: "",
    trailers: {},
    interim: [],
    complete: false,
  };
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of response.headers) headers[name] = value;
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) headers["set-cookie"] = cookies;
  got.headers = comparable(headers);
  const pieces: Uint8Array[] = [];
  try {
    const reader = response.body?.getReader();
    client.signal.addEventListener("abort", () => void reader?.cancel().catch(() => {}));
    if (client.signal.aborted) await reader?.cancel();
    for (;;) {
      const next = await reader?.read();
      if (next === undefined || next.done) break;
      pieces.push(next.value);
    }
    got.complete = !client.signal.aborted;
  } catch {
    // cut
  }
  got.body = Buffer.concat(pieces).toString();
  await handled;
  return { got, told };
};

async function* encoded(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const text of texts) yield Buffer.from(text);
}

interface Observed {
  readonly where: Kind;
  readonly observe: Observe;
  readonly encrypted?: boolean;
  /** Why it can't be observed here. */
  readonly missing?: string;
  /** What an answer can't have there. */
  readonly lacks?: readonly (keyof Got)[];
}

const kinds: Observed[] = [
  { where: "HTTP/1.1", observe: (scenario) => overHttp1(scenario, ownServer) },
  {
    where: "HTTP/2",
    observe: (scenario) => overHttp2(scenario, ownTlsServer),
    encrypted: true,
    missing: missingOpenssl,
  },
  { where: "memory", observe: inMemory },
  { where: "Node's HTTP/1.1", observe: (scenario) => overHttp1(scenario, nodeServer) },
  {
    where: "Node's HTTP/2",
    observe: (scenario) => overHttp2(scenario, nodeHttp2Server),
    encrypted: true,
    missing: missingOpenssl,
  },
  { where: "fetch", observe: byFetch, lacks: ["trailers", "interim"] },
];

describe.each(kinds)(
  "an exchange over $where",
  ({ where, observe, encrypted = false, missing = "", lacks }) => {
    for (const scenario of scenarios) {
      test.skipIf(missing !== "" || scenario.not?.includes(where))(`${scenario.name}${missing}`, async () => {
        const { got, told } = await observe(scenario);
        expect(told).toEqual(
          (scenario.told ?? []).map((line) => line.replace("{encrypted}", String(encrypted))),
        );
        const expected: Partial<Got> = { complete: true, ...scenario.got };
        for (const key of lacks ?? []) delete expected[key];
        expect(got).toMatchObject(expected);
      });
    }
  },
);

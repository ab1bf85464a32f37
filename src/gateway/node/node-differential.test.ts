/**
 * Small listeners, each run on `node:http` and on Socle: the client must see the same, but for what frames the message, and the
 * listener must see the same happen.
 */
import { createServer, type IncomingMessage, type ServerResponse, request as sendRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { expect, onTestFinished, test } from "vitest";
import { serve } from "../../../test/http/serve.ts";
import { nodeApplication } from "./node-application.ts";

/** `told` takes what the listener has seen. */
type Listener = (
  request: IncomingMessage,
  response: ServerResponse,
  told: (what: unknown) => void,
) => unknown;

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | readonly string[];
  readonly trailers?: Readonly<Record<string, string>>;
  readonly path?: string;
}

interface Seen {
  readonly status: number | undefined;
  readonly reason: string | undefined;
  readonly headers: readonly (readonly [string, unknown])[];
  readonly body: string;
  readonly trailers: unknown;
  readonly interim: readonly unknown[];
  readonly told: readonly unknown[];
}

const cases: Readonly<Record<string, readonly [Listener, Sent?]>> = {
  "text at once": [(_, response) => response.end("hello")],
  "text that is not ASCII": [(_, response) => response.end("grüße ✓")],
  "text in latin1": [(_, response) => response.end("grüße", "latin1")],
  "bytes at once": [(_, response) => response.end(Buffer.from([0, 1, 254, 255]))],
  "a Uint8Array": [(_, response) => response.end(new Uint8Array([104, 105]))],
  nothing: [(_, response) => response.end()],
  "a large text": [(_, response) => response.end("ü".repeat(100_000))],
  "writeHead with an object": [
    (_, response) => response.writeHead(201, { "Content-Type": "text/plain", "X-A": "1" }).end("made"),
  ],
  "writeHead with a reason and a list": [
    (_, response) => response.writeHead(202, "Fine", ["X-A", "1", "X-B", "2"]).end(),
  ],
  "writeHead beside setHeader": [
    (_, response) => {
      response.setHeader("X-A", "1");
      response.setHeader("X-B", "2");
      response.writeHead(200, { "x-a": "3" }).end("x");
    },
  ],
  "several cookies": [
    (_, response) => {
      response.setHeader("Set-Cookie", ["a=1", "b=2"]);
      response.appendHeader("set-cookie", "c=3");
      response.end();
    },
  ],
  "a number as a header": [(_, response) => response.setHeader("X-Number", 5).end("x")],
  "a content-length that is kept": [
    (_, response) => {
      response.setHeader("Content-Length", 6);
      response.write("abc");
      response.end("def");
    },
  ],
  "pieces in one turn": [
    (_, response) => {
      for (const piece of ["a", Buffer.from("b"), "c", new Uint8Array([100])]) response.write(piece);
      response.end("e");
    },
  ],
  "pieces in several turns": [
    async (_, response) => {
      for (const piece of ["a", "b", "c"]) {
        response.write(piece);
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    },
  ],
  "flushHeaders and then text": [
    (_, response, told) => {
      response.flushHeaders();
      told(response.headersSent);
      setImmediate(() => response.end("later"));
    },
  ],
  "cork and uncork": [
    (_, response, told) => {
      response.cork();
      response.write("a");
      response.write("b");
      told(response.writableCorked > 0);
      setImmediate(() => {
        response.uncork();
        response.end("c");
      });
    },
  ],
  HEAD: [(_, response) => response.writeHead(200, { "Content-Length": 5 }).end("hello"), { method: "HEAD" }],
  204: [(_, response) => response.writeHead(204, { "X-A": "1" }).end()],
  304: [(_, response) => response.writeHead(304, { ETag: '"x"' }).end("no body")],
  "callbacks and events": [
    (_, response, told) => {
      for (const event of ["prefinish", "finish", "close"]) response.on(event, () => told(event));
      response.write("a", () => told("written"));
      response.end("b", () => told("ended"));
      told([response.writableEnded, response.finished, response.headersSent, response.destroyed]);
    },
  ],
  "state after it is finished": [
    (request, response, told) => {
      response.on("close", () => {
        told([response.writableFinished, response.destroyed, response.closed, response.socket]);
        setImmediate(() => told([request.complete, request.destroyed, request.aborted]));
      });
      response.end("x");
    },
  ],
  "the request's events, unread": [
    (request, response, told) => {
      for (const event of ["end", "aborted", "error", "close"]) request.on(event, () => told(event));
      response.end("x");
    },
  ],
  "the request's events, read": [
    (request, response, told) => {
      for (const event of ["end", "aborted", "error", "close"]) request.on(event, () => told(event));
      request.on("data", (piece) => told(String(piece)));
      request.on("end", () => response.end("x"));
    },
    { method: "POST", body: "abc" },
  ],
  "write after end": [
    (_, response, told) => {
      response.on("error", (error: NodeJS.ErrnoException) => told(error.code));
      response.end("x");
      told(response.write("y"));
    },
  ],
  "headers after they were sent": [
    (_, response, told) => {
      response.write("x");
      try {
        response.setHeader("X-A", "1");
      } catch (error) {
        told((error as NodeJS.ErrnoException).code);
      }
      response.end();
    },
  ],
  "strictContentLength that is broken": [
    (_, response, told) => {
      response.strictContentLength = true;
      response.setHeader("Content-Length", 3);
      response.write("ab");
      try {
        response.write("cd");
      } catch (error) {
        told((error as NodeJS.ErrnoException).code);
      }
      response.end("c");
    },
  ],
  "an echo by pipe": [
    (request, response) => request.pipe(response),
    { method: "POST", body: ["one ", "two"] },
  ],
  "an echo by pipeline": [
    async (request, response, told) => told(await pipeline(request, response)),
    { method: "POST", body: ["one ", "two"] },
  ],
  "for await over the request": [
    async (request, response) => {
      let size = 0;
      for await (const piece of request) size += piece.length;
      response.end(String(size));
    },
    { method: "POST", body: "x".repeat(200_000) },
  ],
  "setEncoding and readable": [
    (request, response) => {
      let text = "";
      request.setEncoding("utf8");
      request.on("readable", () => {
        for (let piece = request.read(); piece !== null; piece = request.read()) text += piece;
      });
      request.on("end", () => response.end(text));
    },
    { method: "PUT", body: ["gr\u00fc", "\u00dfe"] },
  ],
  "an answer before the body is read": [
    (request, response) => {
      request.resume();
      response.end("early");
    },
    { method: "POST", body: "x".repeat(300_000) },
  ],
  "a body that is left": [(_, response) => response.end("thanks"), { method: "POST", body: "unread" }],
  "a large stream, with backpressure": [(_, response) => Readable.from(pieces(64, 30_000)).pipe(response)],
  "drain is waited for": [
    (_, response) => {
      const all = [...pieces(40, 30_000)];
      const go = (): void => {
        while (all.length > 0) {
          if (!response.write(all.pop())) {
            response.once("drain", go);
            return;
          }
        }
        response.end();
      };
      go();
    },
  ],
  "trailers, sent": [
    (_, response) => {
      response.writeHead(200, { Trailer: "X-Sum" });
      response.write("x");
      response.addTrailers({ "X-Sum": "1" });
      response.end();
    },
  ],
  "trailers, received": [
    (request, response, told) => {
      request.resume().on("end", () => {
        told([request.trailers, request.rawTrailers]);
        response.end();
      });
    },
    { method: "POST", body: ["x"], headers: { Trailer: "X-Sum" }, trailers: { "X-Sum": "2" } },
  ],
  "interim answers": [
    (_, response) => {
      response.writeEarlyHints({ link: "</style.css>; rel=preload", "x-trace": "1" });
      response.writeProcessing();
      response.end("done");
    },
  ],
  "the request's head": [
    (request, response, told) => {
      told([
        request.method,
        request.url,
        request.httpVersion,
        request.httpVersionMajor,
        request.httpVersionMinor,
      ]);
      told({ ...request.headers, connection: "", host: "" });
      told(request.headersDistinct["x-twice"]);
      told(request.rawHeaders.map((text) => text.replace(/^localhost:\d+$/, "")));
      response.end();
    },
    { path: "/a%20b?c=d&e", method: "PROPFIND", headers: { "X-Twice": ["1", "2"], Cookie: ["a=1", "b=2"] } },
  ],
  "the socket": [
    ({ socket }, response, told) => {
      told([socket.remoteAddress, socket.remoteFamily, typeof socket.remotePort, socket.localAddress]);
      told([socket.destroyed, socket.readable, socket.writable, socket.readyState, socket.pending]);
      told(["encrypted" in socket, "getPeerCertificate" in socket, socket === response.socket]);
      told([
        socket.setNoDelay(true) === socket,
        socket.setKeepAlive(true) === socket,
        socket.ref() === socket,
      ]);
      told(Object.keys(socket.address()).sort());
      response.end();
    },
  ],
};

function* pieces(count: number, size: number): Generator<Buffer> {
  for (let i = 0; i < count; i++) yield Buffer.alloc(size, i);
}

for (const [name, [listener, sent = {}]] of Object.entries(cases)) {
  test(name, async () => {
    const expected = await onNode(listener, sent);
    expect(await onSocle(listener, sent)).toEqual(expected);
    expect(expected.status).toBeGreaterThanOrEqual(200);
  });
}

async function onNode(listener: Listener, sent: Sent): Promise<Seen> {
  const told: unknown[] = [];
  const server = createServer(
    (request, response) => void listener(request, response, (what) => told.push(what)),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return ask((server.address() as AddressInfo).port, sent, told);
}

async function onSocle(listener: Listener, sent: Sent): Promise<Seen> {
  const told: unknown[] = [];
  const application = nodeApplication((request, response) => {
    void listener(request, response, (what) => told.push(what));
  });
  const { port, errors } = await serve((exchange) => application.handleExchange(exchange));
  const seen = await ask(port, sent, told);
  expect(errors).toEqual([]);
  return seen;
}

/** Fields that frame a message or speak of the connection; the order of the rest is the listener's. */
const framing = /^(?:connection|keep-alive|transfer-encoding|content-length|date|trailer)$/;

async function ask(port: number, sent: Sent, told: readonly unknown[]): Promise<Seen> {
  const { method = "GET", headers = {}, path = "/", body = [] } = sent;
  const interim: unknown[] = [];
  const seen = await new Promise<Omit<Seen, "told" | "interim">>((resolve, reject) => {
    const request = sendRequest({ port, method, path, headers, agent: false }, async (response) => {
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of response) chunks.push(chunk);
      } catch (error) {
        reject(error);
      }
      resolve({
        status: response.statusCode,
        reason: response.statusMessage,
        headers: Object.entries(response.headers).filter(([field]) => !framing.test(field)),
        body: Buffer.concat(chunks).toString("latin1"),
        trailers: response.trailers,
      });
    });
    request.on("information", ({ statusCode, headers: fields }) => interim.push([statusCode, fields]));
    request.on("error", reject);
    if (sent.trailers !== undefined) request.addTrailers(sent.trailers);
    if (typeof body === "string") request.end(body);
    else
      void (async () => {
        for (const piece of body) {
          request.write(piece);
          await new Promise((r) => setImmediate(r));
        }
        request.end();
      })();
  });
  // What happens behind the answer's end has a few turns to happen in.
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  return { ...seen, interim, told };
}

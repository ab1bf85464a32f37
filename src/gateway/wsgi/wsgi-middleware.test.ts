/** Middleware is an application that calls another one: two small ones, alone and together, under the validator. */

import { Readable } from "node:stream";
import { createGzip, gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { serve } from "../../../test/http/serve.ts";
import { type Breach, validate, validateWsgi } from "../validate/index.ts";
import { wsgiApplication } from "./wsgi-application.ts";
import type { WsgiApplication, WsgiHeaders, WsgiIterable } from "./wsgi-interface.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Puts the user whom a token stands for into environ, for the applications within, or answers 401. */
function authenticate(app: WsgiApplication, users: Readonly<Record<string, string>>): WsgiApplication {
  return (environ, startResponse) => {
    const user = users[environ["HTTP_AUTHORIZATION"] ?? ""];
    if (user === undefined) {
      startResponse("401 Unauthorized", [["www-authenticate", "Bearer"]]);
      return [];
    }
    environ["example.user"] = user;
    return app(environ, startResponse);
  };
}

/** Compresses the body as it comes, and closes what it was made of. */
function gzip(app: WsgiApplication): WsgiApplication {
  return async (environ, startResponse) => {
    let head: { status: string; headers: WsgiHeaders; excInfo: unknown } | undefined;
    const zip = createGzip();
    const body: WsgiIterable = await app(environ, (status, headers, excInfo) => {
      head = { status, headers, excInfo };
      return (piece) => void zip.write(piece);
    });
    const sendHead = (): void => {
      if (head === undefined) return;
      const kept = head.headers.filter(([name]) => name.toLowerCase() !== "content-length");
      startResponse(head.status, [...kept, ["content-encoding", "gzip"]], head.excInfo);
    };
    return {
      async *[Symbol.asyncIterator]() {
        const source = Readable.from(body, { objectMode: false });
        source.once("error", (error) => zip.destroy(error));
        for await (const piece of source.pipe(zip)) {
          sendHead();
          head = undefined;
          yield piece as Uint8Array;
        }
      },
      close: () => body.close?.(),
    };
  };
}

const closed: string[] = [];

const app: WsgiApplication = (environ, startResponse) => {
  const text = `hello ${environ["example.user"]}, `.repeat(1000);
  startResponse("200 OK", [
    ["content-type", "text/plain"],
    ["content-length", String(text.length)],
  ]);
  return Object.assign([bytes(text.slice(0, 100)), bytes(text.slice(100))], {
    close: () => void closed.push(environ.PATH_INFO),
  });
};

it("is wrapped around an application", async () => {
  const breaches: Breach[] = [];
  const options = { report: (breach: Breach) => void breaches.push(breach) };
  // Between any two of them the rules are kept.
  const inner = validateWsgi(app, options);
  const middle = validateWsgi(gzip(inner), options);
  const outer = validateWsgi(authenticate(middle, { "Bearer 1": "Ada" }), options);
  const application = validate(wsgiApplication(outer), options);
  const { port, errors } = await serve((exchange) => application.handleExchange(exchange));

  const response = await fetch(`http://127.0.0.1:${port}/one`, {
    headers: { authorization: "Bearer 1", "accept-encoding": "identity" },
  });
  expect(response.headers.get("content-encoding")).toBe("gzip");
  expect(response.headers.get("content-length")).toBe(null);
  expect(await response.text()).toBe("hello Ada, ".repeat(1000));
  expect(closed).toEqual(["/one"]);

  const refused = await fetch(`http://127.0.0.1:${port}/two`);
  expect([refused.status, await refused.text()]).toEqual([401, ""]);
  expect(closed).toEqual(["/one"]);
  expect([breaches, errors]).toEqual([[], []]);
});

it("may hand on a body that it has read", async () => {
  const compressed: Uint8Array[] = [];
  let head: WsgiHeaders = [];
  const { port } = await serve((exchange) =>
    wsgiApplication((environ, startResponse) => {
      environ["example.user"] = "Ada";
      return gzip(app)(environ, (status, headers) => {
        head = headers;
        return startResponse(status, [["x-kept", "1"], ...headers.slice(0, 1)]);
      });
    }).handleExchange(exchange),
  );
  const response = await fetch(`http://127.0.0.1:${port}/`);
  for await (const piece of response.body as ReadableStream<Uint8Array>) compressed.push(piece);
  expect(gunzipSync(Buffer.concat(compressed)).toString()).toBe("hello Ada, ".repeat(1000));
  expect(head.map(([name]) => name)).toEqual(["content-type", "content-encoding"]);
});

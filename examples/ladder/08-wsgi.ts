/**
 * Rung 8: an interface between servers and applications.
 *
 * An application that calls a server's functions runs on that server only. Python's answer (PEP 3333, WSGI) is
 * a convention: an application is a function that takes the request as a dictionary, tells status and headers to
 * `startResponse`, and returns the body's pieces. Whoever keeps to it runs on every server that does, and an application
 * around an application is a middleware. The adapter below is all that the engine needs for it.
 *
 *     node examples/ladder/08-wsgi.ts
 *     curl '127.0.0.1:8000/hello?name=Ada'
 */
import { type Exchange, HttpServer, type ResponseWriter } from "socle/http";
import { formatAddress, parseAddress } from "socle/net";

type Environ = Readonly<Record<string, unknown>>;
type StartResponse = (status: string, headers: readonly (readonly [string, string])[]) => void;
type Pieces = Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;
type WsgiApplication = (environ: Environ, startResponse: StartResponse) => Pieces | Promise<Pieces>;

// The application.

const hello: WsgiApplication = (environ, startResponse) => {
  const name = new URLSearchParams(String(environ["QUERY_STRING"])).get("name") ?? "world";
  startResponse("200 OK", [["content-type", "text/plain;charset=UTF-8"]]);
  return [`Hello, ${name}.\n`, `This is ${environ["PATH_INFO"]}, by ${environ["SERVER_PROTOCOL"]}.\n`];
};

/** A middleware: an application in, an application out. */
function timed(application: WsgiApplication): WsgiApplication {
  return (environ, startResponse) => {
    const start = performance.now();
    return application(environ, (status, headers) => {
      const milliseconds = (performance.now() - start).toFixed(3);
      startResponse(status, [...headers, ["server-timing", `app;dur=${milliseconds}`]]);
    });
  };
}

// The adapter.

function serve(application: WsgiApplication): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const environ = toEnviron(exchange);
    if (environ === undefined) return exchange.respond(400, [], "The path is malformed.\n");

    let head: [status: number, headers: string[]] | undefined;
    const pieces = await application(environ, (status, headers) => {
      head = [Number.parseInt(status, 10), headers.flat()];
    });

    // Begun with the first piece: a generator calls startResponse as late as that.
    let writer: ResponseWriter | undefined;
    const begin = (): ResponseWriter => {
      if (head === undefined) throw new Error("the application did not call startResponse");
      return exchange.start(...head);
    };
    try {
      for await (const piece of pieces) {
        writer ??= begin();
        await writer.write(piece);
        if (exchange.closed) return;
      }
      writer ??= begin();
      writer.end();
    } catch (error) {
      if (writer !== undefined) exchange.abort(); // a broken answer must not look like a whole one
      throw error;
    }
  };
}

/** The request as WSGI has it; undefined where the path is not percent-encoded UTF-8. */
function toEnviron(exchange: Exchange): Environ | undefined {
  const [path = "", query = ""] = exchange.target.split(/\?(.*)/s);
  const decodedPath = decode(path);
  if (decodedPath === undefined) return undefined;
  const environ: Record<string, unknown> = {
    REQUEST_METHOD: exchange.method,
    SCRIPT_NAME: "",
    PATH_INFO: decodedPath,
    QUERY_STRING: query,
    SERVER_NAME: exchange.connection.localAddress ?? "",
    SERVER_PORT: String(exchange.connection.localPort ?? ""),
    SERVER_PROTOCOL: `HTTP/${exchange.httpVersion}`,
    REMOTE_ADDR: exchange.connection.remoteAddress ?? "",
    "wsgi.url_scheme": exchange.scheme,
    "wsgi.input": exchange.body,
  };
  for (const [name, value] of exchange.headers) {
    // "x_y" and "x-y" would be the same key: one that a client made up could pass for one that a proxy sets.
    if (name.includes("_")) continue;
    const key = name.toUpperCase().replaceAll("-", "_");
    environ[key === "CONTENT_TYPE" || key === "CONTENT_LENGTH" ? key : `HTTP_${key}`] = value;
  }
  return environ;
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

const server = new HttpServer(serve(timed(hello)));
const address = await server.listen(parseAddress(process.argv[2] ?? "127.0.0.1:8000"));
console.log(`listening on http://${formatAddress(address)}`);

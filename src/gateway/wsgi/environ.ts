/** `environ`: the request, as CGI (RFC 3875 §4.1) and PEP 3333 ("environ Variables") name its parts. */
import { RequestError } from "../../http/errors.ts";
import type { Exchange } from "../../http/exchange.ts";
import { mountPathOf } from "../mount-path.ts";
import type { WsgiErrors } from "./wsgi-errors.ts";
import { BodyInput, type WsgiInput } from "./wsgi-input.ts";

/** A plain object without a prototype, which belongs to the application: middleware may change it, and adds keys of its own. */
export interface Environ {
  /** As sent, such as `GET`. */
  REQUEST_METHOD: string;
  /** Where the application is mounted, percent-decoded: "" at the root, else with a slash before and none behind. */
  SCRIPT_NAME: string;
  /** The rest of the path, percent-decoded, as UTF-8 text. It is not normalized. `*` for OPTIONS only. */
  PATH_INFO: string;
  /** What stands behind "?", as sent; "" where there is nothing. */
  QUERY_STRING: string;
  /** Missing where the client sent none. */
  CONTENT_TYPE?: string;
  /** Missing where the length is not known beforehand, and where there is no content. */
  CONTENT_LENGTH?: string;
  /** The host that the client has connected to; to link to, `HTTP_HOST` comes first (PEP 3333, "URL Reconstruction"). */
  SERVER_NAME: string;
  SERVER_PORT: string;
  /** `HTTP/1.0`, `HTTP/1.1` or `HTTP/2.0`. */
  SERVER_PROTOCOL: string;
  /** The client's address; "" over a Unix socket. */
  REMOTE_ADDR: string;
  /** "" over a Unix socket. */
  REMOTE_PORT: string;
  /** A header field: `X-Request-Id` is `HTTP_X_REQUEST_ID`. Several of a name are joined by ", " (`Cookie` by "; "). */
  [field: `HTTP_${string}`]: string | undefined;

  "wsgi.version": readonly [major: 1, minor: 0];
  "wsgi.url_scheme": "http" | "https";
  "wsgi.input": WsgiInput;
  /** True: `wsgi.input` ends where the content ends, so that it can be read without `CONTENT_LENGTH`. */
  "wsgi.input_terminated": boolean;
  "wsgi.errors": WsgiErrors;
  /** False: no two threads share an application. While one request waits, others are answered. */
  "wsgi.multithread": boolean;
  /** Whether other processes may run the same application. */
  "wsgi.multiprocess": boolean;
  /** False: the application is called for more than one request. */
  "wsgi.run_once": boolean;

  /** What WSGI has no name for: the target as sent, the signal of a client that leaves, TLS, interim answers, the upgrade. */
  "socle.exchange": Exchange;

  /** What middleware adds. */
  [key: string]: unknown;
}

/** What the server says of itself. */
export interface EnvironSettings {
  readonly scriptName: string;
  readonly refuseUnderscores: boolean;
  readonly multiprocess: boolean;
  readonly errors: WsgiErrors;
}

const version: readonly [1, 0] = Object.freeze([1, 0] as const);

/** Field name to key; the names of a program's clients are few, and the bound is for those that are not. */
const keys = new Map<string, string>();
const MAX_KEYS = 1000;

/**
 * The environ of an exchange.
 * @throws RequestError 400 for a path that can't be decoded, or for a field name with an underscore where those are refused
 */
export function makeEnviron(exchange: Exchange, settings: EnvironSettings): Environ {
  const { target, connection, body } = exchange;
  const mark = target.indexOf("?");
  const environ: Environ = {
    // Any field name may come as a key.
    __proto__: null,
    REQUEST_METHOD: exchange.method,
    SCRIPT_NAME: settings.scriptName + decodePath(mountPathOf(exchange)),
    PATH_INFO: decodePath(mark < 0 ? target : target.slice(0, mark)),
    QUERY_STRING: mark < 0 ? "" : target.slice(mark + 1),
    SERVER_NAME: serverName(exchange),
    SERVER_PORT: serverPort(exchange),
    SERVER_PROTOCOL: `HTTP/${exchange.httpVersion}`,
    REMOTE_ADDR: connection.remoteAddress ?? "",
    REMOTE_PORT: String(connection.remotePort ?? ""),
    "wsgi.version": version,
    "wsgi.url_scheme": exchange.scheme,
    "wsgi.input": new BodyInput(body),
    "wsgi.input_terminated": true,
    "wsgi.errors": settings.errors,
    "wsgi.multithread": false,
    "wsgi.multiprocess": settings.multiprocess,
    "wsgi.run_once": false,
    "socle.exchange": exchange,
  };
  const { list } = exchange.headers;
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i] as string;
    const value = list[i + 1] as string;
    if (name === "content-length") {
      environ.CONTENT_LENGTH = String(body?.length ?? 0);
    } else if (name.includes("_")) {
      // X_Forwarded_For would pass for X-Forwarded-For.
      if (settings.refuseUnderscores) throw underscore(name);
    } else if (name !== "proxy") {
      // HTTP_PROXY would configure the HTTP clients of whatever process gets this environment (CVE-2016-5385).
      addField(environ, name, value);
    }
  }
  // An absolute target has overridden the Host field (RFC 9112 §3.2.2).
  if (exchange.authority !== "") environ["HTTP_HOST"] = exchange.authority;
  return environ;
}

function addField(environ: Environ, name: string, value: string): void {
  let key = keys.get(name);
  if (key === undefined) {
    key = name === "content-type" ? "CONTENT_TYPE" : `HTTP_${name.replaceAll("-", "_").toUpperCase()}`;
    if (keys.size < MAX_KEYS) keys.set(name, key);
  }
  const before = environ[key];
  environ[key] = before === undefined ? value : `${before}${name === "cookie" ? "; " : ", "}${value}`;
}

function decodePath(path: string): string {
  if (!path.includes("%")) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    throw new RequestError(
      400,
      "bad-path",
      "the path of the request is refused: its percent-encoding is malformed, or is not of UTF-8",
    );
  }
}

/** An IPv6 address stands in brackets (RFC 3875 §4.1.14), so that a URL can be made of it. */
function serverName({ connection, authority }: Exchange): string {
  const address = connection.localAddress;
  if (address !== undefined) return address.includes(":") ? `[${address}]` : address;
  return authority.replace(/:[0-9]+$/, "") || "localhost";
}

function serverPort({ connection, authority, scheme }: Exchange): string {
  if (connection.localPort !== undefined) return String(connection.localPort);
  return /:([0-9]+)$/.exec(authority)?.[1] ?? (scheme === "https" ? "443" : "80");
}

function underscore(name: string): RequestError {
  return new RequestError(
    400,
    "underscore-in-name",
    `the header ${name} is refused: with an underscore it could pass for another one`,
  );
}

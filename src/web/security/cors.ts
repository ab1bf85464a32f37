/** Cross-origin resource sharing: which other sites' pages may read answers (Fetch standard, §3.3 "CORS protocol"). */
import { isThenable } from "../../gateway/application.ts";
import type { Headers } from "../../gateway/headers.ts";
import { exchangeOf } from "../../gateway/request.ts";
import type { Response } from "../../gateway/response.ts";
import { consistsOf, TOKEN, trimmed } from "../../http/chars.ts";
import { Blueprint } from "../blueprint.ts";
import type { Request } from "../request.ts";
import { empty, text } from "../responses/content.ts";
import type { Plugin } from "../scope.ts";
import { addVary } from "../vary.ts";
import { type OriginMatcher, originMatcher } from "./origins.ts";

/** Whether pages of an origin may read an answer. The origin is the browser's text: `https://example.com`, or `null`. */
export type OriginCheck = (origin: string, request: Request) => boolean | Promise<boolean>;

export interface CorsOptions {
  /**
   * Whose pages may read the answers: an origin, several, or a function that tells. `https://*.example.com` is every host below
   * that one; `null`, which sandboxed frames send, counts only where it is named; `*` alone is everybody.
   */
  readonly origin: string | readonly string[] | OriginCheck;
  /** The path below which it holds, decoded: `/api`. Default: everywhere. */
  readonly path?: string;
  /** The methods that pages may use. Default: GET, HEAD, POST, PUT, PATCH, DELETE. */
  readonly methods?: readonly string[];
  /** The request headers that pages may set. Default: all that a page asks for. */
  readonly allowHeaders?: readonly string[];
  /** The headers of answers that pages may read, besides those that everyone may. Default: none. */
  readonly exposeHeaders?: readonly string[];
  /** Whether requests may carry cookies and the like. Default false. */
  readonly credentials?: boolean;
  /** Seconds for which a browser need not ask again. Default 600, the most that Safari takes. */
  readonly maxAge?: number;
  /** Whether pages of public sites may ask a server in a private network (Private Network Access). Default false. */
  readonly privateNetwork?: boolean;
}

/**
 * A plugin for an app: answers preflights for every path, and adds the headers of CORS to every answer, errors included. Register it
 * before others, so that it answers preflights first: they carry neither cookies nor credentials.
 *
 *     app.register(cors({ origin: "https://example.com" }));
 *
 * It keeps no request away, a browser does that: what changes something needs protection of its own (CSRF).
 * @throws TypeError for settings that can't be meant, above all `*` with credentials
 */
export function cors(options: CorsOptions): Plugin {
  const policy = new CorsPolicy(options);
  return (scope) => {
    if (scope instanceof Blueprint) {
      throw new TypeError(
        'cors() is registered with the app, since preflights reach no blueprint: app.register(cors({ path: "/api", … })) is for the paths below /api',
      );
    }
    scope.before((request) => policy.answerPreflight(request));
    scope.after((response, request) => policy.mark(response, request));
  };
}

class CorsPolicy {
  /** Null where everybody may read. */
  readonly #check: OriginMatcher | OriginCheck | null;
  readonly #path: string;
  readonly #credentials: boolean;
  readonly #exposed: string;
  readonly #methods: string;
  /** Undefined where all that a page asks for is allowed. */
  readonly #allowHeaders: string | undefined;
  readonly #maxAge: string;
  readonly #privateNetwork: boolean;

  constructor(options: CorsOptions) {
    const { origin, path = "", credentials = false, privateNetwork = false, maxAge = 600 } = options;
    this.#check = checkOf(origin);
    if (this.#check === null && credentials) {
      throw new TypeError(
        'cors() has origin: "*" and credentials: true, by which any site could act as whoever visits it: name the origins',
      );
    }
    if (path !== "" && (!path.startsWith("/") || path.endsWith("/"))) {
      throw new TypeError(
        `the path of cors() begins with a slash and ends without one, as /api, and not ${JSON.stringify(path)}`,
      );
    }
    if (!Number.isInteger(maxAge) || maxAge < 0) {
      throw new TypeError(`maxAge of cors() is a whole number of seconds, not ${maxAge}`);
    }
    const { methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"], allowHeaders } = options;
    this.#path = path;
    this.#credentials = credentials;
    this.#privateNetwork = privateNetwork;
    this.#maxAge = String(maxAge);
    this.#exposed = tokens("exposeHeaders", options.exposeHeaders ?? [], credentials);
    this.#methods = tokens("methods", methods, credentials);
    this.#allowHeaders =
      allowHeaders === undefined ? undefined : tokens("allowHeaders", allowHeaders, credentials);
    const lower = methods.find((method) => method !== method.toUpperCase());
    if (lower !== undefined) {
      throw new TypeError(
        `methods of cors() has ${lower}: methods are case-sensitive, write ${lower.toUpperCase()}`,
      );
    }
  }

  /** @returns undefined for what is no preflight */
  answerPreflight(request: Request): Response | undefined | Promise<Response | undefined> {
    if (!isPreflight(request) || !this.#covers(request)) return undefined;
    const allowed = this.#allows(request);
    return isThenable(allowed)
      ? allowed.then((allowed) => this.#preflight(request, allowed))
      : this.#preflight(request, allowed);
  }

  /** Adds to an answer what it has to say to pages of other origins. */
  mark({ headers }: Response, request: Request): void | Promise<void> {
    // A preflight's answer says it already.
    if (!this.#covers(request) || isPreflight(request)) return;
    const allowed = this.#allows(request);
    if (isThenable(allowed)) return allowed.then((allowed) => this.#markHeaders(headers, request, allowed));
    this.#markHeaders(headers, request, allowed);
  }

  #preflight(request: Request, allowed: boolean): Response {
    if (!allowed) {
      const refused = text(`pages of ${originOf(request)} may not make this request\n`, { status: 403 });
      addVary(refused.headers, "origin");
      return refused;
    }
    const { headers: asked } = exchangeOf(request);
    const response = empty();
    const { headers } = response;
    this.#allowOrigin(headers, request, true);
    headers.set("access-control-allow-methods", this.#methods);
    const requested = asked.get("access-control-request-headers");
    if (this.#allowHeaders === undefined) {
      addVary(headers, "access-control-request-headers");
      if (requested !== undefined && isTokenList(requested))
        headers.set("access-control-allow-headers", requested);
    } else if (this.#allowHeaders !== "") {
      headers.set("access-control-allow-headers", this.#allowHeaders);
    }
    if (this.#privateNetwork && asked.get("access-control-request-private-network") === "true") {
      headers.set("access-control-allow-private-network", "true");
    }
    headers.set("access-control-max-age", this.#maxAge);
    return response;
  }

  #markHeaders(headers: Headers, request: Request, allowed: boolean): void {
    this.#allowOrigin(headers, request, allowed);
    if (allowed && this.#exposed !== "") headers.set("access-control-expose-headers", this.#exposed);
  }

  /**
   * Where the answer depends on the origin, caches are told so whether this one is allowed or not: else one's answer would be
   * another's.
   */
  #allowOrigin(headers: Headers, request: Request, allowed: boolean): void {
    if (this.#check === null) {
      headers.set("access-control-allow-origin", "*");
      return;
    }
    addVary(headers, "origin");
    if (!allowed) return;
    headers.set("access-control-allow-origin", originOf(request) as string);
    if (this.#credentials) headers.set("access-control-allow-credentials", "true");
  }

  #allows(request: Request): boolean | Promise<boolean> {
    if (this.#check === null) return true;
    const origin = originOf(request);
    if (origin === undefined) return false;
    const allowed: unknown = this.#check(origin, request);
    return isThenable(allowed) ? Promise.resolve(allowed).then(toBoolean) : toBoolean(allowed);
  }

  #covers({ path }: Request): boolean {
    const { length } = this.#path;
    return length === 0 || (path.startsWith(this.#path) && (path.length === length || path[length] === "/"));
  }
}

/** Null for everybody. */
function checkOf(origin: CorsOptions["origin"]): OriginMatcher | OriginCheck | null {
  if (origin === "*") return null;
  if (typeof origin === "function") return origin;
  if (typeof origin === "string") return originMatcher("origin of cors()", [origin]);
  if (Array.isArray(origin) && origin.length > 0) return originMatcher("origin of cors()", origin);
  throw new TypeError(
    "cors() needs an origin: an origin such as https://example.com, several in an array, a function, or *",
  );
}

/** Other libraries' functions give back the origin; one that gives a text here would allow everybody if it were taken for true. */
function toBoolean(allowed: unknown): boolean {
  if (typeof allowed === "boolean") return allowed;
  throw new TypeError(`the origin function of cors() returns true or false, not ${typeof allowed}`);
}

function originOf(request: Request): string | undefined {
  return exchangeOf(request).headers.get("origin");
}

function isPreflight(request: Request): boolean {
  if (request.method !== "OPTIONS") return false;
  const { headers } = exchangeOf(request);
  return headers.has("origin") && headers.has("access-control-request-method");
}

/** With credentials a browser takes `*` for the name of one method or header. */
function tokens(option: string, names: readonly string[], credentials: boolean): string {
  for (const name of names) {
    if (typeof name !== "string" || !consistsOf(name, TOKEN)) {
      throw new TypeError(`${option} of cors() has ${JSON.stringify(name)}, which is no token`);
    }
    if (name === "*" && credentials) {
      throw new TypeError(`${option} of cors() has "*", which does not count with credentials: name them`);
    }
  }
  return names.join(", ");
}

/** Whether a field's value may be sent back. It is read once, from left to right. */
function isTokenList(value: string): boolean {
  return value.split(",").every((name) => consistsOf(trimmed(name), TOKEN));
}

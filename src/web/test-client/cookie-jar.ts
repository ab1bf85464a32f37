/** The cookies of a test's client, kept and sent as a browser does (RFC 6265bis §5), without what takes a browser: SameSite, partitions. */
import { hostnameOf } from "../host.ts";

/** Whom a request is for, as far as cookies go. */
export interface CookieTarget {
  /** Host, with or without a port. */
  readonly authority: string;
  readonly path: string;
  readonly secure: boolean;
}

interface StoredCookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  /** Whether only the host itself gets it, and none below it. */
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

/** Where a cookie that a test sets goes. */
export interface JarOptions {
  /** The host that gets it, and those below it. Default: the client's host alone. */
  readonly domain?: string;
  /** Default `/`. */
  readonly path?: string;
  /** Default false. */
  readonly secure?: boolean;
}

export class CookieJar {
  readonly #host: string;
  #cookies: StoredCookie[] = [];

  /** @param authority the client's own host, which a test's cookies are for */
  constructor(authority: string) {
    this.#host = hostnameOf(authority).toLowerCase();
  }

  /** The value of the cookie of that name, as it is sent: not decoded. Of several the one with the longest path. */
  get(name: string): string | undefined {
    return this.#current().find((cookie) => cookie.name === name)?.value;
  }

  /** Keeps a cookie, as if an answer had set it. @param value as it is sent: not encoded */
  set(name: string, value: string, { domain, path = "/", secure = false }: JarOptions = {}): void {
    this.#keep({
      name,
      value,
      domain: domain?.toLowerCase() ?? this.#host,
      hostOnly: domain === undefined,
      path,
      secure,
      expires: Number.POSITIVE_INFINITY,
    });
  }

  /** Forgets the cookies of that name. */
  delete(name: string): void {
    this.#cookies = this.#cookies.filter((cookie) => cookie.name !== name);
  }

  /** Forgets all. */
  clear(): void {
    this.#cookies = [];
  }

  /** The names of the cookies that are kept. */
  get names(): string[] {
    return [...new Set(this.#current().map(({ name }) => name))];
  }

  /** Takes a Set-Cookie line of an answer. What a browser would drop is dropped. @internal */
  store(line: string, target: CookieTarget): void {
    const cookie = parseSetCookie(line, target);
    if (cookie !== undefined) this.#keep(cookie);
  }

  /** The Cookie field for a request, or undefined. @internal */
  fieldFor({ authority, path, secure }: CookieTarget): string | undefined {
    const host = hostnameOf(authority).toLowerCase();
    const sent = this.#current().filter(
      (cookie) =>
        (cookie.hostOnly ? host === cookie.domain : isBelow(host, cookie.domain)) &&
        pathMatches(path, cookie.path) &&
        (!cookie.secure || secure || isLocal(host)),
    );
    return sent.length === 0 ? undefined : sent.map(({ name, value }) => `${name}=${value}`).join("; ");
  }

  #keep(cookie: StoredCookie): void {
    const { name, domain, path, hostOnly } = cookie;
    this.#cookies = this.#cookies.filter(
      (old) => old.name !== name || old.domain !== domain || old.path !== path || old.hostOnly !== hostOnly,
    );
    this.#cookies.push(cookie);
  }

  /** Those that are not over, with the longest path first (§5.8.3). */
  #current(): StoredCookie[] {
    const now = Date.now();
    this.#cookies = this.#cookies.filter(({ expires }) => expires > now);
    return this.#cookies.toSorted((a, b) => b.path.length - a.path.length);
  }
}

/** Browsers keep a cookie for 400 days at most (§5.6.2). */
const longestSeconds = 400 * 86_400;

function parseSetCookie(line: string, target: CookieTarget): StoredCookie | undefined {
  const [pair = "", ...attributeTexts] = line.split(";");
  const [name, value] = splitPair(pair);
  if (name === "") return undefined;
  const attributes = new Map(
    attributeTexts.map((text) => {
      const [key, value] = splitPair(text.includes("=") ? text : `${text}=`);
      return [key.toLowerCase(), value] as const;
    }),
  );
  const host = hostnameOf(target.authority).toLowerCase();
  const domain = (attributes.get("domain") ?? "").replace(/^\./, "").toLowerCase();
  if (domain !== "" && !isBelow(host, domain)) return undefined;
  const givenPath = attributes.get("path") ?? "";
  const path = givenPath.startsWith("/") ? givenPath : defaultPath(target.path);
  const secure = attributes.has("secure");
  if (secure && !target.secure && !isLocal(host)) return undefined;
  const lowerName = name.toLowerCase();
  if (lowerName.startsWith("__secure-") && !secure) return undefined;
  if (lowerName.startsWith("__host-") && (!secure || domain !== "" || path !== "/")) return undefined;
  return {
    name,
    value,
    domain: domain === "" ? host : domain,
    hostOnly: domain === "",
    path,
    secure,
    expires: expiryOf(attributes),
  };
}

function splitPair(text: string): [name: string, value: string] {
  const equals = text.indexOf("=");
  return equals < 0 ? ["", text.trim()] : [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
}

/** `Max-Age` comes before `Expires` (§5.7). */
function expiryOf(attributes: ReadonlyMap<string, string>): number {
  const maxAge = attributes.get("max-age");
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) {
    return Date.now() + Math.min(Number(maxAge), longestSeconds) * 1000;
  }
  const expires = Date.parse(attributes.get("expires") ?? "");
  return Number.isNaN(expires) ? Number.POSITIVE_INFINITY : expires;
}

/** The path up to its last slash (§5.1.4). */
function defaultPath(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? "/" : path.slice(0, slash);
}

function pathMatches(path: string, cookiePath: string): boolean {
  if (!path.startsWith(cookiePath)) return false;
  return path.length === cookiePath.length || cookiePath.endsWith("/") || path[cookiePath.length] === "/";
}

function isBelow(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

/** Whom browsers trust as they trust HTTPS. */
function isLocal(host: string): boolean {
  return isBelow(host, "localhost") || host === "127.0.0.1" || host === "[::1]";
}

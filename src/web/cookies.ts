/** Cookies, as they come (`Cookie`) and as they are set (`Set-Cookie`): RFC 6265bis. */
import { consistsOf, HOST, TOKEN, trimmed } from "../http/chars.ts";
import { MultiDict } from "./multi-dict.ts";
import { formatHttpDate } from "./responses/http-date.ts";
import { utf8Text } from "./utf8-text.ts";

/**
 * The cookies of a Cookie field. Of two with the same name the first counts: clients send the one with the longer path first.
 * A value's quotes are taken off and its percent-encoding is decoded; where it is malformed the value is left as it is. What has no
 * name is left out: a page can set such a cookie so that it reads like another one's name and value.
 */
export function parseCookies(field: string | undefined): MultiDict {
  const list: string[] = [];
  if (field !== undefined) {
    for (let at = 0; at < field.length; ) {
      let end = field.indexOf(";", at);
      if (end < 0) end = field.length;
      const equals = field.indexOf("=", at);
      if (equals < 0) break;
      if (equals < end) {
        const name = trimmed(field, at, equals);
        if (name !== "") list.push(utf8Text(name), decodeValue(trimmed(field, equals + 1, end)));
      }
      at = end + 1;
    }
  }
  return MultiDict.fromList(list);
}

function decodeValue(value: string): string {
  const quoted = value.length > 1 && value.startsWith('"') && value.endsWith('"');
  const text = utf8Text(quoted ? value.slice(1, -1) : value);
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export interface CookieOptions {
  /** Seconds until the cookie is forgotten; browsers take at most 400 days. Default: when the browser is closed. */
  readonly maxAge?: number | undefined;
  /** When the cookie is forgotten; `maxAge` comes first. */
  readonly expires?: Date | undefined;
  /** Which paths the cookie is sent to: this one and all below it. Default `/`. */
  readonly path?: string | undefined;
  /** Sends the cookie to this host and all its subdomains. Default: to the host that has set it, and no other. */
  readonly domain?: string | undefined;
  /** Keeps the cookie from the page's scripts. Default true. */
  readonly httpOnly?: boolean | undefined;
  /** Sends the cookie over HTTPS only (and to localhost). Default: where the name or another option asks for it. */
  readonly secure?: boolean | undefined;
  /** Whether requests from other sites carry the cookie: `lax` only where a link is followed. Default `lax`. */
  readonly sameSite?: "strict" | "lax" | "none" | undefined;
  /** Keeps a cookie of embedded content apart for each site that embeds it (CHIPS). Default false. */
  readonly partitioned?: boolean | undefined;
  /** Which cookies Chromium drops first when there are too many. Default: none is sent, which means `medium`. */
  readonly priority?: "low" | "medium" | "high" | undefined;
}

/** What has headers that a line can be added to: a `Response`, Socle's or the platform's. */
export interface WithHeaders {
  readonly headers: { append(name: string, value: string): void };
}

/**
 * Sets a cookie, and returns the response:
 *
 *     return setCookie(redirect("/"), "theme", "dark", { maxAge: 365 * 86_400 });
 *
 * @param name `__Host-` before it binds the cookie to this host and HTTPS, `__Secure-` to HTTPS: browsers see to that.
 * @param value any text: it is percent-encoded, and decoded by `request.cookies`.
 * @throws TypeError for a name, path, domain or date that can't be sent, and for options that browsers refuse together.
 * @throws RangeError for a cookie over 4,096 bytes, which browsers drop.
 */
export function setCookie<Answer extends WithHeaders>(
  response: Answer,
  name: string,
  value: string,
  options: CookieOptions = {},
): Answer {
  response.headers.append("set-cookie", serializeCookie(name, value, options));
  return response;
}

/**
 * Has the browser forget a cookie, and returns the response.
 * @param options path, domain and `partitioned` as when it was set: by these the browser knows which cookie is meant.
 * @throws TypeError as `setCookie`.
 */
export function deleteCookie<Answer extends WithHeaders>(
  response: Answer,
  name: string,
  options: Pick<CookieOptions, "path" | "domain" | "partitioned" | "secure"> = {},
): Answer {
  return setCookie(response, name, "", { ...options, maxAge: 0 });
}

/** Bytes of name and value that browsers take (RFC 6265bis §5.6). */
const maxBytes = 4096;

function serializeCookie(name: string, value: string, options: CookieOptions): string {
  if (!consistsOf(name, TOKEN)) {
    throw new TypeError(
      `${JSON.stringify(name)} is no cookie's name: it takes letters, digits and !#$%&'*+-.^_\`|~`,
    );
  }
  const {
    maxAge,
    expires,
    path = "/",
    domain,
    httpOnly = true,
    sameSite = "lax",
    partitioned = false,
  } = options;
  const secure = checkedSecure(name, path, domain, options);
  const encoded = encodeURIComponent(String(value).toWellFormed());
  if (name.length + encoded.length > maxBytes) {
    throw new RangeError(
      `the cookie ${name} has more than ${maxBytes} bytes, and would be dropped by browsers`,
    );
  }
  let cookie = `${name}=${encoded}`;
  if (domain !== undefined) {
    if (!consistsOf(domain, HOST)) throw wrong(name, "domain", domain, "a host name, such as example.com");
    cookie += `; Domain=${domain}`;
  }
  if (!isPath(path)) throw wrong(name, "path", path, "a path in ASCII that begins with / and has no ;");
  cookie += `; Path=${path}`;
  if (maxAge !== undefined) {
    if (!Number.isSafeInteger(maxAge)) throw wrong(name, "maxAge", maxAge, "a whole number of seconds");
    cookie += `; Max-Age=${maxAge}`;
  }
  if (expires !== undefined) cookie += `; Expires=${formatHttpDate(expires)}`;
  if (httpOnly) cookie += "; HttpOnly";
  if (secure) cookie += "; Secure";
  cookie += `; SameSite=${keyword(name, "sameSite", sameSite, sameSites)}`;
  if (partitioned) cookie += "; Partitioned";
  if (options.priority !== undefined) {
    cookie += `; Priority=${keyword(name, "priority", options.priority, priorities)}`;
  }
  return cookie;
}

/** Whether the cookie is `Secure`: by itself where it has to be. What browsers would drop is refused (RFC 6265bis §4.1.3 and §5.7). */
function checkedSecure(
  name: string,
  path: string,
  domain: string | undefined,
  options: CookieOptions,
): boolean {
  // Browsers look for the prefixes in any case.
  const lowerCase = name.toLowerCase();
  const onHost = lowerCase.startsWith("__host-");
  if (onHost && domain !== undefined)
    throw new TypeError(`the cookie ${name} can have no domain: __Host- binds it to its host`);
  if (onHost && path !== "/")
    throw new TypeError(`the cookie ${name} must have the path /: __Host- asks for it`);
  let asks: string | undefined;
  if (onHost) asks = "__Host-";
  else if (lowerCase.startsWith("__secure-")) asks = "__Secure-";
  else if (options.sameSite === "none") asks = "sameSite none";
  else if (options.partitioned === true) asks = "partitioned";
  if (asks !== undefined && options.secure === false) {
    throw new TypeError(`the cookie ${name} must be secure: ${asks} asks for it`);
  }
  return options.secure ?? asks !== undefined;
}

const sameSites = { strict: "Strict", lax: "Lax", none: "None" };
const priorities = { low: "Low", medium: "Medium", high: "High" };

function keyword<Word extends string>(
  name: string,
  option: string,
  word: Word,
  words: Readonly<Record<Word, string>>,
): string {
  if (Object.hasOwn(words, word)) return words[word];
  throw wrong(name, option, word, Object.keys(words).join(", "));
}

function isPath(path: string): boolean {
  return /^\/[\x20-\x3a\x3c-\x7e]*$/.test(path);
}

function wrong(name: string, option: string, value: unknown, right: string): TypeError {
  return new TypeError(`the cookie ${name} has the ${option} ${JSON.stringify(value)}: it takes ${right}`);
}

/** What `new Request(input, init)` makes of its arguments: the constructor's steps of WHATWG Fetch §5.4. */
import type { ReadableStream } from "node:stream/web";
import { consistsOf, TOKEN } from "../http/chars.ts";
import type { HeaderList } from "../http/exchange.ts";
import type { BodySource } from "./body.ts";
import { type BodyInit, extractBody, noHeaders, withDefaultType } from "./body-init.ts";
import { type HeadersInit, toHeaderList } from "./headers.ts";
import { platformClasses } from "./platform.ts";
import { isAsyncIterable, isReadableStream } from "./readable-stream.ts";

/** What can be said of a request beside its URL. What is left out is as in the request that it is made from. */
export interface RequestInit {
  /** Default GET. DELETE, GET, HEAD, OPTIONS, POST and PUT are written in upper case. */
  readonly method?: string | undefined;
  readonly headers?: HeadersInit | undefined;
  readonly body?: BodyInit | null | undefined;
  /** What aborts the request's own signal. */
  readonly signal?: AbortSignal | null | undefined;
  /** Must be "half" for a body that is a stream. */
  readonly duplex?: "half" | undefined;
  readonly mode?: "cors" | "no-cors" | "same-origin" | undefined;
  readonly credentials?: "omit" | "same-origin" | "include" | undefined;
  readonly cache?:
    | "default"
    | "no-store"
    | "reload"
    | "no-cache"
    | "force-cache"
    | "only-if-cached"
    | undefined;
  readonly redirect?: "follow" | "error" | "manual" | undefined;
  readonly referrer?: string | URL | undefined;
  readonly referrerPolicy?: ReferrerPolicy | undefined;
  readonly integrity?: string | undefined;
  readonly keepalive?: boolean | undefined;
  readonly priority?: "high" | "low" | "auto" | undefined;
  /** There are no windows: only null is taken. */
  readonly window?: null | undefined;
  /** What Node's `fetch` sends it by: an agent of undici's. */
  readonly dispatcher?: unknown;
}

export type ReferrerPolicy =
  | ""
  | "no-referrer"
  | "no-referrer-when-downgrade"
  | "same-origin"
  | "origin"
  | "strict-origin"
  | "origin-when-cross-origin"
  | "strict-origin-when-cross-origin"
  | "unsafe-url";

/** How a request would be sent: what a server has no use for, but a `Request` shows. */
export interface RequestSettings {
  readonly mode: "cors" | "no-cors" | "same-origin" | "navigate";
  readonly credentials: "omit" | "same-origin" | "include";
  readonly cache: "default" | "no-store" | "reload" | "no-cache" | "force-cache" | "only-if-cached";
  readonly redirect: "follow" | "error" | "manual";
  readonly referrer: string;
  readonly referrerPolicy: ReferrerPolicy;
  readonly integrity: string;
  readonly keepalive: boolean;
}

/** The standard's defaults, which a request that came over an exchange has as well. */
export const defaultSettings: RequestSettings = Object.freeze({
  mode: "cors",
  credentials: "same-origin",
  cache: "default",
  redirect: "follow",
  referrer: "about:client",
  referrerPolicy: "",
  integrity: "",
  keepalive: false,
});

interface CommonParts {
  readonly method: string;
  readonly url: string;
  readonly headers: HeaderList;
  /** What the request's own signal follows. Where that is a request, its signal isn't made before it is needed. */
  readonly follows: AbortSignal | { readonly signal: AbortSignal } | null;
  readonly settings: RequestSettings;
  /** What Node's `fetch` sends it by. */
  readonly dispatcher: unknown;
}

/** What a `Request` that came over no exchange is made of. */
export class RequestParts implements CommonParts {
  readonly method: string;
  readonly url: string;
  readonly headers: HeaderList;
  readonly follows: CommonParts["follows"];
  readonly settings: RequestSettings;
  readonly dispatcher: unknown;
  readonly source: BodySource;

  constructor(common: CommonParts, source: BodySource) {
    this.method = common.method;
    this.url = common.url;
    this.headers = common.headers;
    this.follows = common.follows;
    this.settings = common.settings;
    this.dispatcher = common.dispatcher;
    this.source = source;
  }
}

/** What a request is made from: its body isn't taken before all else is known to be right. */
export interface RequestOrigin extends CommonParts {
  /** Takes the body, or is null where there is none. @throws TypeError if it was read already. */
  readonly takeBody: (() => BodySource) | null;
}

const forbiddenMethods: ReadonlySet<string> = new Set(["CONNECT", "TRACE", "TRACK"]);
const normalizedMethods: ReadonlySet<string> = new Set(["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"]);
const corsMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST"]);

const allowed = {
  mode: ["cors", "no-cors", "same-origin", "navigate"],
  credentials: ["omit", "same-origin", "include"],
  cache: ["default", "no-store", "reload", "no-cache", "force-cache", "only-if-cached"],
  redirect: ["follow", "error", "manual"],
  referrerPolicy: [
    ...["", "no-referrer", "no-referrer-when-downgrade", "same-origin", "origin", "strict-origin"],
    ...["origin-when-cross-origin", "strict-origin-when-cross-origin", "unsafe-url"],
  ],
  duplex: ["half"],
  priority: ["high", "low", "auto"],
} as const;

/** The request that a URL alone makes. @throws TypeError if it is not absolute, or has a user name or password. */
export function originOfUrl(input: string | URL): RequestOrigin {
  let url: URL;
  try {
    url = new URL(input);
  } catch {
    throw new TypeError(`a request needs an absolute URL, not ${JSON.stringify(String(input))}`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new TypeError("a request's URL may hold no user name and no password");
  }
  return {
    method: "GET",
    url: url.href,
    headers: noHeaders,
    follows: null,
    settings: defaultSettings,
    dispatcher: undefined,
    takeBody: null,
  };
}

/** One of the platform's requests, to make another from. */
export function originOfPlatform(input: globalThis.Request): RequestOrigin {
  return {
    method: input.method,
    url: input.url,
    headers: toHeaderList(input.headers),
    follows: input.signal,
    settings: settingsOf(input as RequestSettings),
    dispatcher: undefined,
    // Moved over by its own class, which leaves the input used.
    takeBody:
      input.body === null
        ? null
        : () => new (platformClasses().Request)(input).body as ReadableStream<Uint8Array> | null,
  };
}

/** The settings of a request, by themselves. */
export function settingsOf(request: RequestSettings): RequestSettings {
  const { mode, credentials, cache, redirect, referrer, referrerPolicy, integrity, keepalive } = request;
  return { mode, credentials, cache, redirect, referrer, referrerPolicy, integrity, keepalive };
}

/** The parts of a request that is made from another, with what `init` says otherwise. @throws TypeError as `new Request`. */
export function combine(origin: RequestOrigin, init: RequestInit | null | undefined): RequestParts {
  if (init === undefined || init === null) return new RequestParts(origin, origin.takeBody?.() ?? null);
  if (typeof init !== "object" && typeof init !== "function") {
    throw new TypeError(`a request's init must be an object, not ${typeof init}`);
  }
  // Each member is read once, in the order of the standard: they may be getters.
  const { body, cache, credentials, dispatcher, duplex, headers, integrity, keepalive } = init;
  const { method, mode, priority, redirect, referrer, referrerPolicy, signal, window } = init;
  checkChoice("duplex", duplex);
  checkChoice("priority", priority);
  if (window !== undefined && window !== null) throw new TypeError("a request's window must be null");
  if (signal !== undefined && signal !== null && !(signal instanceof AbortSignal)) {
    throw new TypeError("a request's signal must be an AbortSignal");
  }
  if ((mode as string) === "navigate") throw new TypeError("a request's mode can't be set to \"navigate\"");
  const given = [body, cache, credentials, dispatcher, duplex, headers, integrity, keepalive, method, mode]
    .concat([priority, redirect, referrer, referrerPolicy, signal, window] as never[])
    .some((member) => member !== undefined);
  // An init with anything in it takes a request away from the page that it was made for.
  const before = given
    ? { ...origin.settings, referrer: "about:client", referrerPolicy: "" as const }
    : origin.settings;
  const settings: RequestSettings = {
    mode: checkChoice("mode", mode) ?? (given && before.mode === "navigate" ? "same-origin" : before.mode),
    credentials: checkChoice("credentials", credentials) ?? before.credentials,
    cache: checkChoice("cache", cache) ?? before.cache,
    redirect: checkChoice("redirect", redirect) ?? before.redirect,
    referrer: referrer === undefined ? before.referrer : parseReferrer(referrer),
    referrerPolicy: checkChoice("referrerPolicy", referrerPolicy) ?? before.referrerPolicy,
    integrity: integrity === undefined ? before.integrity : `${integrity}`,
    keepalive: keepalive === undefined ? before.keepalive : Boolean(keepalive),
  };
  if (settings.cache === "only-if-cached" && settings.mode !== "same-origin") {
    throw new TypeError('a request\'s cache can be "only-if-cached" only where its mode is "same-origin"');
  }
  const verb = method === undefined ? origin.method : normalizeMethod(method);
  if (mode === "no-cors" && !corsMethods.has(verb)) {
    throw new TypeError(`a request's method can't be ${verb} where its mode is "no-cors"`);
  }
  let list = headers === undefined ? origin.headers : toHeaderList(headers);
  const replacesBody = body !== undefined && body !== null;
  if ((replacesBody || origin.takeBody !== null) && (verb === "GET" || verb === "HEAD")) {
    throw new TypeError(`a ${verb} request can have no body`);
  }
  let source: BodySource = null;
  if (replacesBody) {
    const extracted = extractBody(body);
    if (isReadableStream(body) || isAsyncIterable(body)) checkStreamed(settings, duplex);
    source = extracted.source;
    list = withDefaultType(list, extracted.headers);
  } else if (origin.takeBody !== null) {
    source = origin.takeBody();
  }
  const follows = signal === undefined ? origin.follows : signal;
  const parts = { method: verb, url: origin.url, headers: list, follows, settings };
  return new RequestParts({ ...parts, dispatcher: dispatcher ?? origin.dispatcher }, source);
}

/** What a body that can't be sent twice asks of a request. */
function checkStreamed(settings: RequestSettings, duplex: string | undefined): void {
  if (duplex === undefined) throw new TypeError('a request whose body is a stream needs duplex: "half"');
  if (settings.keepalive) throw new TypeError("a request with keepalive can't have a stream for a body");
  if (settings.mode !== "same-origin" && settings.mode !== "cors") {
    throw new TypeError(
      `a request whose body is a stream can't have the mode ${JSON.stringify(settings.mode)}`,
    );
  }
}

function checkChoice<Name extends keyof typeof allowed, Value extends string>(
  name: Name,
  value: Value | undefined,
): Value | undefined {
  if (value === undefined) return undefined;
  const text = `${value}`;
  if (!(allowed[name] as readonly string[]).includes(text)) {
    throw new TypeError(
      `a request's ${name} is one of ${allowed[name].map((each) => JSON.stringify(each)).join(", ")}, not ${JSON.stringify(text)}`,
    );
  }
  return text as Value;
}

function parseReferrer(referrer: string | URL): string {
  const text = `${referrer}`;
  if (text === "") return "";
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new TypeError(`a request's referrer must be an absolute URL, not ${JSON.stringify(text)}`);
  }
  return url.href;
}

function normalizeMethod(method: string): string {
  const text = `${method}`;
  if (!consistsOf(text, TOKEN)) throw new TypeError(`${JSON.stringify(text)} is no HTTP method`);
  const upper = text.toUpperCase();
  if (forbiddenMethods.has(upper)) throw new TypeError(`a request's method can't be ${upper}`);
  return normalizedMethods.has(upper) ? upper : text;
}

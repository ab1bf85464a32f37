/** How often a client may ask. */
import { isThenable } from "../../gateway/application.ts";
import type { Response } from "../../gateway/response.ts";
import { App } from "../app.ts";
import { local, type RequestLocal } from "../context/request-local.ts";
import { duration } from "../converters.ts";
import { HttpError } from "../http-error.ts";
import { inTime } from "../in-time.ts";
import type { Request } from "../request.ts";
import type { Plugin } from "../scope.ts";
import { boundedKey, clientAddress } from "./client-key.ts";
import { MemoryStore } from "./memory-store.ts";
import { type Allowance, intervalOf, type Rate } from "./rate.ts";
import type { RateLimitStore } from "./rate-limit-store.ts";
import { RedisStore } from "./redis-store.ts";

export interface RateLimitOptions {
  /** Requests that a client may make at once, and again in the course of each window. */
  readonly limit: number;
  /** The time in which a spent allowance is whole again: `30s`, `1m`, `24h`, or milliseconds. */
  readonly window: string | number;
  /**
   * Names whom a request counts for; a request for which it gives undefined is not limited. Default: the client's address
   * (`request.ip`), of IPv6 the network of 64 bits.
   */
  readonly key?: (request: Request) => string | undefined | Promise<string | undefined>;
  /**
   * Where it is counted: `memory:` for each process by itself, `redis://host:6379` (with the package `redis`) for all that use it, or
   * a store of your own. Default `memory:`.
   */
  readonly store?: string | RateLimitStore;
  /** Tells limits apart, in answers and for those that share a store. Default `default`. */
  readonly name?: string;
  /** What becomes of requests while the store can't be asked: they are let through, or answered with 503. Default `allow`. */
  readonly onStoreError?: "allow" | "deny";
  /** The most clients that `memory:` remembers. Default 100,000, which takes about 15 MB. */
  readonly maxKeys?: number;
  /** Told once when the store can't be asked, and once when it can again. Default: a line on standard error. */
  readonly log?: (message: string, error?: unknown) => void;
}

/** A limit: a plugin for an app or a blueprint, and a hook for single routes. */
export interface RateLimiter extends Plugin {
  /** For a route: `app.post("/login", { before: limiter.hook }, …)`. Its answers tell of the limit only once it is reached. */
  readonly hook: (request: Request) => void | Promise<void>;
  /** Ends the connection to the store. With an app that it is registered with this is done by itself. */
  close(): Promise<void>;
}

/**
 *     app.register(rateLimit({ limit: 100, window: "1m" }));
 *
 * Whoever asks too often gets 429 with `Retry-After`. Answers tell what is left in `RateLimit` and `RateLimit-Policy`
 * (draft-ietf-httpapi-ratelimit-headers-11). What is refused does not count.
 * @throws TypeError for settings that can't be
 */
export function rateLimit(options: RateLimitOptions): RateLimiter {
  const limiter = new Limiter(options);
  const hook = (request: Request): void | Promise<void> => limiter.check(request);
  const plugin: Plugin = (scope) => {
    scope.before(hook);
    scope.after((response, request) => limiter.mark(response, request));
    // In a blueprint the store is opened when it is first asked.
    if (!(scope instanceof App)) return;
    scope.onStart(() => limiter.open());
    scope.onStop(() => limiter.close());
  };
  return Object.assign(plugin, { hook, close: () => limiter.close() });
}

/** Milliseconds to wait for a store: counting requests is not to keep them longer. */
const patience = 500;
/** Milliseconds for which a store that has failed is left in peace. */
const pause = 1000;

class Limiter {
  readonly #rate: Rate;
  readonly #key: NonNullable<RateLimitOptions["key"]>;
  readonly #store: RateLimitStore;
  /** Before the keys. With the rate: what is remembered by one can't be read by another. */
  readonly #prefix: string;
  /** As it stands in answers. */
  readonly #name: string;
  readonly #policy: string;
  readonly #deny: boolean;
  readonly #log: NonNullable<RateLimitOptions["log"]>;
  /** What an answer is still to tell of. */
  readonly #taken: RequestLocal<Allowance> = local();
  #failing = false;
  #pausedUntil = 0;

  constructor(options: RateLimitOptions) {
    const { limit, name = "default", key = clientAddress, onStoreError = "allow" } = options;
    const { maxKeys = 100_000, store = "memory:" } = options;
    const window = typeof options.window === "string" ? duration(options.window) : options.window;
    wholeNumber("limit", limit);
    wholeNumber("maxKeys", maxKeys);
    if (window === undefined || !(window >= 1 && window <= Number.MAX_SAFE_INTEGER / 1e6)) {
      throw new TypeError(
        `the window of rateLimit() is ${duration.accepts}, or milliseconds, not ${JSON.stringify(options.window)}`,
      );
    }
    if (!/^[\w.-]{1,40}$/.test(name)) {
      throw new TypeError(
        `the name of rateLimit() is 1 to 40 letters, digits, "_", "." and "-", not ${JSON.stringify(name)}`,
      );
    }
    if (onStoreError !== "allow" && onStoreError !== "deny") {
      throw new TypeError(
        `onStoreError of rateLimit() is "allow" or "deny", not ${JSON.stringify(onStoreError)}`,
      );
    }
    this.#rate = { limit, window };
    if (intervalOf(this.#rate) === 0) {
      throw new TypeError(
        `rateLimit() can't count ${limit} requests in ${window} ms: that is more than one a microsecond`,
      );
    }
    this.#key = key;
    this.#store = typeof store === "string" ? openStore(store, maxKeys) : store;
    this.#prefix = `${name}:${limit}/${window}`;
    this.#name = `"${name}"`;
    this.#policy = `"${name}";q=${limit};w=${Math.ceil(window / 1000)}`;
    this.#deny = onStoreError === "deny";
    this.#log = options.log ?? logToConsole;
  }

  /** A store that isn't there yet keeps no app from starting, but one that can't be there does. */
  async open(): Promise<void> {
    try {
      await inTime(this.#store.open?.(), patience, "the store");
    } catch (error) {
      if (isMissingPackage(error)) throw error;
      this.#failed(error);
    }
  }

  async close(): Promise<void> {
    await this.#store.close?.();
  }

  /** @throws HttpError 429, and 503 where the store can't be asked and nothing goes without it */
  check(request: Request): void | Promise<void> {
    const key = this.#key(request);
    return isThenable(key) ? key.then((key) => this.#checkKey(request, key)) : this.#checkKey(request, key);
  }

  /** Tells in an answer what is left. A refusal has told it already. */
  mark({ headers }: Response, request: Request): void {
    if (!this.#taken.has(request)) return;
    const { remaining, resetMs } = this.#taken.get(request);
    this.#taken.delete(request);
    headers.append("ratelimit-policy", this.#policy);
    headers.append("ratelimit", this.#told(remaining, seconds(resetMs)));
  }

  #checkKey(request: Request, key: string | undefined): void | Promise<void> {
    if (key === undefined) return;
    const bounded = boundedKey(this.#prefix, key);
    if (this.#store instanceof MemoryStore)
      return this.#judge(request, this.#store.take(bounded, this.#rate));
    return this.#ask(request, bounded);
  }

  async #ask(request: Request, key: string): Promise<void> {
    const now = performance.now();
    if (now < this.#pausedUntil) return this.#withoutStore();
    let allowance: Allowance;
    try {
      allowance = await inTime(this.#store.take(key, this.#rate), patience, "the store");
    } catch (error) {
      if (isMissingPackage(error)) throw error;
      this.#failed(error);
      return this.#withoutStore();
    }
    if (this.#failing) {
      this.#failing = false;
      this.#log(`The rate limit ${this.#name} is kept again.`);
    }
    this.#judge(request, allowance);
  }

  #judge(request: Request, allowance: Allowance): void {
    if (allowance.allowed) {
      this.#taken.set(request, allowance);
      return;
    }
    const wait = seconds(allowance.retryMs);
    throw new HttpError(
      429,
      `too many requests: try again in ${wait} ${wait === 1 ? "second" : "seconds"}\n`,
      {
        headers: {
          "retry-after": String(wait),
          "ratelimit-policy": this.#policy,
          ratelimit: this.#told(allowance.remaining, wait),
        },
      },
    );
  }

  #withoutStore(): void {
    if (this.#deny)
      throw new HttpError(503, undefined, { headers: { "retry-after": String(seconds(pause)) } });
  }

  #failed(error: unknown): void {
    this.#pausedUntil = performance.now() + pause;
    if (this.#failing) return;
    this.#failing = true;
    const then = this.#deny ? "refused" : "let through";
    this.#log(`The rate limit ${this.#name} can't be kept; until it can, requests are ${then}:`, error);
  }

  #told(remaining: number, after: number): string {
    return `${this.#name};r=${remaining};t=${after}`;
  }
}

function openStore(url: string, maxKeys: number): RateLimitStore {
  if (url === "memory:") return new MemoryStore(maxKeys);
  if (/^rediss?:/.test(url)) return new RedisStore(url);
  throw new TypeError(
    `rateLimit() knows no store ${JSON.stringify(url.replace(/:.*/s, ":…"))}: it takes "memory:", "redis://host:6379", or an object with take`,
  );
}

/** Rounded up, so that who waits that long does not come too early. */
function seconds(ms: number): number {
  return Math.max(Math.ceil(ms / 1000), 1);
}

function wholeNumber(option: string, value: number): void {
  if (Number.isSafeInteger(value) && value > 0) return;
  throw new TypeError(`${option} of rateLimit() is a whole number from 1 on, not ${JSON.stringify(value)}`);
}

/** A package that isn't installed is no outage that passes. */
function isMissingPackage(error: unknown): boolean {
  const cause = error instanceof Error ? (error.cause as { code?: unknown } | undefined) : undefined;
  return cause?.code === "ERR_MODULE_NOT_FOUND";
}

function logToConsole(message: string, error?: unknown): void {
  if (error === undefined) console.error(message);
  else console.error(message, error);
}

/** `sessions()`: the plugin by which requests have sessions. */
import type { LifecycleHook } from "../lifecycle.ts";
import type { Plugin } from "../scope.ts";
import { CookieKeeper } from "./cookie-keeper.ts";
import { MemoryStore } from "./memory-store.ts";
import { RedisStore } from "./redis-store.ts";
import { Sealer } from "./sealer.ts";
import { readSecrets, type Secret } from "./secret.ts";
import { SessionCookie, type SessionCookieOptions } from "./session-cookie.ts";
import type { SessionKeeper } from "./session-keeper.ts";
import { rememberManager, SessionManager } from "./session-manager.ts";
import type { SessionTimes } from "./session-state.ts";
import type { SessionStore } from "./session-store.ts";
import { StoreKeeper } from "./store-keeper.ts";

export interface SessionSettings {
  /** Seconds after which a session that wasn't used is over. Default 14 days. */
  readonly maxAge?: number | undefined;
  /**
   * Seconds after which a session is over, however much it was used; `regenerate()` begins anew. Default 30 days, after which one has to
   * show again who one is (NIST SP 800-63B); `Infinity` for no end.
   */
  readonly lifetime?: number | undefined;
  /** Whether the browser keeps the cookie when it is closed. Default true. */
  readonly persistent?: boolean | undefined;
  readonly cookie?: SessionCookieOptions | undefined;
}

/** Sessions in sealed cookies, or in a store. */
export type SessionOptions = SessionSettings &
  (
    | {
        /** Seals the cookies: 32 bytes or more that nobody can guess. Of several the first seals, and all open: so a secret is changed. */
        readonly secret: Secret | readonly Secret[];
        readonly store?: string | SessionStore | undefined;
      }
    | {
        readonly secret?: undefined;
        /**
         * Keeps sessions on the server, where they can be larger than a cookie and be ended for good: `redis://host:6379` (with the package
         * `redis`), `memory:` for a service of one process, or a store of your own.
         */
        readonly store: string | SessionStore;
      }
  );

/** What an app has, and a blueprint has not. */
interface WithLifecycle {
  onStart(hook: LifecycleHook): void;
  onStop(hook: LifecycleHook): void;
}

const day = 86_400;

/**
 *     app.register(sessions({ secret: config.secret }));
 *
 *     app.post("/login", async (request) => {
 *       …
 *       request.session.regenerate();
 *       request.session.set("userId", user.id);
 *       return redirect("/");
 *     });
 *
 * A session is opened when `request.session` is first read, and written with the head of the answer if it was changed, and where a tenth of
 * `maxAge` is over. Answers whose handler has read it get `Vary: Cookie` and, unless they have one, `Cache-Control: private, no-cache`.
 * @throws TypeError for a secret that is no good, and for options that can't be.
 */
export function sessions(options: SessionOptions): Plugin {
  const times = { maxAge: seconds("maxAge", options.maxAge ?? 14 * day), lifetime: lifetimeOf(options) };
  const keeper = makeKeeper(options, times);
  const cookie = new SessionCookie(options.cookie ?? {}, options.persistent ?? true);
  const manager = new SessionManager(keeper, cookie, times);
  return (scope) => {
    rememberManager(scope, manager);
    scope.use((request, next) => manager.handle(request, next));
    // In a blueprint a store is opened when it is first needed.
    if (!("onStart" in scope)) return;
    const app = scope as unknown as WithLifecycle;
    app.onStart(() => keeper.open?.());
    app.onStop(() => keeper.close?.());
  };
}

function makeKeeper({ secret, store }: SessionOptions, times: SessionTimes): SessionKeeper {
  if (store === undefined) return new CookieKeeper(new Sealer(readSecrets(secret)), times);
  return new StoreKeeper(typeof store === "string" ? openStore(store) : store, times);
}

function openStore(url: string): SessionStore {
  if (url === "memory:") return new MemoryStore();
  if (/^rediss?:/.test(url)) return new RedisStore(url);
  throw new TypeError(
    `sessions() knows no store ${JSON.stringify(url.replace(/:.*/s, ":…"))}: it takes "memory:", "redis://host:6379", or an object with get, set, replace and delete`,
  );
}

function lifetimeOf({ lifetime = 30 * day }: SessionSettings): number {
  return lifetime === Number.POSITIVE_INFINITY ? lifetime : seconds("lifetime", lifetime);
}

function seconds(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new TypeError(`the ${name} of sessions() is a whole number of seconds, not ${value}`);
}

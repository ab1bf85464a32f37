/** Sessions on the server: the interface of what keeps them. */

type MaybePromise<T> = T | Promise<T>;

/**
 * Keeps texts under keys for a time. The keys are hashes of what cookies have, so that who sees the store can't use what is in it as a
 * cookie. What it throws is answered with 503; so is what takes longer than two seconds.
 */
export interface SessionStore {
  /** The text under a key, or nothing once its time is over. */
  get(key: string): MaybePromise<string | null | undefined>;
  /** Keeps a text from now on for a time. */
  set(key: string, text: string, ttlSeconds: number): MaybePromise<void>;
  /**
   * As `set`, but only where there is something under the key, in one step: so a session that one request ends is not brought back by
   * another that goes on at the same time. Tells whether there was.
   */
  replace(key: string, text: string, ttlSeconds: number): MaybePromise<boolean>;
  delete(key: string): MaybePromise<void>;
  /** Called when the app starts, if it does so before the first request; a rejection fails the start. */
  open?(): MaybePromise<void>;
  /** Called when the app has stopped. */
  close?(): MaybePromise<void>;
}

/** Where sessions are: in the cookie itself, or in a store, of which the cookie has the key. */
import type { SessionState } from "./session-state.ts";

type MaybePromise<T> = T | Promise<T>;

export interface SessionKeeper {
  /** Whether one has to wait for a session, so that it is loaded before it is asked for. */
  readonly waits: boolean;
  /**
   * @param value the cookie's
   * @param name the cookie's
   * @returns undefined where there is no such session (any more)
   * @throws HttpError 503 where it can't be found out
   */
  load(value: string, name: string): MaybePromise<SessionState | undefined>;
  /**
   * Writes a session, if there is something to be written.
   * @returns the cookie's new value; null where the cookie is to go; undefined where all is as it should be
   * @throws RangeError for more than can be kept; TypeError for what can't be written; HttpError 503 where it fails
   */
  save(state: SessionState, name: string): MaybePromise<string | null | undefined>;
  open?(): Promise<void>;
  close?(): Promise<void>;
}

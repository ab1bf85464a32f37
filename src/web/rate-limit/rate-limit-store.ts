/** Where it is kept how much of its allowance each client has used. */
import type { Allowance, Rate } from "./rate.ts";

export interface RateLimitStore {
  /**
   * Takes one request out of a client's allowance, if there is one. Requests that come at the same time, in whatever process, must not
   * get the same one.
   * @param key the client. Not longer than 64 characters, and never the same for two limits that have different names.
   */
  take(key: string, rate: Rate): Allowance | Promise<Allowance>;
  /** Called when the app starts. */
  open?(): Promise<void>;
  /** Called when the app stops. */
  close?(): Promise<void>;
}

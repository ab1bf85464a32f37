/** Rate limits of one process, in its memory. */
import { type Allowance, allowanceOf, intervalOf, type Rate } from "./rate.ts";
import type { RateLimitStore } from "./rate-limit-store.ts";

export class MemoryStore implements RateLimitStore {
  readonly #maxKeys: number;
  /** By key, the time at which the whole allowance is there again, in microseconds. Who was last allowed something is last. */
  readonly #fullAt: Map<string, number> = new Map();

  /** @param maxKeys clients that are remembered; for one more, the one is forgotten that was allowed nothing for the longest time */
  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
  }

  /** How many clients are remembered. */
  get size(): number {
    return this.#fullAt.size;
  }

  take(key: string, rate: Rate): Allowance {
    const { limit } = rate;
    const interval = intervalOf(rate);
    const now = Math.floor(performance.now() * 1000);
    const known = this.#fullAt.get(key);
    const fullAt = Math.max(known ?? now, now);
    const next = fullAt + interval;
    const wait = next - now - interval * limit;
    if (wait > 0) return allowanceOf(limit, interval, fullAt - now, wait);
    if (known === undefined) this.#makeRoom(now);
    else this.#fullAt.delete(key);
    this.#fullAt.set(key, next);
    return allowanceOf(limit, interval, next - now, 0);
  }

  /** Forgets who has nothing to be remembered of, a few at a time, and somebody else only where there are too many. */
  #makeRoom(now: number): void {
    let looked = 0;
    for (const [key, fullAt] of this.#fullAt) {
      if (fullAt > now && this.#fullAt.size < this.#maxKeys) return;
      this.#fullAt.delete(key);
      if (++looked === 8) return;
    }
  }
}

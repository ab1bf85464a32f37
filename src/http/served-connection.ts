import type { Registered } from "../net/registry.ts";

/** A connection as its server sees it, whatever version of HTTP it speaks. */
export interface ServedConnection extends Registered {
  /** Called by the server every half second: looks at the deadlines. `now` is that of the coarse clock, in milliseconds. */
  tick(now: number): void;
  /** While draining: ends it as soon as nothing is left to answer, which may be now. */
  endIfIdle(): void;
  /** Ends it now. */
  destroy(): void;
}

/**
 * How a limit is kept: by the generic cell rate algorithm (ITU-T I.371), a bucket that leaks steadily. All that is to be remembered of a
 * client is one time, at which its whole allowance will be there again.
 */

/** So many requests at once, and as many again in the course of each window. */
export interface Rate {
  /** Requests. */
  readonly limit: number;
  /** Milliseconds in which a spent allowance is whole again. */
  readonly window: number;
}

/** What became of a request that asked for its share. */
export interface Allowance {
  readonly allowed: boolean;
  /** Requests that would be allowed now. */
  readonly remaining: number;
  /** Milliseconds until the whole allowance is there again. */
  readonly resetMs: number;
  /** Milliseconds until the next request is allowed; 0 where this one was. */
  readonly retryMs: number;
}

/** Microseconds in which one request more is allowed. Whole, so that nothing is lost by adding it up. */
export function intervalOf({ limit, window }: Rate): number {
  return Math.floor((window * 1000) / limit);
}

/**
 * @param interval of the rate
 * @param used microseconds until the whole allowance is there again
 * @param wait microseconds until the next request is allowed, or 0
 */
export function allowanceOf(limit: number, interval: number, used: number, wait: number): Allowance {
  return {
    allowed: wait === 0,
    remaining: Math.max(limit - Math.ceil(used / interval), 0),
    resetMs: used / 1000,
    retryMs: wait / 1000,
  };
}

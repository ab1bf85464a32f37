/** A connection as its server sees it, whatever version of HTTP it speaks. */
export interface ServedConnection {
  /** While draining: ends it as soon as nothing is left to answer, which may be now. */
  endIfIdle(): void;
  /** Ends it now. */
  destroy(): void;
}

/** What one member may take of what belongs to all. */
export interface Limits {
  /** Members at a time. */
  readonly members: number;
  /** Bytes of a line, with its line end. */
  readonly lineBytes: number;
  /** Lines that may come at once, and how many a second after that. Whoever is faster is not read from for a while. */
  readonly burst: number;
  readonly linesPerSecond: number;
  /** Bytes that wait for a member who does not read them, beyond which the member is dropped. */
  readonly unreadBytes: number;
  /** Milliseconds that a new client has to give a name, and that a member may be silent. */
  readonly nameTimeout: number;
  readonly idleTimeout: number;
}

export const defaultLimits: Limits = {
  members: 500,
  lineBytes: 1000,
  burst: 10,
  linesPerSecond: 2,
  unreadBytes: 64 * 1024,
  nameTimeout: 60_000,
  idleTimeout: 30 * 60_000,
};

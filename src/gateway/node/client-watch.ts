/**
 * Watches for clients that leave before they are answered. Most answers are complete within the turn of the event loop that began
 * them, so the watch begins at its end, for those that are left.
 */

/** What can be watched. */
export interface Watched {
  /** Begins to watch, unless it is over. */
  watch(): void;
}

let waiting: Watched[] = [];

/** Watches from the end of this turn on. */
export function watchUnsettled(watched: Watched): void {
  if (waiting.push(watched) === 1) setImmediate(watchAll);
}

function watchAll(): void {
  const all = waiting;
  waiting = [];
  for (const watched of all) watched.watch();
}

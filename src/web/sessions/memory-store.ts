/** Sessions in this process's memory: for development, tests, and services of one process. */
import type { SessionStore } from "./session-store.ts";

/** Sessions that are kept at most; of more, those go first that were not written for the longest time. */
const defaultMaxSessions = 100_000;

/** Milliseconds between two looks for what is over. */
const sweepEvery = 60_000;

interface Kept {
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

export class MemoryStore implements SessionStore {
  /** In the order in which they were written. */
  readonly #kept = new Map<string, Kept>();
  readonly #maxSessions: number;
  #sweeping: NodeJS.Timeout | undefined;

  constructor(maxSessions: number = defaultMaxSessions) {
    this.#maxSessions = maxSessions;
  }

  /** How many there are, those included that are over and not yet swept out. */
  get size(): number {
    return this.#kept.size;
  }

  get(key: string): string | undefined {
    const kept = this.#kept.get(key);
    return kept === undefined || kept.until <= Date.now() ? undefined : kept.text;
  }

  set(key: string, text: string, ttlSeconds: number): void {
    this.#kept.delete(key);
    this.#kept.set(key, { text, until: Date.now() + ttlSeconds * 1000 });
    if (this.#kept.size > this.#maxSessions) this.#kept.delete(this.#kept.keys().next().value as string);
    // It keeps no process alive.
    this.#sweeping ??= setInterval(() => this.sweep(), sweepEvery).unref();
  }

  replace(key: string, text: string, ttlSeconds: number): boolean {
    const isThere = this.get(key) !== undefined;
    if (isThere) this.set(key, text, ttlSeconds);
    return isThere;
  }

  delete(key: string): void {
    this.#kept.delete(key);
  }

  /** Forgets what is over. */
  sweep(): void {
    const now = Date.now();
    for (const [key, { until }] of this.#kept) if (until <= now) this.#kept.delete(key);
    if (this.#kept.size === 0) this.close();
  }

  close(): void {
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
  }
}

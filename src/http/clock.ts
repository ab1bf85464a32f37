/**
 * One coarse clock for all connections of the thread: their deadlines and the Date field come from it,
 * so that a request costs neither a timer nor a look at the system's clock.
 */

/** Milliseconds between ticks. */
const TICK = 500;

/** What is looked at on every tick. */
export interface Ticking {
  /** @param now milliseconds, on the clock of `clock.now` */
  tick(now: number): void;
}

class Clock {
  /** Milliseconds of a steady clock, as of the last tick (or of the last `watch`). */
  now = 0;
  /** The Date field line with its CRLF (RFC 9110 §6.6.1). */
  dateLine = "";
  readonly #watched = new Set<Ticking>();
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    this.#read();
  }

  /** The time after `milliseconds`: never noticed early, and up to two ticks late. */
  after(milliseconds: number): number {
    return this.now + milliseconds + TICK;
  }

  /** Looks at `ticking` from now on. The timer runs only while something is watched, and keeps no process alive. */
  watch(ticking: Ticking): void {
    if (this.#watched.size === 0) {
      this.#read();
      this.#timer = setInterval(() => this.#tick(), TICK);
      this.#timer.unref();
    }
    this.#watched.add(ticking);
  }

  unwatch(ticking: Ticking): void {
    this.#watched.delete(ticking);
    if (this.#watched.size === 0) clearInterval(this.#timer);
  }

  #tick(): void {
    this.#read();
    for (const ticking of this.#watched) ticking.tick(this.now);
  }

  #read(): void {
    this.now = Math.trunc(performance.now());
    this.dateLine = `date: ${new Date().toUTCString()}\r\n`;
  }
}

export const clock: Clock = new Clock();

/**
 * One coarse clock for everything that has deadlines in this thread, so that a deadline costs
 * an addition and no timer.
 */
import { type Registered, Registry } from "./registry.ts";

/** Milliseconds between ticks. */
const TICK = 500;

/** What is looked at on every tick. */
export interface Ticking extends Registered {
  /** @param now milliseconds, on the clock of `clock.now` */
  tick(now: number): void;
}

class Clock {
  /** Milliseconds of a steady clock, as of the last tick (or of the first `watch` after none). */
  now: number = read();
  readonly #watched = new Registry<Ticking>();
  #timer: NodeJS.Timeout | undefined;

  /** The time after `milliseconds`: never noticed early, and up to two ticks late. */
  after(milliseconds: number): number {
    return this.now + milliseconds + TICK;
  }

  /** Looks at `ticking` from now on. The timer runs only while something is watched, and keeps no process alive. */
  watch(ticking: Ticking): void {
    if (this.#watched.size === 0) {
      this.now = read();
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
    this.now = read();
    for (const ticking of this.#watched) ticking.tick(this.now);
  }
}

function read(): number {
  return Math.trunc(performance.now());
}

export const clock: Clock = new Clock();

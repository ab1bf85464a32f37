/** Finds out a client that takes nothing, or too little, of an answer that waits for it. */
import { clock } from "../net/clock.ts";
import type { HttpLimits } from "./limits.ts";

const NEVER = Number.POSITIVE_INFINITY;

export class AnswerPace {
  readonly #limits: HttpLimits;
  /** When the client must have taken all that was given to it, at the least rate. */
  #rateDeadline = NEVER;
  /** When it must have taken anything. */
  #stallDeadline = NEVER;

  constructor(limits: HttpLimits) {
    this.#limits = limits;
  }

  /** Bytes wait for the client. */
  give(bytes: number): void {
    const { minAnswerRate, rateGrace, writeTimeout } = this.#limits;
    if (this.#rateDeadline === NEVER) {
      this.#rateDeadline = clock.after(rateGrace);
      this.#stallDeadline = clock.after(writeTimeout);
    }
    // Each byte earns the client time, so that a large answer may be taken slowly, but not for ever.
    if (minAnswerRate > 0) this.#rateDeadline += (bytes * 1000) / minAnswerRate;
    else this.#rateDeadline = Number.MAX_VALUE;
  }

  /** The client has taken some. */
  taken(): void {
    this.#stallDeadline = clock.after(this.#limits.writeTimeout);
  }

  /** The client has taken all. */
  takenAll(): void {
    this.#rateDeadline = NEVER;
    this.#stallDeadline = NEVER;
  }

  isTooSlow(now: number): boolean {
    return now >= this.#rateDeadline || now >= this.#stallDeadline;
  }
}

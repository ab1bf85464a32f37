/**
 * When a worker that has died is replaced.
 *
 * One that had served for a while is replaced at once: its death says nothing about
 * the next one. Deaths in quick succession mean that the next will most likely die
 * as well, and each one doubles the wait, so that a broken application doesn't keep
 * the machine busy with starting.
 */

/** Milliseconds of life after which a death is taken for an accident. */
const settledAfter = 10_000;
const firstWait = 100;
const longestWait = 5_000;

export class RespawnPolicy {
  #quickDeaths = 0;

  /** Records a death, and returns the milliseconds to wait before the replacement starts. */
  waitAfter(lifetime: number): number {
    if (lifetime >= settledAfter) {
      this.#quickDeaths = 0;
      return 0;
    }
    const wait = this.#quickDeaths === 0 ? 0 : firstWait * 2 ** (this.#quickDeaths - 1);
    this.#quickDeaths += 1;
    return Math.min(wait, longestWait);
  }
}

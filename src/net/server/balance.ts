/**
 * Spreads connections over the threads that accept on one socket.
 *
 * The kernel wakes every thread that waits on the socket, and the first to come accepts all that is there: of
 * ten connections that came at once, one thread was seen to take six or more. So the threads count their
 * connections in shared memory, and one that has more than the average sleeps for a moment after it has accepted, in
 * proportion to its surplus; the next connection is then taken by another. With it, 400 connections at once came out
 * as 100 each over 4 threads, without it as 123, 116, 115 and 46. (Connections that come one by one go to whoever is
 * awake, with and without it.)
 */

/** Milliseconds of sleep for each connection above the average. */
const sleepPerConnection = 0.1;
const longestSleep = 0.3;

/** Nobody ever wakes this up: `Atomics.wait` on it is how a thread sleeps. */
const never: Int32Array = new Int32Array(new SharedArrayBuffer(4));

/** One thread's seat among `counts`, the shared numbers of connections. */
export class Balance {
  readonly #counts: Int32Array;
  readonly #seat: number;

  constructor(counts: Int32Array, seat: number) {
    this.#counts = counts;
    this.#seat = seat;
    counts[seat] = 0; // the seat's thread before this one may have died
  }

  /** The counts of some threads, to be handed to each. */
  static counts(threads: number): Int32Array {
    return new Int32Array(new SharedArrayBuffer(threads * Int32Array.BYTES_PER_ELEMENT));
  }

  /** Says how many connections this thread has. */
  set(connections: number): void {
    this.#counts[this.#seat] = connections;
  }

  /** Called when a connection was accepted: leaves the next one to the others where this thread has its share. */
  yield(): void {
    let total = 0;
    for (const count of this.#counts) total += count;
    const surplus = this.#counts[this.#seat]! - total / this.#counts.length;
    if (surplus > 0) Atomics.wait(never, 0, 0, Math.min(surplus * sleepPerConnection, longestSleep));
  }
}

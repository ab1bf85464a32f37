/**
 * Rung 3's handler: for each number that comes, how many primes there are below it. It computes, so it holds up
 * everyone who is served by the same thread. A module of its own, because a function can't be handed to a thread.
 */
import type { Connection } from "socle/net";

export default async function primes(connection: Connection): Promise<void> {
  for await (const line of connection.lines()) {
    const answer = /^\d{1,7}$/.test(line) ? countPrimes(Number(line)) : "a number of up to 7 digits, please";
    await connection.write(`${answer}\n`);
  }
}

function countPrimes(limit: number): number {
  let count = 0;
  for (let n = 2; n < limit; n++) if (isPrime(n)) count++;
  return count;
}

function isPrime(n: number): boolean {
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return true;
}

/**
 * How many connections are let in: a total, a number per address, and a number per second. What is too many is refused,
 * or waits for its turn.
 */
import { isIPv4 } from "node:net";
import { parseIp, plainAddress } from "./ip-address.ts";
import { checkWholeNumber, OptionError } from "./option-error.ts";

export interface AdmissionOptions {
  /** Connections at once, those that shake hands included. Default: no limit. */
  readonly maxConnections?: number;
  /** Connections at once from one IPv4 address, or one IPv6 network of 64 bits. Default: no limit. */
  readonly maxConnectionsPerAddress?: number;
  /** Connections per second; as many may come at once, after a quiet second. Default: no limit. */
  readonly acceptRate?: number;
  /**
   * What happens to a connection that is too many. `refuse` (the default) ends it at once. `wait` holds it, accepted but
   * unread, until its turn comes: at most `backlog` of them, and of one address at most
   * `maxConnectionsPerAddress`; the rest is refused.
   */
  readonly overflow?: "refuse" | "wait";
  /** Milliseconds that a connection waits for its turn before it is refused. Default 30 s. */
  readonly waitTimeout?: number;
}

/** Why a connection is too many. */
export type Excess = "too-many-connections" | "too-many-from-address" | "accept-rate";

/** A connection that asks to be let in. */
export interface Applicant {
  /** What `keyOf` has returned for its address. */
  readonly key: string | undefined;
  /** Its turn has come. Called from within `apply`, or later when it had to wait. */
  admit(): void;
}

interface AddressCount {
  open: number;
  waiting: number;
}

const MOST = 1_000_000_000;

export class Admission {
  readonly #max: number;
  readonly #maxPerAddress: number;
  readonly #queueLimit: number;
  readonly #rate: TokenBucket | undefined;
  readonly #addresses: Map<string, AddressCount> = new Map();
  readonly #queue: Set<Applicant> = new Set();
  #open = 0;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param backlog how many may wait
   * @throws OptionError
   */
  constructor(options: AdmissionOptions, backlog: number) {
    checkWholeNumber("maxConnections", options.maxConnections, 1, MOST);
    checkWholeNumber("maxConnectionsPerAddress", options.maxConnectionsPerAddress, 1, MOST);
    checkWholeNumber("acceptRate", options.acceptRate, 1, MOST);
    checkWholeNumber("waitTimeout", options.waitTimeout, 1, MOST);
    const { overflow = "refuse" } = options;
    if (overflow !== "refuse" && overflow !== "wait") {
      throw new OptionError(`overflow is ${JSON.stringify(overflow)}, and must be "refuse" or "wait"`);
    }
    this.#max = options.maxConnections ?? Number.POSITIVE_INFINITY;
    this.#maxPerAddress = options.maxConnectionsPerAddress ?? Number.POSITIVE_INFINITY;
    this.#queueLimit = overflow === "wait" ? backlog : 0;
    this.#rate = options.acceptRate === undefined ? undefined : new TokenBucket(options.acceptRate);
  }

  /** Connections that are let in and have not left. */
  get open(): number {
    return this.#open;
  }

  /** Connections that wait for their turn. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** What connections from an address are counted under; undefined where they are in the total alone. */
  keyOf(address: string | undefined): string | undefined {
    return address === undefined || this.#maxPerAddress === Number.POSITIVE_INFINITY
      ? undefined
      : addressKey(address);
  }

  /** Lets a connection in or has it wait, and returns undefined; or refuses it, and returns why. */
  apply(applicant: Applicant): Excess | undefined {
    const { key } = applicant;
    // Tokens may have come since anybody looked, and who waits for them comes first.
    if (this.#queue.size > 0) this.#admitWaiting();
    const excess = this.#excessOf(key);
    if (excess === undefined) {
      this.#enter(key);
      applicant.admit();
    } else if (this.#queue.size < this.#queueLimit && this.#mayWait(key)) {
      this.#queue.add(applicant);
      if (key !== undefined) this.#countOf(key).waiting++;
      if (excess === "accept-rate") this.#wakeForToken();
    } else {
      return excess;
    }
    return undefined;
  }

  /** Takes a connection that was let in, or that waits, out of the count. Called once for each. */
  leave(applicant: Applicant): void {
    if (this.#closed) return;
    const { key } = applicant;
    const count = key === undefined ? undefined : this.#countOf(key);
    if (this.#queue.delete(applicant)) {
      if (count !== undefined) count.waiting--;
    } else {
      this.#open--;
      if (count !== undefined) count.open--;
    }
    if (key !== undefined && count?.open === 0 && count.waiting === 0) this.#addresses.delete(key);
    this.#admitWaiting();
  }

  /** Lets nobody in any more who waits. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#queue.clear();
    this.#addresses.clear();
  }

  #admitWaiting(): void {
    for (const applicant of this.#queue) {
      const { key } = applicant;
      const excess = this.#excessOf(key);
      if (excess === "too-many-from-address") continue; // holds up nobody else
      if (excess === "accept-rate") this.#wakeForToken();
      if (excess !== undefined) return;
      this.#queue.delete(applicant);
      if (key !== undefined) this.#countOf(key).waiting--;
      this.#enter(key);
      applicant.admit();
    }
  }

  /** Connections wait for nothing but time: nobody's leaving will wake them. */
  #wakeForToken(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#admitWaiting();
    }, this.#rate?.wait());
  }

  #enter(key: string | undefined): void {
    this.#open++;
    if (key !== undefined) this.#countOf(key).open++;
    this.#rate?.take();
  }

  #excessOf(key: string | undefined): Excess | undefined {
    if (this.#open >= this.#max) return "too-many-connections";
    if (key !== undefined && (this.#addresses.get(key)?.open ?? 0) >= this.#maxPerAddress) {
      return "too-many-from-address";
    }
    return this.#rate === undefined || this.#rate.has() ? undefined : "accept-rate";
  }

  #mayWait(key: string | undefined): boolean {
    return key === undefined || (this.#addresses.get(key)?.waiting ?? 0) < this.#maxPerAddress;
  }

  #countOf(key: string): AddressCount {
    let count = this.#addresses.get(key);
    if (count === undefined) this.#addresses.set(key, (count = { open: 0, waiting: 0 }));
    return count;
  }
}

/** What counts as one address: an IPv4 address, or the /64 that one IPv6 subscriber is given at least. */
export function addressKey(address: string): string {
  const plain = plainAddress(address);
  if (isIPv4(plain)) return plain;
  return Buffer.from(parseIp(plain)?.subarray(0, 8) ?? []).toString("hex");
}

/** A number of events per second, of which one second's worth may come at once. */
class TokenBucket {
  readonly #perSecond: number;
  #tokens: number;
  #filledAt = performance.now();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
  }

  has(): boolean {
    const now = performance.now();
    this.#tokens = Math.min(
      this.#perSecond,
      this.#tokens + ((now - this.#filledAt) / 1000) * this.#perSecond,
    );
    this.#filledAt = now;
    return this.#tokens >= 1;
  }

  take(): void {
    this.#tokens--;
  }

  /** Milliseconds until there is a token. */
  wait(): number {
    return Math.max(1, Math.ceil(((1 - this.#tokens) / this.#perSecond) * 1000));
  }
}

/** A session as it is kept: its values and its times, as text and back. */

/** Seconds since the epoch. */
export function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** How long sessions last, in seconds. */
export interface SessionTimes {
  /** Without being used. */
  readonly maxAge: number;
  /** From its begin, however much it is used. */
  readonly lifetime: number;
}

/** A message for the next page. */
export interface FlashMessage {
  readonly message: string;
  readonly category: string;
}

export class SessionState {
  readonly values: Map<string, unknown>;
  flashes: FlashMessage[];
  /** What CSRF tokens are made of; "" before there is one. */
  csrfKey: string;
  /** Under which the store has it; "" where it is new, and in a cookie. */
  readonly id: string;
  /** Whether none came with the request. */
  readonly isNew: boolean;
  /** Whether the text may be another one than that which was read: a value was set, or an object handed out, which may have been changed. */
  mayHaveChanged = false;
  /** Whether it goes on as a new session, which nobody knows yet. */
  regenerated = false;
  /** Whether it was written already, so that changes come too late. */
  closed = false;
  /** When it began, and when it was last written. Seconds since the epoch. */
  #begun: number;
  readonly #saved: number;
  /** What was read of it, without the times. */
  readonly #content: string;
  readonly #current: boolean;

  constructor(read?: ReadSession) {
    this.values = read?.values ?? new Map();
    this.flashes = read?.flashes ?? [];
    this.csrfKey = read?.csrfKey ?? "";
    this.id = read?.id ?? "";
    this.isNew = read === undefined;
    this.#begun = read?.begun ?? nowInSeconds();
    this.#saved = read?.saved ?? 0;
    this.#content = read?.content ?? "";
    this.#current = read?.current ?? true;
  }

  get isEmpty(): boolean {
    return this.values.size === 0 && this.flashes.length === 0 && this.csrfKey === "";
  }

  /** This, about to be changed. @throws TypeError once it was written. */
  change(): this {
    if (this.closed) {
      throw new TypeError(
        "this session was written already, with the head of the answer: change it before the handler returns, and before a stream's first piece",
      );
    }
    this.mayHaveChanged = true;
    return this;
  }

  /** Goes on as a new session: from now on, and with other CSRF tokens. */
  regenerate(): void {
    this.regenerated = true;
    this.#begun = nowInSeconds();
    this.csrfKey = "";
  }

  /**
   * What is to be written, or undefined where what is there is as it should be. It is written again where something was changed, and
   * where a tenth of `maxAge` is over, so that who comes back in time is not forgotten.
   * @throws TypeError for values that JSON has no form for.
   */
  write(now: number, { maxAge }: SessionTimes): string | undefined {
    const isStale = !this.#current || now - this.#saved > maxAge / 10;
    const mustWrite = this.isNew || this.regenerated || isStale;
    if (!mustWrite && !this.mayHaveChanged) return undefined;
    const content = this.#write();
    if (!mustWrite && content === this.#content) return undefined;
    return `[${this.#begun},${now},${content}`;
  }

  /** Seconds that it has from now on, if it isn't used. */
  secondsLeft(now: number, { maxAge, lifetime }: SessionTimes): number {
    return Math.max(1, Math.min(maxAge, this.#begun + lifetime - now));
  }

  #write(): string {
    const parts: unknown[] = [Object.fromEntries(this.values)];
    if (this.flashes.length > 0 || this.csrfKey !== "") {
      parts.push(this.flashes.map(({ message, category }) => [message, category]));
    }
    if (this.csrfKey !== "") parts.push(this.csrfKey);
    return JSON.stringify(parts).slice(1);
  }
}

interface ReadSession {
  readonly values: Map<string, unknown>;
  readonly flashes: FlashMessage[];
  readonly csrfKey: string;
  readonly begun: number;
  readonly saved: number;
  readonly content: string;
  readonly id: string;
  readonly current: boolean;
}

/**
 * Reads what `write` has written.
 * @param current whether it was written as it would be now
 * @returns undefined for what is too old, or was written by something else
 */
export function readSession(
  text: string,
  { maxAge, lifetime }: SessionTimes,
  { id = "", current = true }: { readonly id?: string; readonly current?: boolean } = {},
): SessionState | undefined {
  const [, times, content] = /^(\[\d{1,12},\d{1,12}),(.*)$/s.exec(text) ?? [];
  if (times === undefined || content === undefined) return undefined;
  let parts: unknown;
  try {
    parts = JSON.parse(text);
  } catch {
    return undefined;
  }
  const [begun, saved, values, flashes = [], csrfKey = ""] = parts as [number, number, ...unknown[]];
  const now = nowInSeconds();
  if (now - saved >= maxAge || now - begun >= lifetime) return undefined;
  if (typeof values !== "object" || values === null || typeof csrfKey !== "string") return undefined;
  if (!isFlashes(flashes)) return undefined;
  return new SessionState({
    values: new Map(Object.entries(values)),
    flashes: flashes.map(([message, category]) => ({ message, category })),
    csrfKey,
    begun,
    saved,
    content,
    id,
    current,
  });
}

function isFlashes(value: unknown): value is [message: string, category: string][] {
  return (
    Array.isArray(value) &&
    value.every((each) => Array.isArray(each) && typeof each[0] === "string" && typeof each[1] === "string")
  );
}

/** `request.session`: what is remembered of a visitor from one request to the next. */
import type { FlashMessage, SessionState } from "./session-state.ts";
import { checkSessionValue } from "./session-value.ts";

/**
 * The types of what sessions hold, by key. Declare yours; other keys are `unknown`:
 *
 *     declare module "socle" {
 *       interface SessionData {
 *         userId: number;
 *       }
 *     }
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be added to
export interface SessionData {}

/** The type of a session's value. */
export type SessionValue<Key extends string> = Key extends keyof SessionData ? SessionData[Key] : unknown;

/** A key of `SessionData`, which editors suggest, or any other text. */
export type SessionKey = Extract<keyof SessionData, string> | (string & {});

/** What a session is made of. Internal to the package. */
export let stateOf: (session: Session) => SessionState;

/**
 * Values by key, which JSON has a form for: text, finite numbers, booleans, null, arrays and plain objects of these. They are written
 * with the answer's head, if something was changed, be it within an object.
 */
export class Session {
  readonly #state: SessionState;

  static {
    stateOf = (session) => session.#state;
  }

  /** @internal */
  constructor(state: SessionState) {
    this.#state = state;
  }

  /** Whether none came with this request: there was none, it is over, or it is none of ours. */
  get isNew(): boolean {
    return this.#state.isNew;
  }

  /** How many values there are. */
  get size(): number {
    return this.#state.values.size;
  }

  /** The value, or undefined. What is changed within it is kept. */
  get<Key extends SessionKey>(key: Key): SessionValue<Key> | undefined {
    const value = this.#state.values.get(key);
    if (typeof value === "object") this.#state.mayHaveChanged = true;
    return value as SessionValue<Key> | undefined;
  }

  has(key: SessionKey): boolean {
    return this.#state.values.has(key);
  }

  /**
   * Sets a value.
   * @throws TypeError for what would not come back as it is (a `Date`, a `Map`, a bigint, …), and once the answer's head was made.
   */
  set<Key extends SessionKey>(key: Key, value: SessionValue<Key>): this {
    checkSessionValue(key, value);
    this.#state.change().values.set(key, value);
    return this;
  }

  /** Takes a value away, and tells whether there was one. @throws TypeError once the answer's head was made. */
  delete(key: SessionKey): boolean {
    return this.#state.change().values.delete(key);
  }

  /**
   * Takes all away, messages included, and ends the session: for when a user logs out. What is set afterwards is in a new one.
   * @throws TypeError once the answer's head was made.
   */
  clear(): void {
    const state = this.#state.change();
    state.values.clear();
    state.flashes = [];
    state.regenerate();
  }

  /**
   * Goes on, with what is in it, as a new session: for when a user logs in, so that nobody who has planted or seen the old one has part
   * in it. It gets another id and other CSRF tokens, and its lifetime begins anew.
   * @throws TypeError once the answer's head was made.
   */
  regenerate(): void {
    this.#state.change().regenerate();
  }

  /**
   * Leaves a message for the next page that shows them, this one or that which a redirect leads to.
   * @param category for its looks, such as `error`
   * @throws TypeError once the answer's head was made.
   */
  flash(message: string, category = "message"): void {
    this.#state.change().flashes.push({ message: String(message), category: String(category) });
  }

  /** The messages that were left, in order, which are gone by that. @param category those of it alone */
  flashes(category?: string): FlashMessage[] {
    const all = this.#state.flashes;
    const taken = category === undefined ? all : all.filter((each) => each.category === category);
    if (taken.length > 0) this.#state.change().flashes = all.filter((each) => !taken.includes(each));
    return taken;
  }

  /** The keys, in the order in which they were first set. */
  keys(): MapIterator<string> {
    return this.#state.values.keys();
  }

  /** Keys and values. */
  [Symbol.iterator](): MapIterator<[key: string, value: unknown]> {
    this.#state.mayHaveChanged = true;
    return this.#state.values.entries();
  }
}

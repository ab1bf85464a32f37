/** A request's place for its session, which is made when it is first asked for. */
import { Session, stateOf } from "./session.ts";
import type { SessionState } from "./session-state.ts";

export class SessionSlot {
  readonly #load: () => SessionState;
  #session: Session | undefined;
  #closed = false;

  /** @param load throws where sessions can't be had */
  constructor(load: () => SessionState) {
    this.#load = load;
  }

  get session(): Session {
    if (this.#session === undefined) {
      this.#session = new Session(this.#load());
      stateOf(this.#session).closed = this.#closed;
    }
    return this.#session;
  }

  /** From now on changes are refused. @returns the session, if anyone has asked for it */
  close(): SessionState | undefined {
    this.#closed = true;
    const state = this.#session === undefined ? undefined : stateOf(this.#session);
    if (state !== undefined) state.closed = true;
    return state;
  }
}

/** Sessions in a store. The cookie has a random id, under whose hash the store has the session. */
import { createHash, randomBytes } from "node:crypto";
import { HttpError } from "../http-error.ts";
import { inTime } from "../in-time.ts";
import type { SessionKeeper } from "./session-keeper.ts";
import { nowInSeconds, readSession, type SessionState, type SessionTimes } from "./session-state.ts";
import type { SessionStore } from "./session-store.ts";

/** Bytes of an id: nobody guesses 192 bits. */
const idBytes = 24;
const idPattern = /^[\w-]{32}$/;

/** Characters of a session: what is more is no session. It is read with each request. */
const maxLength = 64 * 1024;

/** Milliseconds that a store has for an answer. */
const deadline = 2000;

export class StoreKeeper implements SessionKeeper {
  readonly waits = true;
  readonly #store: SessionStore;
  readonly #times: SessionTimes;

  constructor(store: SessionStore, times: SessionTimes) {
    this.#store = store;
    this.#times = times;
  }

  async load(id: string): Promise<SessionState | undefined> {
    if (!idPattern.test(id)) return undefined;
    const text = await ask(() => this.#store.get(keyOf(id)));
    return text === undefined || text === null ? undefined : readSession(text, this.#times, { id });
  }

  async save(state: SessionState): Promise<string | null | undefined> {
    const ended = !state.isNew && (state.isEmpty || state.regenerated);
    const text = state.isEmpty ? undefined : this.#write(state);
    if (ended) await ask(() => this.#store.delete(keyOf(state.id)));
    if (text === undefined) return ended ? null : undefined;
    const ttl = state.secondsLeft(nowInSeconds(), this.#times);
    if (state.isNew || ended) {
      const id = randomBytes(idBytes).toString("base64url");
      await ask(() => this.#store.set(keyOf(id), text, ttl));
      return id;
    }
    // Where it isn't there any more, another request has ended it, or given it another id.
    return (await ask(() => this.#store.replace(keyOf(state.id), text, ttl))) ? state.id : undefined;
  }

  async open(): Promise<void> {
    await this.#store.open?.();
  }

  async close(): Promise<void> {
    await this.#store.close?.();
  }

  #write(state: SessionState): string | undefined {
    const text = state.write(nowInSeconds(), this.#times);
    if (text !== undefined && text.length > maxLength) {
      throw new RangeError(
        `the session has ${text.length} characters, and ${maxLength} are kept: keep what is large in a database, and its key here`,
      );
    }
    return text;
  }
}

function keyOf(id: string): string {
  return createHash("sha256").update(id).digest("base64url");
}

/** @throws HttpError 503 for what the store throws, and where it takes too long */
async function ask<Answer>(call: () => Answer | Promise<Answer>): Promise<Answer> {
  try {
    return await inTime(call(), deadline, "the session store");
  } catch (cause) {
    throw new HttpError(503, "sessions can't be reached at the moment", {
      headers: { "retry-after": "5" },
      cause,
    });
  }
}

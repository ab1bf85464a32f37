/** Sessions in cookies, sealed. The server keeps nothing, and any number of servers with the same secret know them. */
import type { Sealer } from "./sealer.ts";
import type { SessionKeeper } from "./session-keeper.ts";
import { nowInSeconds, readSession, type SessionState, type SessionTimes } from "./session-state.ts";

/** Bytes of name and value that browsers take (RFC 6265bis §5.6). */
const maxBytes = 4096;

export class CookieKeeper implements SessionKeeper {
  readonly waits = false;
  readonly #sealer: Sealer;
  readonly #times: SessionTimes;

  constructor(sealer: Sealer, times: SessionTimes) {
    this.#sealer = sealer;
    this.#times = times;
  }

  load(value: string, name: string): SessionState | undefined {
    // No browser keeps a longer one, and opening costs what the text is long.
    if (value.length + name.length > maxBytes) return undefined;
    const opened = this.#sealer.open(value, name);
    return opened === undefined
      ? undefined
      : readSession(opened.text, this.#times, { current: opened.current });
  }

  save(state: SessionState, name: string): string | null | undefined {
    if (state.isEmpty) return state.isNew ? undefined : null;
    const text = state.write(nowInSeconds(), this.#times);
    if (text === undefined) return undefined;
    const value = this.#sealer.seal(text, name);
    const bytes = name.length + value.length;
    if (bytes > maxBytes) {
      const keys = [...state.values.keys()].map((key) => JSON.stringify(key)).join(", ");
      throw new RangeError(
        `the session needs a cookie of ${bytes} bytes, and browsers take ${maxBytes}: keep less in it (its keys are ${keys}), or keep sessions on the server, with sessions({ store: "redis://…" })`,
      );
    }
    return value;
  }
}

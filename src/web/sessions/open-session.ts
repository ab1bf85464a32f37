/** Opens a visitor's session outside of a request, as a test does to see what is in it, or to begin with one. */
import { Session } from "./session.ts";
import type { CookieAudience } from "./session-cookie.ts";
import { managerOf } from "./session-manager.ts";

/** Whose session it is. */
export interface Visitor extends CookieAudience {
  /** The value of the cookie of that name, as it is sent, or undefined. */
  cookie(name: string): string | undefined;
}

export interface OpenedSession {
  readonly session: Session;
  /**
   * Writes what was changed; nothing can be changed afterwards.
   * @returns the Set-Cookie line that the visitor is to get, or undefined where his cookie stays as it is
   */
  save(): Promise<string | undefined>;
}

/**
 * @param app where `sessions()` is registered
 * @throws TypeError for an app without sessions; HttpError 503 where the store can't be reached
 */
export async function openSession(app: object, visitor: Visitor): Promise<OpenedSession> {
  const manager = managerOf(app);
  if (manager === undefined) {
    throw new TypeError("this app has no sessions: app.register(sessions({ secret })) gives it some");
  }
  const secure = manager.cookie.isSecureFor(visitor);
  const state = await manager.load(visitor.cookie(manager.cookie.nameFor(secure)), secure);
  return {
    session: new Session(state),
    async save() {
      let line: string | undefined;
      state.closed = true;
      await manager.save(state, secure, {
        headers: {
          append: (_, value) => {
            line = value;
          },
        },
      });
      return line;
    },
  };
}

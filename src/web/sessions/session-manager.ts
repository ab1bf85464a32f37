/** Gives requests their sessions, and writes what has become of them. */
import { isThenable } from "../../gateway/application.ts";
import { exchangeOf } from "../../gateway/request.ts";
import type { Response } from "../../gateway/response.ts";
import type { WithHeaders } from "../cookies.ts";
import { attachSession, type Request } from "../request.ts";
import { markPrivate } from "./private-answer.ts";
import type { SessionCookie } from "./session-cookie.ts";
import type { SessionKeeper } from "./session-keeper.ts";
import { SessionSlot } from "./session-slot.ts";
import { nowInSeconds, SessionState, type SessionTimes } from "./session-state.ts";

export class SessionManager {
  readonly keeper: SessionKeeper;
  readonly cookie: SessionCookie;
  readonly #times: SessionTimes;

  constructor(keeper: SessionKeeper, cookie: SessionCookie, times: SessionTimes) {
    this.keeper = keeper;
    this.cookie = cookie;
    this.#times = times;
  }

  /** Stands around everything of a scope, as a middleware. */
  async handle(request: Request, next: () => Promise<Response>): Promise<Response> {
    const secure = this.cookie.isSecureFor(exchangeOf(request));
    const slot = this.keeper.waits
      ? new SessionSlot(await this.#loadNow(request, secure))
      : new SessionSlot(() => this.#loadAtOnce(request, secure));
    attachSession(request, slot);
    const response = await next();
    const state = slot.close();
    if (state === undefined) return response;
    const setsCookie = await this.save(state, secure, response);
    markPrivate(response.headers, setsCookie);
    return response;
  }

  /** The session of a cookie, or a new one. @throws HttpError 503 */
  async load(value: string | undefined, secure: boolean): Promise<SessionState> {
    if (value === undefined) return new SessionState();
    return (await this.keeper.load(value, this.cookie.nameFor(secure))) ?? new SessionState();
  }

  /** Writes a session, and sets its cookie where that is needed. @returns whether it was */
  async save(state: SessionState, secure: boolean, response: WithHeaders): Promise<boolean> {
    const saving = this.keeper.save(state, this.cookie.nameFor(secure));
    const value = isThenable(saving) ? await saving : saving;
    if (value === undefined) return false;
    this.cookie.set(response, secure, value, state.secondsLeft(nowInSeconds(), this.#times));
    return true;
  }

  #cookieOf(request: Request, secure: boolean): string | undefined {
    return request.cookies.get(this.cookie.nameFor(secure));
  }

  #loadAtOnce(request: Request, secure: boolean): SessionState {
    const value = this.#cookieOf(request, secure);
    const state = value === undefined ? undefined : this.keeper.load(value, this.cookie.nameFor(secure));
    return (state as SessionState | undefined) ?? new SessionState();
  }

  /** What fails is told to who asks for the session, so that pages that don't are there all the same. */
  async #loadNow(request: Request, secure: boolean): Promise<() => SessionState> {
    try {
      const state = await this.load(this.#cookieOf(request, secure), secure);
      return () => state;
    } catch (error) {
      return () => {
        throw error;
      };
    }
  }
}

/** Who has sessions, by app or blueprint. */
const managers = new WeakMap<object, SessionManager>();

export function rememberManager(scope: object, manager: SessionManager): void {
  managers.set(scope, manager);
}

/** What gives an app its sessions; undefined where `sessions()` isn't registered on it. */
export function managerOf(scope: object): SessionManager | undefined {
  return managers.get(scope);
}

/** The cookie of a session: its name, and whether it is `Secure`. */
import { type CookieOptions, setCookie, type WithHeaders } from "../cookies.ts";
import { hostnameOf } from "../host.ts";

export interface SessionCookieOptions
  extends Pick<CookieOptions, "domain" | "path" | "partitioned" | "sameSite"> {
  /** Default `__Host-session`, which no other host and no page without TLS can set; with `domain` or `path` it is `__Secure-session`, and where the cookie is not secure, `session`. */
  readonly name?: string | undefined;
  /**
   * Whether the cookie is sent over HTTPS only. `auto`: yes, but for requests that come over plain HTTP for this machine itself (localhost,
   * 127.0.0.1, [::1]). So it is secure behind a proxy that does TLS too. Default `auto`.
   */
  readonly secure?: boolean | "auto" | undefined;
}

/** For whom an answer is. */
export interface CookieAudience {
  readonly scheme: "http" | "https";
  readonly authority: string;
}

export class SessionCookie {
  readonly #secure: boolean | "auto";
  readonly #secureName: string;
  readonly #plainName: string;
  readonly #options: CookieOptions;
  readonly #persistent: boolean;

  /** @throws TypeError for a name, path or domain that can't be sent, and for options that browsers refuse together. */
  constructor({ name, secure = "auto", ...options }: SessionCookieOptions, persistent: boolean) {
    const isBound = options.domain === undefined && (options.path ?? "/") === "/";
    this.#secureName = name ?? (isBound ? "__Host-session" : "__Secure-session");
    this.#plainName = name ?? "session";
    const mustBeSecure =
      options.sameSite === "none" ||
      options.partitioned === true ||
      /^__(?:host|secure)-/i.test(this.#plainName);
    this.#secure = secure === "auto" && mustBeSecure ? true : secure;
    this.#options = options;
    this.#persistent = persistent;
    const trial = { headers: { append: () => undefined } };
    for (const each of secure === "auto" ? [true, this.#secure === true] : [secure])
      this.set(trial, each, "", 1);
  }

  /** Whether it is secure for them. */
  isSecureFor({ scheme, authority }: CookieAudience): boolean {
    if (this.#secure !== "auto") return this.#secure;
    return scheme === "https" || !isThisMachine(hostnameOf(authority));
  }

  nameFor(secure: boolean): string {
    return secure ? this.#secureName : this.#plainName;
  }

  /** @param value null to have it forgotten */
  set(response: WithHeaders, secure: boolean, value: string | null, seconds: number): void {
    const maxAge = value === null ? 0 : this.#persistent ? seconds : undefined;
    setCookie(response, this.nameFor(secure), value ?? "", { ...this.#options, secure, maxAge });
  }
}

/** Names that lead to the machine that asks: nobody can listen in between. */
function isThisMachine(hostname: string): boolean {
  return /^(?:(?:.*\.)?localhost|127\.\d+\.\d+\.\d+|\[::1\])$/i.test(hostname);
}

/** Basic authentication: a name and a password with each request (RFC 7617). */
import { isUtf8 } from "node:buffer";
import { timingSafeEqual as equalBytes, randomBytes } from "node:crypto";
import { HttpError } from "../http-error.ts";
import type { Request } from "../request.ts";
import { type AuthHook, authHook, type Verified } from "./auth-hook.ts";
import { challenge, checkRealm, credentialsOf } from "./authorization.ts";
import { digestOf } from "./timing-safe-equal.ts";

export interface BasicAuthOptions<User> {
  /** What the browser shows when it asks, and for which part of a site one password holds. ASCII. Default `restricted`. */
  readonly realm?: string;
  /** Finds the user of a name and a password, which must be theirs; gives nothing for a wrong one. */
  readonly verify: (
    name: string,
    password: string,
    request: Request,
  ) => Verified<User> | Promise<Verified<User>>;
}

/** For users that don't change: the user is the name. */
export interface BasicAuthUsers {
  /** See `BasicAuthOptions`. */
  readonly realm?: string;
  /** The passwords by name. Take them from the settings, and not from the source. */
  readonly users: Readonly<Record<string, string>>;
}

/**
 *     const auth = basicAuth({ realm: "admin", users: { ada: config.adminPassword } });
 *     admin.before(auth);
 *
 * Without credentials, or with wrong ones, the answer is 401, upon which a browser asks for a name and a password. They can be read by
 * whoever sees the request: use it over TLS only.
 * @throws TypeError for settings that can't be
 */
export function basicAuth(options: BasicAuthUsers): AuthHook<string>;
export function basicAuth<User>(options: BasicAuthOptions<User>): AuthHook<User>;
export function basicAuth(
  options: BasicAuthUsers | BasicAuthOptions<unknown>,
): AuthHook<string> | AuthHook<unknown> {
  const { realm = "restricted" } = options;
  checkRealm("basicAuth()", realm);
  const verify = "users" in options ? verifierOf(options.users) : options.verify;
  if (typeof verify !== "function") {
    throw new TypeError("basicAuth() needs verify, a function, or users, the passwords by name");
  }
  const headers = { "www-authenticate": challenge("Basic", realm, 'charset="UTF-8"') };
  const refusal = (why: string): HttpError => new HttpError(401, `${why}\n`, { headers });
  return authHook<unknown>(
    (request) => {
      const credentials = credentialsOf(request);
      if (credentials?.scheme !== "basic")
        throw refusal("a name and a password are needed (Basic authentication)");
      const pair = credentials.token === undefined ? undefined : decodePair(credentials.token);
      if (pair === undefined) {
        throw refusal(
          "the credentials are malformed: they must be a name, a colon and a password, in UTF-8 and then in base64",
        );
      }
      return verify(pair.name, pair.password, request);
    },
    () => refusal("the name or the password is wrong"),
  );
}

/** RFC 7617 §2: the first colon ends the name, and there are no control characters. */
function decodePair(base64: string): { name: string; password: string } | undefined {
  const bytes = Buffer.from(base64, "base64");
  // Node's decoder leaves out what it can't read; what was read whole is written just as it came.
  if (bytes.toString("base64") !== base64 || !isUtf8(bytes)) return undefined;
  const text = bytes.toString();
  const colon = text.indexOf(":");
  if (colon < 0 || /\p{Cc}/u.test(text)) return undefined;
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

function verifierOf(users: Readonly<Record<string, string>>): BasicAuthOptions<string>["verify"] {
  const digests = new Map<string, Buffer>();
  for (const [name, password] of Object.entries(users)) {
    if (typeof password !== "string" || password === "") {
      throw new TypeError(`the password of ${JSON.stringify(name)} in basicAuth() is empty, or no text`);
    }
    if (name.includes(":"))
      throw new TypeError(`a name in basicAuth() has no colon, and ${JSON.stringify(name)} has`);
    digests.set(name, digestOf(password));
  }
  // For a name that there is not the same is done, or the time would tell which there are.
  const nobody = randomBytes(32);
  return (name, password) => {
    const digest = digests.get(name);
    return equalBytes(digest ?? nobody, digestOf(password)) && digest !== undefined ? name : undefined;
  };
}

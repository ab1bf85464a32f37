/** Bearer tokens (RFC 6750). */
import { HttpError } from "../http-error.ts";
import type { Request } from "../request.ts";
import { type AuthHook, authHook, type Verified } from "./auth-hook.ts";
import { challenge, checkRealm, credentialsOf } from "./authorization.ts";

export interface BearerAuthOptions<User> {
  /** Names what the tokens are for. ASCII. Default `restricted`. */
  readonly realm?: string;
  /**
   * Finds the user of a token; gives nothing for one that isn't valid. Where a valid one does not allow what is asked for, throw an
   * `HttpError` 403.
   */
  readonly verify: (token: string, request: Request) => Verified<User> | Promise<Verified<User>>;
}

/**
 *     const auth = bearerAuth({ verify: (token) => findUser(token) });
 *     api.before(auth);
 *
 * Tokens are taken from `Authorization: Bearer …` only: in a URL they would stand in logs and histories. Without one the answer is 401,
 * with one that isn't valid 401 with `error="invalid_token"`, with a malformed one 400 with `error="invalid_request"` (§3.1).
 * @throws TypeError for settings that can't be
 */
export function bearerAuth<User>({ realm = "restricted", verify }: BearerAuthOptions<User>): AuthHook<User> {
  checkRealm("bearerAuth()", realm);
  if (typeof verify !== "function") throw new TypeError("bearerAuth() needs verify, a function");
  const refusal = (status: number, why: string, error?: string): HttpError => {
    const parameters = error === undefined ? [] : [`error="${error}"`, `error_description="${why}"`];
    const headers = { "www-authenticate": challenge("Bearer", realm, ...parameters) };
    return new HttpError(status, `${why}\n`, { headers });
  };
  return authHook<User>(
    (request) => {
      const credentials = credentialsOf(request);
      // §3.1: who has shown nothing yet is told of no error.
      if (credentials?.scheme !== "bearer") throw refusal(401, "a bearer token is needed");
      if (credentials.token === undefined) {
        throw refusal(400, "the bearer token is malformed", "invalid_request");
      }
      return verify(credentials.token, request);
    },
    () => refusal(401, "the bearer token is not valid", "invalid_token"),
  );
}

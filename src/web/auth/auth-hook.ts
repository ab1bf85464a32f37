/** What the hooks that ask who a client is have in common. */
import { isThenable } from "../../gateway/application.ts";
import { local, type RequestLocal } from "../context/request-local.ts";
import type { HttpError } from "../http-error.ts";
import type { Request } from "../request.ts";

/** What `verify` gives: the user, or nothing for credentials that aren't right. */
export type Verified<User> = User | undefined | null | false;

/**
 * A `before` hook for an app, a blueprint or a route, which lets nobody through who has not shown who it is; and by `user` the one
 * who has:
 *
 *     app.before(auth);
 *     app.get("/me", (request) => auth.user.get(request).name);
 */
export interface AuthHook<User> {
  (request: Request): void | Promise<void>;
  /** The user of each request that was let through. */
  readonly user: RequestLocal<User>;
}

/**
 * @param verify finds the user, or throws
 * @param refusal what is thrown for credentials that aren't right
 */
export function authHook<User>(
  verify: (request: Request) => Verified<User> | Promise<Verified<User>>,
  refusal: () => HttpError,
): AuthHook<User> {
  const user = local<User>();
  const admit = (request: Request, found: Verified<User>): void => {
    if (found === undefined || found === null || found === false) throw refusal();
    user.set(request, found);
  };
  const hook = (request: Request): void | Promise<void> => {
    const found = verify(request);
    if (!isThenable(found)) return admit(request, found);
    return Promise.resolve(found).then((found) => admit(request, found));
  };
  return Object.assign(hook, { user });
}

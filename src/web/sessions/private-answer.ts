/** What caches are told of an answer that a session had a part in. */
import type { Headers } from "../../gateway/headers.ts";
import { addVary } from "../vary.ts";

/**
 * Says that the answer is another one for another cookie, and, unless its `cache-control` says something else, that it is this visitor's
 * alone: his browser may keep it, but asks before it shows it again.
 * @param setsCookie whether it sets the session's cookie: then no shared cache may keep it, whatever was said, since it would hand
 *   one visitor's session to others (RFC 9111 §7.3)
 */
export function markPrivate(headers: Headers, setsCookie: boolean): void {
  addVary(headers, "cookie");
  const control = headers.get("cache-control");
  if (control === null || (setsCookie && !/(?:^|,)\s*(?:no-store|private)\s*(?:,|$)/i.test(control))) {
    headers.set("cache-control", "private, no-cache");
  }
}

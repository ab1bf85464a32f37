/** Request targets and authorities: RFC 9112 §3.2, RFC 9110 §7.2. */
import { isIPv6 } from "node:net";
import { consistsOf, HOST } from "./chars.ts";
import { RequestError } from "./errors.ts";

/** An absolute-form target, taken apart. */
export interface AbsoluteTarget {
  readonly scheme: "http" | "https";
  /** Lower case, with the port if there was one. */
  readonly authority: string;
  /** In origin-form, or `*`. */
  readonly target: string;
}

/**
 * Takes apart a target that does not begin with "/".
 * Returns null for `*`; asterisk-form is for OPTIONS only (§3.2.4).
 */
export function parseOtherTarget(method: string, target: string): AbsoluteTarget | null {
  if (target === "*" && method === "OPTIONS") return null;
  const match = /^(https?):\/\/([^/?]*)(.*)$/i.exec(target);
  if (match === null) {
    throw new RequestError(400, "bad-target", "the request target must begin with / (RFC 9112 section 3.2)");
  }
  const rest = match[3] as string;
  return {
    scheme: (match[1] as string).length === 4 ? "http" : "https",
    authority: parseAuthority(match[2] as string),
    // §3.2.4: without path and query, OPTIONS is for the server as a whole.
    target: rest.startsWith("/") ? rest : rest === "" && method === "OPTIONS" ? "*" : `/${rest}`,
  };
}

/**
 * A checked `host[:port]` in lower case.
 * User information, paths, lists, empty hosts and ports that no server can have are refused.
 */
export function parseAuthority(text: string): string {
  const port = /:(?:[1-9][0-9]{0,4})?$/.exec(text);
  const host = port === null || text.endsWith("]") ? text : text.slice(0, port.index);
  const hasPort = port !== null && host.length < text.length - 1;
  if (
    (hasPort && Number(text.slice(host.length + 1)) > 65535) ||
    !(isIpLiteral(host) || consistsOf(host, HOST))
  ) {
    throw new RequestError(400, "bad-host", "Host must be one host name or address, with or without a port");
  }
  // "host:" means the same as "host" (RFC 3986 §6.2.3).
  return (hasPort ? text : host).toLowerCase();
}

/** Whether two authorities are the same under a scheme: its default port may be there or not (RFC 9110 §4.2.3). */
export function sameAuthority(a: string, b: string, scheme: "http" | "https"): boolean {
  const port = scheme === "http" ? ":80" : ":443";
  return a === b || a === b + port || a + port === b;
}

/** "[" IPv6address "]" (RFC 3986 §3.2.2), without a zone. */
function isIpLiteral(host: string): boolean {
  return host.startsWith("[") && host.endsWith("]") && !host.includes("%") && isIPv6(host.slice(1, -1));
}

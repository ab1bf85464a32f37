/** Request targets and authorities: RFC 9112 §3.2, RFC 9110 §7.2. */
import { COLON, consistsOf, HOST } from "./chars.ts";
import { RequestError } from "./errors.ts";

/** An absolute-form target, taken apart. */
export interface AbsoluteTarget {
  /** Lower case, with the port if there was one. */
  readonly authority: string;
  /** In origin-form. */
  readonly target: string;
}

/**
 * Takes apart a target that does not begin with "/".
 * Returns null for `*`; asterisk-form is for OPTIONS only (§3.2.4).
 */
export function parseOtherTarget(method: string, target: string): AbsoluteTarget | null {
  if (target === "*" && method === "OPTIONS") return null;
  const match = /^https?:\/\/([^/?]*)(.*)$/i.exec(target);
  if (match === null) {
    throw new RequestError(400, "bad-target", "the request target must begin with / (RFC 9112 section 3.2)");
  }
  const authority = parseAuthority(match[1] as string);
  const rest = match[2] as string;
  return { authority, target: rest.startsWith("/") ? rest : `/${rest}` };
}

/**
 * A checked `host[:port]` in lower case.
 * User information, paths, lists and empty hosts are refused.
 */
export function parseAuthority(text: string): string {
  const port = /:([0-9]{1,5})?$/.exec(text);
  const host = port === null || text.endsWith("]") ? text : text.slice(0, port.index);
  const portNumber = port?.[1] === undefined ? 0 : Number(port[1]);
  if (portNumber > 65535 || !(isIpLiteral(host) || consistsOf(host, HOST))) {
    throw new RequestError(400, "bad-host", "Host must be one host name or address, with or without a port");
  }
  return text.toLowerCase();
}

/** "[" IPv6address "]": enough of RFC 3986 §3.2.2 that nothing but an address passes. */
function isIpLiteral(host: string): boolean {
  if (!host.startsWith("[") || !host.endsWith("]")) return false;
  const inner = host.slice(1, -1);
  return /^[0-9a-fA-F:.]{2,45}$/.test(inner) && inner.charCodeAt(inner.indexOf(":")) === COLON;
}

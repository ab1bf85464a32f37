/** The `Authorization` field, and what is answered where it is wanting (RFC 9110 §11). */

import { exchangeOf } from "../../gateway/request.ts";
import { consistsOf, FIELD } from "../../http/chars.ts";
import type { Request } from "../request.ts";

/** What a client has sent to show who it is. */
export interface Credentials {
  /** In lower case: schemes are compared without case. */
  readonly scheme: string;
  /** What follows the scheme, if it is a token68; else undefined. */
  readonly token: string | undefined;
}

/** @returns undefined where there are none */
export function credentialsOf(request: Request): Credentials | undefined {
  const field = exchangeOf(request).headers.get("authorization");
  if (field === undefined) return undefined;
  const space = field.indexOf(" ");
  const scheme = (space < 0 ? field : field.slice(0, space)).toLowerCase();
  let at = space < 0 ? field.length : space;
  while (field[at] === " ") at++;
  const token = field.slice(at);
  return { scheme, token: isToken68(token) ? token : undefined };
}

/** `token68`: letters, digits and -._~+/, then any number of = (RFC 9110 §11.2). Several lines of the field are never one. */
function isToken68(text: string): boolean {
  return /^[\w.~+/-]+=*$/.test(text);
}

/**
 * A challenge: what a client has to send.
 * @param parameters after the realm, such as `error="invalid_token"`
 */
export function challenge(scheme: string, realm: string, ...parameters: readonly string[]): string {
  return [`${scheme} realm=${quoted(realm)}`, ...parameters].join(", ");
}

/** @throws TypeError for a realm that can't be sent */
export function checkRealm(what: string, realm: string): void {
  if (typeof realm === "string" && consistsOf(realm, FIELD) && /^[\x20-\x7e]+$/.test(realm)) return;
  throw new TypeError(`the realm of ${what} is a text of ASCII characters, not ${JSON.stringify(realm)}`);
}

/** A quoted-string (RFC 9110 §5.6.4). */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

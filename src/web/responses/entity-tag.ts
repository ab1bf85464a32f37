/** Entity tags: what tells one version of a representation from another (RFC 9110 §8.8.3). */
import { createHash } from "node:crypto";
import { COMMA, DQUOTE, isWhitespace } from "../../http/chars.ts";

const entityTag = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/;

/**
 * An entity tag of a body that is known: the same bytes give the same tag, on every machine.
 * @param options `weak`: for a body that may change where it doesn't matter. A weak tag saves a transfer, but does for no range.
 */
export function etag(body: string | Uint8Array, options: { readonly weak?: boolean } = {}): string {
  const digest = createHash("sha1").update(body).digest("base64url");
  return `${options.weak === true ? "W/" : ""}"${digest}"`;
}

/**
 * An entity tag from what a program has: a version, a hash. Quotes are put around it, unless it is a tag already.
 * @throws TypeError for what can't stand in one.
 */
export function toEntityTag(text: string): string {
  const tag = entityTag.test(text) ? text : `"${text}"`;
  if (entityTag.test(tag)) return tag;
  throw new TypeError(
    `${JSON.stringify(text)} can't be an entity tag: it takes visible characters without quotes`,
  );
}

export function isStrong(tag: string): boolean {
  return tag.charCodeAt(0) === DQUOTE;
}

/**
 * Whether a list of entity tags, as If-Match and If-None-Match have it, names this one. Behind a malformed
 * entry nothing is looked at.
 * @param weakly the weak comparison, which takes `W/"a"` and `"a"` for the same; the strong one takes no weak tag (§8.8.3.2).
 */
export function listsTag(list: string, tag: string, weakly: boolean): boolean {
  if (!weakly && !isStrong(tag)) return false;
  const opaque = isStrong(tag) ? tag : tag.slice(2);
  let at = 0;
  while (at < list.length) {
    const code = list.charCodeAt(at);
    if (code === COMMA || isWhitespace(code)) {
      at++;
      continue;
    }
    const weak = list.startsWith("W/", at);
    const from = weak ? at + 2 : at;
    if (list.charCodeAt(from) !== DQUOTE) return false;
    const end = list.indexOf('"', from + 1);
    if (end < 0) return false;
    if ((weakly || !weak) && end + 1 - from === opaque.length && list.startsWith(opaque, from)) return true;
    at = end + 1;
  }
  return false;
}

/** Parts of URLs as text. Nothing here needs Node: the typed client has it in browsers as well. */

/** A query: names and values, of which undefined and null are left out, or pairs of them, as `URLSearchParams` and `MultiDict` have them. */
export type UrlQuery =
  | Readonly<Record<string, QueryValue | readonly QueryValue[]>>
  | Iterable<readonly [name: string, value: string]>;

/** A `Date` is written in ISO 8601. */
export type QueryValue = string | number | bigint | boolean | Date | null | undefined;

/** Names and values in a form's encoding, by which queries and forms are read. */
export function toSearchParams(query: UrlQuery): URLSearchParams {
  const search = new URLSearchParams();
  const pairs = Symbol.iterator in query ? query : Object.entries(query);
  for (const [name, values] of pairs as Iterable<readonly [string, QueryValue | readonly QueryValue[]]>) {
    for (const value of Array.isArray(values) ? (values as readonly QueryValue[]) : [values as QueryValue]) {
      if (value === undefined || value === null) continue;
      search.append(name, value instanceof Date ? value.toISOString() : String(value));
    }
  }
  return search;
}

/** The query with its `?`, or nothing where it is empty. */
export function writeQuery(query: UrlQuery): string {
  const text = toSearchParams(query).toString();
  return text === "" ? "" : `?${text}`;
}

/** Percent-encodes what may not stand in a path's segment (RFC 3986 §3.3), and nothing else. */
export function encodeSegment(text: string): string {
  return encodeURIComponent(text).replaceAll(/%(?:24|26|2B|2C|3A|3B|3D|40)/g, decodeURIComponent);
}

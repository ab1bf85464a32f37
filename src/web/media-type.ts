/** Media types, as far as telling bodies apart needs them (RFC 9110 §8.3.1). */

/** The type and subtype of a `content-type`, in lower case and without parameters; "" for none. */
export function essence(contentType: string | undefined): string {
  if (contentType === undefined) return "";
  let end = contentType.indexOf(";");
  if (end < 0) end = contentType.length;
  // Optional whitespace is SP and HTAB only: what else stands around the type makes it another type.
  while (end > 0 && (contentType[end - 1] === " " || contentType[end - 1] === "\t")) end--;
  return contentType.slice(0, end).toLowerCase();
}

/** `application/json`, and whatever `+json` says is JSON too (RFC 6839 §3.1). */
export function isJson(mediaType: string): boolean {
  return mediaType === "application/json" || /^[a-z]+\/[a-z0-9!#$&^_.-]+\+json$/.test(mediaType);
}

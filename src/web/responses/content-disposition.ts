/** The Content-Disposition field: whether an answer is shown or saved, and under which name (RFC 6266). */

/**
 * @param type `attachment` has the browser save the answer, `inline` show it
 * @param filename any text. What would be a path, or can't be shown, is replaced by "_". Names beyond ASCII go out in the
 *   encoding of RFC 8187, with a plain one for old clients.
 */
export function contentDisposition(type: "attachment" | "inline", filename: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not come through
  const name = filename.toWellFormed().replace(/[\x00-\x1f\x7f-\x9f/\\]/g, "_");
  // Clients differ on what "%41" and backslashes in quotes mean (RFC 6266, appendix D).
  const plain = name.replace(/[^\x20-\x7e]|["%]/gu, "_");
  const extended = plain === name ? "" : `; filename*=UTF-8''${encode(name)}`;
  return `${type}; filename="${plain}"${extended}`;
}

/** `attr-char` of RFC 8187 §3.2.1 is less than what `encodeURIComponent` leaves. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * Reads `application/x-www-form-urlencoded`, the format of query strings and of forms (URL standard §5.1).
 *
 * `+` is a space. Unlike the standard's lenient parser this one refuses malformed percent-encoding and bytes
 * that are no UTF-8: where the standard leaves `%zz` as it is or puts U+FFFD, another reader may do otherwise.
 */
import { HttpError } from "./http-error.ts";
import { MultiDict } from "./multi-dict.ts";

/** Entries that are taken; more are refused. */
export const maxEntries = 1000;

/**
 * @param where names what is read in error messages: "query" or "form".
 * @throws HttpError 400 for malformed encoding, and for more than `maxEntries` entries.
 */
export function parseUrlEncoded(text: string, where: string): MultiDict {
  const list: string[] = [];
  let from = 0;
  while (from < text.length) {
    let end = text.indexOf("&", from);
    if (end < 0) end = text.length;
    if (end > from) {
      if (list.length === 2 * maxEntries)
        throw new HttpError(400, `the ${where} has more than ${maxEntries} entries`);
      readEntry(text.slice(from, end), where, list);
    }
    from = end + 1;
  }
  return MultiDict.fromList(list);
}

function readEntry(entry: string, where: string, list: string[]): void {
  const equals = entry.indexOf("=");
  const name = decode(equals < 0 ? entry : entry.slice(0, equals), where, undefined);
  list.push(name, equals < 0 ? "" : decode(entry.slice(equals + 1), where, name));
}

function decode(text: string, where: string, fieldName: string | undefined): string {
  const spaced = text.includes("+") ? text.replaceAll("+", " ") : text;
  if (!spaced.includes("%")) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    const what =
      fieldName === undefined
        ? `the name ${JSON.stringify(text)}`
        : `the value of ${JSON.stringify(fieldName)}`;
    throw new HttpError(
      400,
      `${what} in the ${where} has malformed percent-encoding, or is not UTF-8 (write % as %25)`,
    );
  }
}

/** The parameters of a `content-type` or `content-disposition`, as forms have them (RFC 9110 §5.6.6, RFC 7578 §4.2). */

/**
 * Reads `; name=value; name="value"` in one pass. Names become lower-case; values stay as they are.
 *
 * Browsers write a backslash as it is and a quote as `%22` (HTML, "multipart/form-data"), other clients put a backslash before a quote.
 * So a quote ends the value where a `;` or the end follows; elsewhere it is part of it if a backslash stands before it.
 * @param from where the first `;` is, or the length
 * @returns name, value, name, value, …; undefined for what is malformed, and for a name that comes twice.
 */
export function readParameters(text: string, from: number): string[] | undefined {
  const list: string[] = [];
  let at = from;
  for (;;) {
    at = skipSpace(text, at);
    if (at === text.length) return list;
    if (text[at] !== ";") return undefined;
    at = skipSpace(text, at + 1);
    // A `;` at the end, or two in a row, say nothing.
    if (at === text.length || text[at] === ";") continue;
    const equals = text.indexOf("=", at);
    if (equals < 0) return undefined;
    const name = text.slice(at, equals).toLowerCase();
    if (!isName(name)) return undefined;
    at = equals + 1;
    let value = "";
    if (text[at] === '"') {
      let pieceFrom = ++at;
      for (;;) {
        const quote = text.indexOf('"', at);
        if (quote < 0) return undefined;
        const next = skipSpace(text, quote + 1);
        const ends = next === text.length || text[next] === ";";
        const escaped = quote > pieceFrom && text[quote - 1] === "\\";
        if (ends) {
          value += text.slice(pieceFrom, quote);
          at = next;
          break;
        }
        if (!escaped) return undefined;
        value += `${text.slice(pieceFrom, quote - 1)}"`;
        pieceFrom = quote + 1;
        at = pieceFrom;
      }
    } else {
      const end = text.indexOf(";", at);
      value = text.slice(at, end < 0 ? text.length : end).trimEnd();
      if (value.includes('"')) return undefined;
      at = end < 0 ? text.length : end;
    }
    for (let i = 0; i < list.length; i += 2) if (list[i] === name) return undefined;
    list.push(name, value);
    // A client chooses how many: none of ours has more than three.
    if (list.length > 2 * MAX_PARAMETERS) return undefined;
  }
}

const MAX_PARAMETERS = 16;

/** The parameter of that name. */
export function parameter(list: readonly string[], name: string): string | undefined {
  for (let i = 0; i < list.length; i += 2) if (list[i] === name) return list[i + 1];
  return undefined;
}

function isName(text: string): boolean {
  return text.length <= 64 && /^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(text);
}

function skipSpace(text: string, at: number): number {
  while (text[at] === " " || text[at] === "\t") at++;
  return at;
}

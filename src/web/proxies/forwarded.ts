/** `Forwarded` (RFC 7239). */
import { BACKSLASH, COMMA, consistsOf, DQUOTE, SEMICOLON, TOKEN, trimmed } from "../../http/chars.ts";

/** An element of the field: what one proxy has written. Values are without quotes, names in lower case. */
export type ForwardedElement = ReadonlyMap<string, string>;

/**
 * The elements, the last first: it is from the nearest proxy. The field is read from its end, because its begin is what the client
 * has sent, and whatever that is (a quote that is never closed), it must not change how the proxies' elements are read.
 * Ends before an element that breaks the grammar (§4).
 */
export function* forwardedElements(field: string): Generator<ForwardedElement, undefined> {
  for (const text of partsFromEnd(field, COMMA)) {
    const element = text === undefined ? undefined : readElement(text);
    if (element === undefined) return;
    yield element;
  }
}

function readElement(text: string): ForwardedElement | undefined {
  const element = new Map<string, string>();
  for (const pair of partsFromEnd(text, SEMICOLON)) {
    const equals = pair?.indexOf("=") ?? -1;
    if (pair === undefined || equals < 0) return undefined;
    const name = pair.slice(0, equals).toLowerCase();
    const value = readValue(pair.slice(equals + 1));
    if (!consistsOf(name, TOKEN) || value === undefined || element.has(name)) return undefined;
    element.set(name, value);
  }
  return element;
}

/** A token or a quoted string. Nothing that a proxy has to say in one needs a backslash, so there is none. */
function readValue(text: string): string | undefined {
  if (consistsOf(text, TOKEN)) return text;
  const quoted = text.length >= 2 && text.startsWith('"') && text.endsWith('"');
  const inner = text.slice(1, -1);
  return quoted && !inner.includes('"') ? inner : undefined;
}

/** The parts between separators outside of quotes, the last first. Undefined is one that can't be told from its neighbours. */
function* partsFromEnd(text: string, separator: number): Generator<string | undefined, undefined> {
  let quoted = false;
  let end = text.length;
  for (let i = text.length - 1; i >= 0; i--) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH) {
      yield undefined;
      return;
    }
    if (code === DQUOTE) quoted = !quoted;
    if (code !== separator || quoted) continue;
    yield trimmed(text, i + 1, end);
    end = i;
  }
  yield quoted ? undefined : trimmed(text, 0, end);
}

/** Which bytes may stand where: the grammar of RFC 9110 and RFC 9112 as one table of bit flags. */

export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;
export const EQUALS = 0x3d;
export const DQUOTE = 0x22;
export const BACKSLASH = 0x5c;

/** tchar (RFC 9110 §5.6.2): methods, field names. */
export const TOKEN = 1;
/** field-vchar, SP and HTAB (RFC 9110 §5.5). NUL, CR, LF and other control bytes are not among them. */
export const FIELD = 2;
/**
 * The path of a request target: pchar, "/" and "%" (RFC 3986 §3.3), and "[", "]", "|" and "^", which the URL
 * standard's parser, and so every browser, leaves or left as they are. "#" is never sent, and bytes above 0x7E are
 * sent encoded.
 */
export const PATH = 4;
/** Its query: PATH, "?", and the further bytes that the URL standard leaves as they are in a query. */
export const QUERY = 8;
/** A host name in an authority; what RFC 3986 allows beyond this appears in no real host and serves only confusion. */
export const HOST = 16;

/** Flags by byte. */
export const flags: Uint8Array = new Uint8Array(256);

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const digits = "0123456789";

mark(`${letters}${digits}!#$%&'*+-.^_\`|~`, TOKEN);
mark(`${letters}${digits}-._~!$&'()*+,;=:@/%[]|^`, PATH | QUERY);
mark("?\\`{}", QUERY);
mark(`${letters}${digits}-._~`, HOST);
for (let byte = 0; byte < 256; byte++) {
  const visible = byte >= 0x21 && byte !== 0x7f;
  if (visible || byte === SP || byte === HTAB) flags[byte] = (flags[byte] as number) | FIELD;
}

function mark(characters: string, flag: number): void {
  for (const character of characters) {
    const byte = character.charCodeAt(0);
    flags[byte] = (flags[byte] as number) | flag;
  }
}

/** The value of a hexadecimal digit, or -1. */
export function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/**
 * A part of a text without the whitespace around it. That is SP and HTAB and nothing else (RFC 9110 §5.6.3): `trim`
 * would take U+00A0 off as well, and make "chunked" of what other readers take for something unknown.
 */
export function trimmed(text: string, from: number = 0, to: number = text.length): string {
  while (from < to && isWhitespace(text.charCodeAt(from))) from++;
  while (to > from && isWhitespace(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

/** SP or HTAB: OWS, RWS and BWS consist of them (RFC 9110 §5.6.3). */
export function isWhitespace(byte: number): boolean {
  return byte === SP || byte === HTAB;
}

/** Whether every character of a string has the flag. False for the empty string. */
export function consistsOf(text: string, flag: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff || ((flags[code] as number) & flag) === 0) return false;
  }
  return text !== "";
}

/** What may stand in a parameter's place in a path, and what the handler gets of it: Werkzeug's URL converters. */

export interface PathConverter {
  /** Reads the decoded text of one segment (of all that is left, if `spansSegments`), or returns undefined for no match. */
  readonly read: (text: string) => string | number | undefined;
  /** Which is tried first where several could match: the higher. */
  readonly priority: number;
  /** Whether it takes the rest of the path, slashes and all. */
  readonly spansSegments: boolean;
}

/** The converters by name. What they give is in `PathValues`, for the compiler. */
export const pathConverters: ReadonlyMap<string, PathConverter> = new Map<string, PathConverter>([
  ["int", { read: readInt, priority: 5, spansSegments: false }],
  ["float", { read: readFloat, priority: 4, spansSegments: false }],
  ["uuid", { read: readUuid, priority: 3, spansSegments: false }],
  ["string", { read: readText, priority: 2, spansSegments: false }],
  ["path", { read: readText, priority: 1, spansSegments: true }],
]);

/** The type of a parameter by the name of its converter. */
export interface PathValues {
  /** One segment. */
  string: string;
  /** Digits, up to the greatest safe integer. */
  int: number;
  /** Digits, with or without a fraction. */
  float: number;
  /** In lower case. */
  uuid: string;
  /** One or more segments. */
  path: string;
}

function readText(text: string): string | undefined {
  return text === "" ? undefined : text;
}

function readInt(text: string): number | undefined {
  // No number of 17 digits and no leading zero is safe, so longer texts needn't be looked at.
  if (text === "" || text.length > 16) return undefined;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

function readFloat(text: string): number | undefined {
  if (!/^\d+(?:\.\d+)?$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

function readUuid(text: string): string | undefined {
  return /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text) ? text.toLowerCase() : undefined;
}

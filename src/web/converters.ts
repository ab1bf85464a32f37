/** Converters from a text to a value: of a query or form field (`MultiDict.get(name, { type })`), or of a setting (`loadConfig`). */

/** Reads a text, or returns undefined when it is none of the converter's. */
export interface Converter<T> {
  (text: string): T | undefined;
  /** What it takes, to follow "must be": `a whole number`. */
  readonly accepts?: string;
}

/** An integer with an optional sign that a number holds exactly. */
export const int: Converter<number> = converter("a whole number", (text) => {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
});

/** A decimal number with an optional sign, fraction and exponent; neither NaN nor infinite. */
export const float: Converter<number> = converter("a number", (text) => {
  const value = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
});

/** `true`, `1`, `yes`, `on` and `false`, `0`, `no`, `off`, in any case. */
export const bool: Converter<boolean> = converter("true or false", (text) => {
  switch (text.toLowerCase()) {
    case "true":
    case "1":
    case "yes":
    case "on":
      return true;
    case "false":
    case "0":
    case "no":
    case "off":
      return false;
    default:
      return undefined;
  }
});

/** What a unit of time is in milliseconds. */
export const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A length of time with its unit, `500ms`, `1.5s`, `10m`, `2h`, in milliseconds. */
export const duration: Converter<number> = converter(
  "a number with its unit (ms, s, m or h), such as 500ms or 10s",
  (text) => {
    const [, number, unit = ""] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text) ?? [];
    return number === undefined ? undefined : Math.round(Number(number) * (durationUnits[unit] as number));
  },
);

/** A size, in bytes: `512`, `64KiB`, `1.5MB`. KiB, MiB, GiB and TiB are powers of 1024 (IEC 80000-13), kB, MB, GB and TB of 1000. */
export const byteSize: Converter<number> = converter(
  "a size in bytes, such as 512, 64KiB or 1.5MB",
  (text) => {
    const [, number, prefix = "", binary] = /^(\d{1,15}(?:\.\d{1,3})?)(?:([kKMGT])(i)?)?B?$/.exec(text) ?? [];
    if (number === undefined) return undefined;
    const value =
      Number(number) * (binary === undefined ? 1000 : 1024) ** " KMGT".indexOf(prefix.toUpperCase() || " ");
    return Number.isSafeInteger(Math.round(value)) ? Math.round(value) : undefined;
  },
);

/** An absolute URL. It stays the text that it was: drivers of databases and the like take that. */
export const url: Converter<string> = converter("an absolute URL", (text) => {
  return URL.canParse(text) ? text : undefined;
});

/** One of some words: `oneOf("asc", "desc")`. */
export function oneOf<const Word extends string>(...words: readonly Word[]): Converter<Word> {
  return converter(words.join(" or "), (text) => words.find((word) => word === text));
}

/** Several, with commas between, and spaces around these left out: `listOf(int)`. Of an empty text, none. */
export function listOf<T>(item: Converter<T>): Converter<readonly T[]> {
  const accepts =
    item.accepts === undefined ? "a list" : `a list, with commas between, each of it ${item.accepts}`;
  return converter(accepts, (text) => {
    const values = text.trim() === "" ? [] : text.split(",").map((each) => item(each.trim()));
    return values.includes(undefined) ? undefined : (values as T[]);
  });
}

function converter<T>(accepts: string, read: (text: string) => T | undefined): Converter<T> {
  return Object.assign(read, { accepts });
}

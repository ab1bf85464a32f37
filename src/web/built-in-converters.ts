/** The converters that every path can have. Their types are in `PathValues`. */
import { checkRange, nameWith, readNumbers } from "./converter-options.ts";
import { PathConverter } from "./path-converter.ts";
import { PathError } from "./path-error.ts";

/** Makes a converter of its options. */
export type ConverterFactory = (options: readonly string[]) => PathConverter;

/** Who of several is tried first at the same place: the higher. One whose options narrow it comes before the one without. */
const priorities = { any: 60, int: 50, float: 40, date: 35, uuid: 30, string: 20, path: 10 } as const;

/** The priority of a converter of one's own: after the ones that take less than it, and before `string`. */
export const ownPriority = 25;

export const builtInConverters: Readonly<Record<keyof typeof priorities, ConverterFactory>> = {
  any: makeAny,
  int: makeInt,
  float: makeFloat,
  date: plain("date", () => ({
    name: "date",
    priority: priorities.date,
    accepts: "a day as YYYY-MM-DD",
    schema: { type: "string", format: "date" },
    read: readDate,
  })),
  uuid: plain("uuid", () => ({
    name: "uuid",
    priority: priorities.uuid,
    accepts: "a UUID",
    schema: { type: "string", format: "uuid" },
    read: readUuid,
  })),
  string: makeString,
  path: plain("path", () => ({
    name: "path",
    priority: priorities.path,
    spansSegments: true,
    accepts: "one or more segments of text with slashes between them",
    schema: { type: "string", minLength: 1 },
    read: readText,
  })),
};

/** A converter without options. */
export function plain(
  name: string,
  parts: () => ConstructorParameters<typeof PathConverter>[0],
): ConverterFactory {
  return (options) => {
    if (options.length > 0) throw new PathError(`${name} has no options`);
    return new PathConverter(parts());
  };
}

function makeAny(options: readonly string[]): PathConverter {
  const choices = new Set(options);
  if (choices.size === 0 || choices.has("")) {
    throw new PathError("any needs what it may be, with commas between: <any(asc,desc):order>");
  }
  const sorted = [...choices].sort();
  return new PathConverter({
    name: `any(${sorted.join(",")})`,
    priority: priorities.any,
    accepts: sorted.map((choice) => JSON.stringify(choice)).join(" or "),
    schema: { type: "string", enum: [...choices] },
    choices,
    read(text, from, to) {
      const choice = text.slice(from, to);
      return choices.has(choice) ? choice : undefined;
    },
  });
}

function makeInt(options: readonly string[]): PathConverter {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = readNumbers(
    "int",
    options,
    ["min", "max"],
    /^-?\d{1,16}$/,
  );
  return makeNumber("int", "a whole number", "integer", readInt, undefined, min, max);
}

function makeFloat(options: readonly string[]): PathConverter {
  const number = /^-?\d{1,16}(?:\.\d{1,16})?$/;
  const { min = 0, max = Number.MAX_VALUE } = readNumbers("float", options, ["min", "max"], number);
  return makeNumber("float", "a number", "number", readFloat, decimal, min, max);
}

function makeNumber(
  kind: "int" | "float",
  what: string,
  type: string,
  readUnsigned: (text: string, from: number, to: number) => number | undefined,
  write: ((value: number) => string) | undefined,
  min: number,
  max: number,
): PathConverter {
  const greatest = kind === "int" ? Number.MAX_SAFE_INTEGER : Number.MAX_VALUE;
  const given = { min: min === 0 ? undefined : min, max: max === greatest ? undefined : max };
  const name = nameWith(kind, given);
  checkRange(kind, [min, max]);
  const isNarrow = name !== kind;
  return new PathConverter({
    name,
    priority: priorities[kind] + (isNarrow ? 1 : 0),
    accepts: `${what} ${given.max === undefined ? `from ${min} up` : `from ${min} to ${max}`}`,
    schema: { type, minimum: min, ...(given.max === undefined ? {} : { maximum: max }) },
    range: [min, max],
    read: isNarrow ? readWithin : readUnsigned,
    ...(write === undefined ? {} : { write }),
  });

  function readWithin(text: string, from: number, to: number): number | undefined {
    const negative = min < 0 && text.charCodeAt(from) === MINUS;
    const unsigned = readUnsigned(text, negative ? from + 1 : from, to);
    if (unsigned === undefined) return undefined;
    const value = negative ? -unsigned : unsigned;
    // "-0" would be a second spelling of 0.
    return value >= min && value <= max && !(negative && value === 0) ? value : undefined;
  }
}

function makeString(options: readonly string[]): PathConverter {
  const { length, minlength, maxlength } = readNumbers(
    "string",
    options,
    ["length", "minlength", "maxlength"],
    /^\d{1,9}$/,
  );
  if (length !== undefined && (minlength ?? maxlength) !== undefined) {
    throw new PathError("string is given its length, and so can't be given minlength or maxlength as well");
  }
  const least = length ?? minlength ?? 1;
  const greatest = length ?? maxlength ?? Number.POSITIVE_INFINITY;
  checkRange("string", [Math.max(least, 1), greatest]);
  const given =
    least === greatest
      ? { length: least }
      : {
          minlength: least <= 1 ? undefined : least,
          maxlength: greatest === Number.POSITIVE_INFINITY ? undefined : greatest,
        };
  const name = nameWith("string", given);
  const isNarrow = name !== "string";
  return new PathConverter({
    name,
    priority: priorities.string + (isNarrow ? 1 : 0),
    accepts: `a text${isNarrow ? ` (${name.slice("string(".length, -1)})` : ""} that is neither empty nor . or .. and has no slash, backslash or NUL`,
    schema: {
      type: "string",
      minLength: Math.max(least, 1),
      ...(greatest === Number.POSITIVE_INFINITY ? {} : { maxLength: greatest }),
    },
    range: [least, greatest],
    read: isNarrow
      ? (text, from, to) =>
          to - from >= least && to - from <= greatest ? readText(text, from, to) : undefined
      : readText,
  });
}

const ZERO = 0x30;
const MINUS = 0x2d;

function readText(text: string, from: number, to: number): string | undefined {
  return from < to ? text.slice(from, to) : undefined;
}

/** Digits, of which a number is made; NaN for anything else. */
function digits(text: string, from: number, to: number): number {
  let value = from < to ? 0 : Number.NaN;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function readInt(text: string, from: number, to: number): number | undefined {
  // No number of 17 digits and no leading zero is safe, so longer texts needn't be looked at.
  if (to - from > 16) return undefined;
  const value = digits(text, from, to);
  return value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

function readFloat(text: string, from: number, to: number): number | undefined {
  const number = text.slice(from, to);
  if (!/^\d+(?:\.\d+)?$/.test(number)) return undefined;
  const value = Number(number);
  return Number.isFinite(value) ? value : undefined;
}

function readUuid(text: string, from: number, to: number): string | undefined {
  if (to - from !== 36) return undefined;
  const uuid = text.slice(from, to);
  return /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(uuid) ? uuid.toLowerCase() : undefined;
}

function readDate(text: string, from: number, to: number): string | undefined {
  if (to - from !== 10 || text.charCodeAt(from + 4) !== MINUS || text.charCodeAt(from + 7) !== MINUS)
    return undefined;
  const year = digits(text, from, from + 4);
  const month = digits(text, from + 5, from + 7);
  const day = digits(text, from + 8, to);
  const isDay = year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
  return isDay ? text.slice(from, to) : undefined;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** A number without the exponent that JavaScript gives the very large and very small: 1e-7 as 0.0000001. */
function decimal(value: number): string {
  const text = String(value);
  const [, sign = "", whole = "", fraction = "", exponent] =
    /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? [];
  if (exponent === undefined) return text;
  const shift = Number(exponent);
  return shift < 0
    ? `${sign}0.${"0".repeat(-shift - 1)}${whole}${fraction}`
    : `${sign}${whole}${fraction.padEnd(shift, "0")}`;
}

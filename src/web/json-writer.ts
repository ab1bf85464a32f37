/**
 * What goes out as JSON: as `JSON.stringify` writes it, a `Date` as its ISO text. A bigint, for which it has no form, is an error that
 * says where it stands, unless the application says what becomes of bigints.
 */
import { jsonPath } from "./json-path.ts";

/** How values that JSON has no form for are written. */
export interface JsonOptions {
  /**
   * What a bigint becomes: `string`, its digits in quotes; `number`, a number, which is an error beyond ±(2^53 - 1), as those who
   * read it would round it. Default: any is an error. What holds no bigint is written as quickly as ever.
   */
  readonly bigint?: "string" | "number" | undefined;
  /**
   * Called for each member, as `JSON.stringify` calls it: with what its `toJSON` gave if it has one, and with its holder as `this`.
   * For a `Map`, a decimal of yours. It makes writing several times slower.
   */
  readonly replacer?: ((this: unknown, key: string, value: unknown) => unknown) | undefined;
}

/**
 * Writes a value as JSON.
 * @throws TypeError for a bigint, naming its place, for a value that holds itself, and for what JSON has no form for: `undefined`, a
 *   function, an object whose `toJSON` gives nothing.
 */
export type WriteJson = (value: unknown) => string;

/** Writes as `JSON.stringify` does. */
export const writeJson: WriteJson = (value) => {
  try {
    return written(JSON.stringify(value), value);
  } catch (error) {
    throw explained(error, value, undefined);
  }
};

/** A function that writes by these options. */
export function jsonWriter({ bigint, replacer }: JsonOptions): WriteJson {
  if (bigint === undefined && replacer === undefined) return writeJson;
  const convert = bigint === undefined ? replacer : withBigints(bigint, replacer);
  return (value) => {
    try {
      return written(JSON.stringify(value, replacer), value);
    } catch (error) {
      // Only what may have failed by a bigint is written with a function called for each member.
      if (bigint === undefined) throw explained(error, value, replacer);
      return written(JSON.stringify(value, convert), value);
    }
  };
}

type Replacer = NonNullable<JsonOptions["replacer"]>;

function withBigints(bigint: "string" | "number", replacer: Replacer | undefined): Replacer {
  return function (key, given) {
    const value = replacer === undefined ? given : replacer.call(this, key, given);
    if (typeof value !== "bigint") return value;
    if (bigint === "string") return String(value);
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
    throw new RangeError(
      `JSON has no safe number for the bigint ${value} in ${JSON.stringify(key)}: beyond 2^53 - 1 those who read it would round it; write it as a string`,
    );
  };
}

function written(text: string | undefined, value: unknown): string {
  if (text !== undefined) return text;
  const what = typeof value === "object" ? "an object whose toJSON gives nothing" : typeof value;
  throw new TypeError(`JSON has no form for ${what}`);
}

/** V8, JavaScriptCore and SpiderMonkey all name it. */
function isBigintError(error: unknown): boolean {
  return error instanceof TypeError && /bigint/i.test(error.message);
}

/** An error that names the place of the bigint that is the cause; other errors as they are. */
function explained(error: unknown, value: unknown, replacer: Replacer | undefined): unknown {
  const place = isBigintError(error) ? placeOfBigint(value, replacer) : undefined;
  if (place === undefined) return error;
  const where = place === "" ? "" : ` at ${place}`;
  return new TypeError(
    `JSON has no form for the bigint${where}: write String(…), or say { bigint: "string" } for all of them`,
    { cause: error },
  );
}

/** Writes the value again, and notes on the way where each object was met. */
function placeOfBigint(value: unknown, replacer: Replacer | undefined): string | undefined {
  const found = new Error();
  const places = new Map<unknown, readonly (string | number)[]>();
  let place: string | undefined;
  function look(this: unknown, key: string, given: unknown): unknown {
    const member = replacer === undefined ? given : replacer.call(this, key, given);
    const above = places.get(this);
    const members = above === undefined ? [] : [...above, Array.isArray(this) ? Number(key) : key];
    if (typeof member === "bigint") {
      place = jsonPath(members);
      throw found;
    }
    if (typeof member === "object" && member !== null) places.set(member, members);
    return member;
  }
  try {
    JSON.stringify(value, look);
  } catch {}
  return place;
}

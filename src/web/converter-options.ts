/** The options of a converter in a path: `int(min=1,max=9)`. */
import { PathError } from "./path-error.ts";

/**
 * Reads options that are numbers.
 * @throws PathError for one that the converter hasn't, that is given twice, or that is none of its numbers
 */
export function readNumbers<Key extends string>(
  converter: string,
  texts: readonly string[],
  keys: readonly Key[],
  number: RegExp,
): Partial<Record<Key, number>> {
  const found: Partial<Record<Key, number>> = {};
  for (const text of texts) {
    const [key = "", value = ""] = text.split("=", 2).map((part) => part.trim());
    if (!keys.includes(key as Key)) {
      throw new PathError(
        `${converter} has no option ${JSON.stringify(text)}; there are: ${keys.join(", ")}`,
      );
    }
    if (key in found) throw new PathError(`${converter} is given ${key} twice`);
    if (!number.test(value) || Math.abs(Number(value)) > Number.MAX_SAFE_INTEGER) {
      throw new PathError(
        `${key} of ${converter} is written as a number, ${key}=9, and not ${JSON.stringify(text)}`,
      );
    }
    found[key as Key] = Number(value);
  }
  return found;
}

/** @throws PathError for a range without anything in it */
export function checkRange(converter: string, [least, greatest]: readonly [number, number]): void {
  if (least > greatest) throw new PathError(`${converter} takes nothing from ${least} to ${greatest}`);
}

/** A converter's name with its options, leaving out those that say nothing. */
export function nameWith(converter: string, options: Readonly<Record<string, number | undefined>>): string {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return given.length === 0
    ? converter
    : `${converter}(${given.map(([key, value]) => `${key}=${value}`).join(",")})`;
}

/** Converters from the text of a query or form field to a value, for `MultiDict.get(name, { type })`. */

/** Reads a text, or returns undefined when it is none of the converter's. */
export type Converter<T> = (text: string) => T | undefined;

/** An integer with an optional sign that a number holds exactly. */
export const int: Converter<number> = (text) => {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
};

/** A decimal number with an optional sign, fraction and exponent; neither NaN nor infinite. */
export const float: Converter<number> = (text) => {
  const value = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
};

/** `true`, `1`, `yes`, `on` and `false`, `0`, `no`, `off`, in any case. */
export const bool: Converter<boolean> = (text) => {
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
};

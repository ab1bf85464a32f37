/** Lists of values with parameters and weights, as the Accept fields are (RFC 9110 §12.4.2). Read in one pass, without patterns. */
import { BACKSLASH, COMMA, DQUOTE, EQUALS, SEMICOLON, trimmed } from "../../http/chars.ts";

export interface WeightedValue {
  /** In lower case. */
  readonly value: string;
  /** `name=value`, the name in lower case and the value without quotes. */
  readonly parameters: readonly string[];
  /** 0, for "not acceptable", to 1. */
  readonly weight: number;
}

const none: readonly string[] = [];

/** The list's values in order; those whose weight is malformed are left out. */
export function parseWeightedList(field: string): WeightedValue[] {
  const values: WeightedValue[] = [];
  for (let at = 0; at < field.length; ) {
    const end = endOfPart(field, at, field.length, COMMA);
    const value = parseValue(field, at, end);
    if (value !== undefined) values.push(value);
    at = end + 1;
  }
  return values;
}

function parseValue(field: string, from: number, to: number): WeightedValue | undefined {
  let end = endOfPart(field, from, to, SEMICOLON);
  const value = trimmed(field, from, end).toLowerCase();
  if (value === "") return undefined;
  let parameters: string[] | undefined;
  let weight = 1;
  while (end < to) {
    const at = end + 1;
    end = endOfPart(field, at, to, SEMICOLON);
    const equals = endOfPart(field, at, end, EQUALS);
    const name = trimmed(field, at, equals).toLowerCase();
    const text = equals < end ? trimmed(field, equals + 1, end) : "";
    if (name === "q") {
      weight = parseWeight(text);
      // What follows belongs to no value any more.
      break;
    }
    if (name !== "") (parameters ??= []).push(`${name}=${unquoted(text)}`);
  }
  return weight >= 0 ? { value, parameters: parameters ?? none, weight } : undefined;
}

/** Where a part ends: at a separator outside of quotes, or at `to`. */
function endOfPart(field: string, from: number, to: number, separator: number): number {
  let quoted = false;
  for (let i = from; i < to; i++) {
    const code = field.charCodeAt(i);
    if (code === DQUOTE) quoted = !quoted;
    else if (quoted) i += code === BACKSLASH ? 1 : 0;
    else if (code === separator) return i;
  }
  return to;
}

/** A qvalue (RFC 9110 §12.4.2), or -1. */
function parseWeight(text: string): number {
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : -1;
}

function unquoted(text: string): string {
  if (text.length < 2 || text[0] !== '"' || !text.endsWith('"')) return text;
  return text.slice(1, -1).replace(/\\(.)/gs, "$1");
}

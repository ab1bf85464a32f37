/**
 * Finds the first error in a text that `JSON.parse` has refused. The engine's own message tells no place
 * that a person can look up; this does the work again, slower, and only when something is wrong.
 *
 * It is one loop over the grammar of RFC 8259 with a stack of its own: text of a client's making must not
 * decide how deep we recurse.
 */
import { jsonPath } from "./json-path.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const space = /[ \t\n\r]*/y;
const numberOrWord = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const escapeSequence = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** An array or object that is open: the key or index of the member that is being read. */
interface Level {
  readonly isArray: boolean;
  member: string | number;
}

type Expected = "value" | "value or ]" | "name" | "name or }" | "colon" | "comma" | "end";

const phrases: Readonly<Record<Exclude<Expected, "comma">, string>> = {
  value: "expected a JSON value",
  "value or ]": "expected a JSON value or ]",
  name: "expected a name in double quotes",
  "name or }": "expected a name in double quotes or }",
  colon: "expected : after the name",
  end: "expected nothing more",
};

/** What is wrong and where, such as `"c": expected a JSON value at line 1, column 7`. Columns count characters. */
export function findJsonError(text: string): string {
  const levels: Level[] = [];
  let expected: Expected = "value";
  let at = skip(space, text, 0);
  while (at < text.length) {
    const next = step(text, at, expected, levels);
    if (next === undefined) break;
    expected = next.expected;
    at = skip(space, text, next.at);
  }
  return `${pathOf(levels)}${phrase(expected, levels)}${at < text.length ? faultyString(text, at) : ""} at ${place(text, at)}`;
}

interface Step {
  readonly at: number;
  readonly expected: Expected;
}

/** Takes one token at `at`; undefined if it is not what was expected. */
function step(text: string, at: number, expected: Expected, levels: Level[]): Step | undefined {
  const character = text[at];
  const level = levels.at(-1);
  switch (expected) {
    case "value":
    case "value or ]": {
      if (character === "]" && expected === "value or ]") return closed(at, levels);
      if (character === "{") {
        levels.push({ isArray: false, member: "" });
        return { at: at + 1, expected: "name or }" };
      }
      if (character === "[") {
        levels.push({ isArray: true, member: 0 });
        return { at: at + 1, expected: "value or ]" };
      }
      const end = character === '"' ? endOfString(text, at) : skip(numberOrWord, text, at);
      return end === at ? undefined : { at: end, expected: level === undefined ? "end" : "comma" };
    }
    case "name":
    case "name or }": {
      if (character === "}" && expected === "name or }") return closed(at, levels);
      const end = endOfString(text, at);
      if (end === at || level === undefined) return undefined;
      level.member = text.slice(at + 1, end - 1);
      return { at: end, expected: "colon" };
    }
    case "colon":
      return character === ":" ? { at: at + 1, expected: "value" } : undefined;
    case "comma": {
      if (level === undefined) return undefined;
      if (character === (level.isArray ? "]" : "}")) return closed(at, levels);
      if (character !== ",") return undefined;
      level.member = typeof level.member === "number" ? level.member + 1 : "";
      return { at: at + 1, expected: level.isArray ? "value" : "name" };
    }
    case "end":
      return undefined;
  }
}

function closed(at: number, levels: Level[]): Step {
  levels.pop();
  return { at: at + 1, expected: levels.length === 0 ? "end" : "comma" };
}

function phrase(expected: Expected, levels: readonly Level[]): string {
  if (expected !== "comma") return phrases[expected];
  return levels.at(-1)?.isArray === true ? "expected , or ]" : "expected , or }";
}

/** A string that can't be read is the most puzzling of errors, so it is explained. */
function faultyString(text: string, at: number): string {
  return text[at] === '"' && endOfString(text, at) === at
    ? " (this string has no end, a control character or an unknown escape)"
    : "";
}

/** `"user"."tags"[2]: `, or nothing at the top. */
function pathOf(levels: readonly Level[]): string {
  const path = jsonPath(levels.map(({ member }) => member).filter((member) => member !== ""));
  return path === "" ? "" : `${path}: `;
}

function place(text: string, at: number): string {
  const before = text.slice(0, at);
  const lineStart = before.lastIndexOf("\n") + 1;
  let line = 1;
  for (let i = before.indexOf("\n"); i >= 0; i = before.indexOf("\n", i + 1)) line++;
  let column = 1;
  for (const _ of before.slice(lineStart)) column++;
  return `line ${line}, column ${column}`;
}

/** The position behind a token at `at`, or `at` where there is none. */
function skip(token: RegExp, text: string, at: number): number {
  token.lastIndex = at;
  return token.test(text) ? token.lastIndex : at;
}

/** The position behind a string that begins at `at`, or `at` where there is none. */
function endOfString(text: string, at: number): number {
  if (text[at] !== '"') return at;
  for (let i = at + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) return i + 1;
    if (code < 0x20) return at;
    if (code === BACKSLASH) {
      const next = skip(escapeSequence, text, i);
      if (next === i) return at;
      i = next - 1;
    }
  }
  return at;
}

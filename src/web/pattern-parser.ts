/** Reads regular expressions, as far as `LinearPattern` has them: characters, classes, groups, `|`, and quantifiers. */

export type CharacterRanges = readonly (readonly [first: number, last: number])[];

/** A pattern, taken apart. */
export type PatternPart =
  | { readonly kind: "characters"; readonly ranges: CharacterRanges }
  | { readonly kind: "sequence" | "choice"; readonly parts: readonly PatternPart[] }
  | { readonly kind: "repeat"; readonly part: PatternPart; readonly least: number; readonly most: number };

const LAST_CODE = 0xffff;
const digit: CharacterRanges = [[0x30, 0x39]];
const word: CharacterRanges = [...digit, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]];
/** What is no line terminator (ECMAScript §12.3). */
const anyCharacter: CharacterRanges = [
  [0, 9],
  [0xb, 0xc],
  [0xe, 0x2027],
  [0x202a, LAST_CODE],
];

/** Groups within groups. */
const MOST_DEPTH = 50;
/** Repetitions, as `{1000}` has. */
const MOST_REPEATED = 1000;

/** Reads one pattern. */
export class PatternParser {
  readonly #pattern: RegExp;
  readonly #source: string;
  #at = 0;
  #depth = 0;

  /** @param pattern a valid one, as every `RegExp` is */
  constructor(pattern: RegExp) {
    this.#pattern = pattern;
    // The whole text is meant anyway.
    this.#source = pattern.source.replace(/^\^/, "").replace(/((?:^|[^\\])(?:\\\\)*)\$$/, "$1");
  }

  /** @throws TypeError for what is left out */
  parse(): PatternPart {
    // A pattern is parenthesized in mind: ^a|b$ is (^a)|(b$), and would be another than (a|b).
    const whole = this.#parseChoice();
    const isAnchored = this.#source.length < this.#pattern.source.length;
    if (isAnchored && whole.kind === "choice")
      throw this.#refused("^ or $ beside |, which belong to one side only");
    return whole;
  }

  #parseChoice(): PatternPart {
    if (++this.#depth > MOST_DEPTH) throw this.#refused("groups nested that deep");
    const parts = [this.#parseSequence()];
    while (this.#take("|")) parts.push(this.#parseSequence());
    this.#depth--;
    return parts.length === 1 ? (parts[0] as PatternPart) : { kind: "choice", parts };
  }

  #parseSequence(): PatternPart {
    const parts: PatternPart[] = [];
    while (this.#at < this.#source.length && !this.#isNext("|") && !this.#isNext(")")) {
      parts.push(this.#parseQuantified());
    }
    return { kind: "sequence", parts };
  }

  #parseQuantified(): PatternPart {
    const part = this.#parseAtom();
    const quantifier = /^(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})\??/.exec(this.#source.slice(this.#at));
    if (quantifier === null) return part;
    this.#at += quantifier[0].length;
    const [text, from, comma, to] = quantifier;
    const infinite = Number.POSITIVE_INFINITY;
    if (from === undefined) {
      return { kind: "repeat", part, least: text[0] === "+" ? 1 : 0, most: text[0] === "?" ? 1 : infinite };
    }
    const least = Number(from);
    const most = comma === undefined ? least : to === "" ? infinite : Number(to);
    if (least > MOST_REPEATED || (most !== infinite && most > MOST_REPEATED)) {
      throw this.#refused(`more than ${MOST_REPEATED} repetitions`);
    }
    return { kind: "repeat", part, least, most };
  }

  #parseAtom(): PatternPart {
    const character = this.#source[this.#at++] as string;
    switch (character) {
      case "(": {
        if (this.#isNext("?") && !this.#take("?:"))
          throw this.#refused("a group that begins with (? and is not (?:");
        const part = this.#parseChoice();
        this.#at++;
        return part;
      }
      case "[":
        return { kind: "characters", ranges: this.#parseClass() };
      case ".":
        return { kind: "characters", ranges: anyCharacter };
      case "\\":
        return { kind: "characters", ranges: this.#parseEscape() };
      case "^":
      case "$":
        throw this.#refused(`${character} within, where the whole text is matched anyway`);
      default:
        return { kind: "characters", ranges: single(character.charCodeAt(0)) };
    }
  }

  /** What follows on "[". */
  #parseClass(): CharacterRanges {
    const negated = this.#take("^");
    const ranges: (readonly [number, number])[] = [];
    while (!this.#take("]")) {
      const from = this.#parseMember();
      const isRange = this.#isNext("-") && this.#source[this.#at + 1] !== "]";
      if (!isRange) {
        ranges.push(...from);
        continue;
      }
      this.#at++;
      const to = this.#parseMember();
      // A class on either side makes the hyphen a text: [\w-.].
      if (isSingle(from) && isSingle(to)) ranges.push([from[0][0], to[0][0]]);
      else ranges.push(...from, ...single(0x2d), ...to);
    }
    return negated ? complement(ranges) : ranges;
  }

  #parseMember(): CharacterRanges {
    const character = this.#source[this.#at++] as string;
    if (character !== "\\") return single(character.charCodeAt(0));
    // Within a class it is a backspace, and not a word's boundary.
    return this.#take("b") ? single(8) : this.#parseEscape();
  }

  /** What follows on "\". */
  #parseEscape(): CharacterRanges {
    const code = /^(?:x([\da-f]{2})|u([\da-f]{4}))/i.exec(this.#source.slice(this.#at));
    if (code !== null) {
      this.#at += code[0].length;
      return single(Number.parseInt((code[1] ?? code[2]) as string, 16));
    }
    const character = this.#source[this.#at++] as string;
    switch (character) {
      case "d":
        return digit;
      case "D":
        return complement(digit);
      case "w":
        return word;
      case "W":
        return complement(word);
    }
    if (/[A-Za-z0-9]/.test(character)) throw this.#refused(`\\${character}`);
    return single(character.charCodeAt(0));
  }

  #isNext(text: string): boolean {
    return this.#source.startsWith(text, this.#at);
  }

  #take(text: string): boolean {
    if (!this.#isNext(text)) return false;
    this.#at += text.length;
    return true;
  }

  #refused(what: string): TypeError {
    return new TypeError(`the pattern ${this.#pattern} has ${what}, which a converter's pattern can't have`);
  }
}

function single(code: number): readonly [readonly [number, number]] {
  return [[code, code]];
}

function isSingle(ranges: CharacterRanges): ranges is readonly [readonly [number, number]] {
  return ranges.length === 1 && ranges[0]?.[0] === ranges[0]?.[1];
}

function complement(ranges: CharacterRanges): CharacterRanges {
  const rest: (readonly [number, number])[] = [];
  let from = 0;
  for (const [first, last] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (first > from) rest.push([from, first - 1]);
    from = Math.max(from, last + 1);
  }
  if (from <= LAST_CODE) rest.push([from, LAST_CODE]);
  return rest;
}

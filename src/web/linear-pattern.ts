/**
 * Regular expressions that can't be slow: a pattern is compiled to a table (a deterministic automaton), by which a text is read
 * once, a step for each character, whatever pattern and text are. JavaScript's own engine goes back and tries again, so that with some
 * patterns 30 characters of a client's keep it busy for minutes, and no rule by which one could tell them is both simple and right.
 *
 * What needs going back is left out: back-references, look-around, anchors within, flags.
 */
import { PatternParser, type PatternPart } from "./pattern-parser.ts";

/** Parts of the pattern, each counted as often as it is repeated, and states of the table. A pattern of a path is far below; what needs more would cost too much to compile. */
const MOST_PARTS = 2000;
const MOST_STATES = 1000;

const LAST_CODE = 0xffff;
const DEAD = -1;

/** A pattern in which a text can be. */
export class LinearPattern {
  readonly source: string;
  /** The first code of each class of characters that the pattern does not tell apart. */
  readonly #classStarts: readonly number[];
  /** The classes of ASCII, which needs no search. */
  readonly #asciiClasses: Uint16Array;
  /** By state and class the next state. */
  readonly #next: Int16Array;
  /** Whether a text may end in a state. */
  readonly #accepts: readonly boolean[];

  /** @throws TypeError for what it has no automaton for, and for a pattern that needs one of more than 1,000 states */
  constructor(pattern: RegExp) {
    if (pattern.flags !== "") {
      throw new TypeError(
        `a converter's pattern has no flags, and ${pattern} has: write [A-Za-z] for letters of any case`,
      );
    }
    this.source = pattern.source;
    const automaton = new PositionAutomaton(new PatternParser(pattern).parse(), pattern);
    const boundaries = new Set([0]);
    for (const ranges of automaton.ranges) {
      for (const [first, last] of ranges) {
        boundaries.add(first);
        if (last < LAST_CODE) boundaries.add(last + 1);
      }
    }
    this.#classStarts = [...boundaries].sort((a, b) => a - b);
    this.#asciiClasses = Uint16Array.from({ length: 128 }, (_, code) => this.#searchClass(code));
    const { next, accepts } = determinize(automaton, this.#classStarts, pattern);
    this.#next = Int16Array.from(next);
    this.#accepts = accepts;
  }

  /** Whether a text, from one place to another, is one of the pattern's as a whole. */
  matches(text: string, from: number, to: number): boolean {
    let state = 0;
    for (let i = from; i < to; i++) {
      const code = text.charCodeAt(i);
      const of = code < 128 ? (this.#asciiClasses[code] as number) : this.#searchClass(code);
      state = this.#step(state, of);
      if (state === DEAD) return false;
    }
    return this.#accepts[state] as boolean;
  }

  /** Whether there is a text that both take. */
  overlaps(other: LinearPattern): boolean {
    const starts = [...new Set([...this.#classStarts, ...other.#classStarts])];
    const seen = new Set(["0 0"]);
    const waiting: (readonly [number, number])[] = [[0, 0]];
    for (let pair = waiting.pop(); pair !== undefined; pair = waiting.pop()) {
      if (this.#accepts[pair[0]] && other.#accepts[pair[1]]) return true;
      for (const code of starts) {
        const next = [
          this.#step(pair[0], this.#searchClass(code)),
          other.#step(pair[1], other.#searchClass(code)),
        ] as const;
        const key = next.join(" ");
        if (next.includes(DEAD) || seen.has(key)) continue;
        seen.add(key);
        waiting.push(next);
      }
    }
    return false;
  }

  #step(state: number, of: number): number {
    return this.#next[state * this.#classStarts.length + of] as number;
  }

  /** The last class that begins at a code or before it. */
  #searchClass(code: number): number {
    const starts = this.#classStarts;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= code) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Where a part of a pattern can begin and end. `empty`: it can be left out. */
interface Span {
  readonly first: readonly number[];
  readonly last: readonly number[];
  readonly empty: boolean;
}

const nothing: Span = { first: [], last: [], empty: true };

/** A position for each place of the pattern that takes a character, and which can follow on which (Glushkov's construction). */
class PositionAutomaton {
  /** What each position takes. */
  readonly ranges: (readonly (readonly [number, number])[])[] = [];
  readonly follows: Set<number>[] = [];
  readonly whole: Span;
  readonly #pattern: RegExp;
  #parts = 0;

  constructor(part: PatternPart, pattern: RegExp) {
    this.#pattern = pattern;
    this.whole = this.#add(part);
  }

  #add(part: PatternPart): Span {
    if (++this.#parts > MOST_PARTS) throw tooComplex(this.#pattern);
    switch (part.kind) {
      case "characters": {
        const position = this.ranges.push(part.ranges) - 1;
        this.follows.push(new Set());
        return { first: [position], last: [position], empty: false };
      }
      case "sequence":
        return part.parts
          .map((each) => this.#add(each))
          .reduce((one, next) => this.#join(one, next), nothing);
      case "choice": {
        const spans = part.parts.map((each) => this.#add(each));
        return {
          first: spans.flatMap((span) => span.first),
          last: spans.flatMap((span) => span.last),
          empty: spans.some((span) => span.empty),
        };
      }
      case "repeat":
        return this.#repeat(part.part, part.least, part.most);
    }
  }

  #repeat(part: PatternPart, least: number, most: number): Span {
    const isOpen = most === Number.POSITIVE_INFINITY;
    let whole = nothing;
    for (let i = 0; i < (isOpen ? Math.max(least, 1) : most); i++) {
      const copy = this.#add(part);
      if (isOpen && i >= least - 1) this.#follow(copy.last, copy.first);
      whole = this.#join(whole, i < least ? copy : { ...copy, empty: true });
    }
    return whole;
  }

  #join(one: Span, next: Span): Span {
    this.#follow(one.last, next.first);
    return {
      first: one.empty ? [...one.first, ...next.first] : one.first,
      last: next.empty ? [...one.last, ...next.last] : next.last,
      empty: one.empty && next.empty,
    };
  }

  #follow(positions: readonly number[], next: readonly number[]): void {
    for (const position of positions) {
      for (const each of next) (this.follows[position] as Set<number>).add(each);
    }
  }
}

/** The table of an automaton. A state is the set of positions that the next character may be at. */
function determinize(
  { ranges, follows, whole }: PositionAutomaton,
  classStarts: readonly number[],
  pattern: RegExp,
): { next: number[]; accepts: boolean[] } {
  const last = new Set(whole.last);
  const states = new Map([[`${whole.empty} ${whole.first.join(" ")}`, 0]]);
  const sets: (readonly number[])[] = [whole.first];
  const accepts = [whole.empty];
  const next: number[] = [];
  for (const positions of sets) {
    for (const code of classStarts) {
      const taking = positions.filter((position) =>
        (ranges[position] as readonly (readonly [number, number])[]).some(
          ([from, to]) => from <= code && code <= to,
        ),
      );
      if (taking.length === 0) {
        next.push(DEAD);
        continue;
      }
      const reached = [
        ...new Set(taking.flatMap((position) => [...(follows[position] as Set<number>)])),
      ].sort((a, b) => a - b);
      const isEnd = taking.some((position) => last.has(position));
      const key = `${isEnd} ${reached.join(" ")}`;
      let state = states.get(key);
      if (state === undefined) {
        if (sets.length === MOST_STATES) throw tooComplex(pattern);
        state = sets.push(reached) - 1;
        states.set(key, state);
        accepts.push(isEnd);
      }
      next.push(state);
    }
  }
  return { next, accepts };
}

function tooComplex(pattern: RegExp): TypeError {
  return new TypeError(`the pattern ${pattern} is too large: read such texts by a function`);
}

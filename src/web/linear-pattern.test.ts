import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LinearPattern } from "./linear-pattern.ts";

function matches(pattern: LinearPattern, text: string): boolean {
  return pattern.matches(`<${text}>`, 1, text.length + 1);
}

describe("LinearPattern", () => {
  // Patterns of letters that are few, so that texts of the same letters often match.
  const { pattern: patterns } = fc.letrec<{ pattern: string }>((tie) => ({
    pattern: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom(
        "a",
        "b",
        "-",
        "ab",
        ".",
        "[ab]",
        "[^a]",
        "[]",
        "[^]",
        "[a-c]",
        "[\\w-]",
        "\\d",
        "\\w",
        "\\W",
        "\\D",
        "\\.",
        "\\-",
        "",
      ),
      fc.tuple(tie("pattern"), tie("pattern")).map(([one, next]) => one + next),
      fc.tuple(tie("pattern"), tie("pattern")).map(([one, other]) => `(?:${one}|${other})`),
      fc
        .tuple(
          tie("pattern"),
          fc.constantFrom("*", "+", "?", "{2}", "{0}", "{1,}", "{1,3}", "{0,2}", "*?", "+?"),
        )
        .map(([one, quantifier]) => `(${one})${quantifier}`),
    ),
  }));
  const texts = fc.string({
    unit: fc.constantFrom("a", "b", "c", "-", ".", "0", "_", "ä", "\n", "\u2028"),
    maxLength: 8,
  });

  it("takes what RegExp takes as a whole", () => {
    fc.assert(
      fc.property(patterns, fc.array(texts, { minLength: 20, maxLength: 20 }), (source, many) => {
        const pattern = new LinearPattern(new RegExp(source));
        const expected = new RegExp(`^(?:${source})$`);
        for (const text of many) expect([text, matches(pattern, text)]).toEqual([text, expected.test(text)]);
      }),
      { numRuns: 500 },
    );
  });

  it("overlaps with another where there is a text that both take, and only there", () => {
    fc.assert(
      fc.property(patterns, patterns, fc.array(texts, { maxLength: 20 }), (one, other, many) => {
        const [a, b] = [new LinearPattern(new RegExp(one)), new LinearPattern(new RegExp(other))];
        expect(a.overlaps(b)).toBe(b.overlaps(a));
        if (many.some((text) => matches(a, text) && matches(b, text))) expect(a.overlaps(b)).toBe(true);
      }),
      { numRuns: 300 },
    );
    const overlap = (a: RegExp, b: RegExp): boolean => new LinearPattern(a).overlaps(new LinearPattern(b));
    expect(overlap(/[a-z]+/, /\d+/)).toBe(false);
    expect(overlap(/[a-z]{2}/, /[a-z]{3,}/)).toBe(false);
    expect(overlap(/[a-z]*/, /\d*/)).toBe(true);
    expect(overlap(/x[a-z]+/, /[a-z]+y/)).toBe(true);
  });

  it.each<[RegExp, string[], string[]]>([
    [/[a-z0-9]+(?:-[a-z0-9]+)*/, ["a", "my-first-post"], ["", "-a", "a-", "a--b", "A"]],
    [/^\d{4}$/, ["2024"], ["202", "20245"]],
    [/a$/, ["a"], ["a$"]],
    [/a\$/, ["a$"], ["a"]],
    [/a\\$/, ["a\\"], ["a", "a\\$"]],
    [/[$^]x/, ["$x", "^x"], ["x"]],
    [/[^-a]/, ["b"], ["-", "a"]],
    [/[\b]/, ["\b"], ["b"]],
    [/\x41\u00e4[\u4e00-\u9fff]/, ["Aä你"], ["Aä", "Aäa"]],
    [/[a-\d]/, ["a", "-", "7"], ["b"]],
    [/a{/, ["a{"], ["a"]],
    [/a{,3}/, ["a{,3}"], ["a"]],
    [/(a|b|)c/, ["ac", "bc", "c"], ["abc"]],
    [/😀+/, ["😀"], ["\ud83d"]],
  ])("%s", (source, taken, refused) => {
    const pattern = new LinearPattern(source);
    for (const text of taken) expect([text, matches(pattern, text)]).toEqual([text, true]);
    for (const text of refused) expect([text, matches(pattern, text)]).toEqual([text, false]);
  });

  it.each<[RegExp, string]>([
    [/a/i, "has no flags, and /a/i has"],
    [/a/u, "has no flags"],
    [/(?=a)b/, "has a group that begins with (? and is not (?:"],
    [/(?<name>a)/, "has a group that begins with (?"],
    [/(a)\1/, "has \\1"],
    [/\bword/, "has \\b"],
    [/\s/, "has \\s"],
    [/a^b/, "has ^ within"],
    [/a$b/, "has $ within"],
    [/^a|b/, "has ^ or $ beside |"],
    [/a{1001}/, "more than 1000 repetitions"],
    [/(a{100}){100}/, "is too large"],
    [/((((){1000}){1000}){1000}){1000}/, "is too large"],
    [/[ab]*a[ab]{12}/, "is too large"],
    [new RegExp(`${"(".repeat(60)}a${")".repeat(60)}`), "groups nested that deep"],
  ])("refuses %s", (pattern, message) => {
    expect(() => new LinearPattern(pattern)).toThrow(TypeError);
    expect(() => new LinearPattern(pattern)).toThrow(message);
  });

  it("takes a step for each character where going back would take 2^30", () => {
    const text = `${"a".repeat(10_000)}!`;
    for (const pattern of [/(a+)+/, /(a|a)*/, /(a|aa)+/, /([a-z]+)*\d/, /(a*)*b/]) {
      expect(matches(new LinearPattern(pattern), text)).toBe(false);
    }
  });
});

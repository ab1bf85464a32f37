/** A short run of the fuzzer of the framework's parsers; `npm run fuzz` makes long ones. */
import { describe, expect, it } from "vitest";
import { fuzzWebParser, webParsers } from "../../fuzz/web-parsers.ts";

describe("no random text breaks a property of the parser of", () => {
  it.each(webParsers)("$name", (parser) => {
    const seed = Date.now() | 0;
    const { tried, failure } = fuzzWebParser(parser, { milliseconds: 1000, seed });
    expect(failure, `seed ${seed}`).toBeUndefined();
    expect(tried).toBeGreaterThan(20);
  });
});

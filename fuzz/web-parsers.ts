/**
 * The framework's parsers of what a client sends, each with texts that are made to upset it and what must be true of whatever
 * comes out. Where the platform has a parser of its own for the same, it is the judge.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { parseCookies } from "../src/web/cookies.ts";
import { hostnameOf } from "../src/web/host.ts";
import { HttpError } from "../src/web/http-error.ts";
import { parseJson } from "../src/web/json.ts";
import { findJsonError } from "../src/web/json-error.ts";
import { essence } from "../src/web/media-type.ts";
import { decodePath } from "../src/web/request-path.ts";
import { listsTag } from "../src/web/responses/entity-tag.ts";
import { formatHttpDate, parseHttpDate } from "../src/web/responses/http-date.ts";
import { bestEncoding, bestLanguage, bestMediaType } from "../src/web/responses/negotiation.ts";
import { parseRange } from "../src/web/responses/range.ts";
import { Sealer } from "../src/web/sessions/sealer.ts";
import { nowInSeconds, readSession } from "../src/web/sessions/session-state.ts";
import { parseUrlEncoded } from "../src/web/url-encoded.ts";

export interface WebParser {
  readonly name: string;
  /** Texts that reach far into the parser. */
  readonly texts: fc.Arbitrary<string>;
  /** Throws if something isn't as it must be. */
  check(text: string): void;
}

/** Pieces of a grammar in any order, with anything between them, and long runs of one of them. */
function texts(...pieces: string[]): fc.Arbitrary<string> {
  const piece = fc.constantFrom(...pieces);
  return fc.oneof(
    { weight: 6, arbitrary: fc.array(fc.oneof({ weight: 9, arbitrary: piece }, anything)).map(joined) },
    {
      weight: 1,
      arbitrary: fc.tuple(piece, fc.integer({ min: 1, max: 3000 })).map(([of, n]) => of.repeat(n)),
    },
    { weight: 1, arbitrary: anything },
  );
}

/** As a header field's value comes: bytes, of which the engine lets no line end and no NUL through. */
function fields(...pieces: string[]): fc.Arbitrary<string> {
  return texts(...pieces).map((text) => Buffer.from(text.replace(/[\r\n\0]/g, "")).toString("latin1"));
}

const anything = fc.string({ unit: "binary", maxLength: 20 });
const joined = (parts: readonly string[]): string => parts.join("");
/** Names by which a careless reader writes into every object. */
const prototypes = ["__proto__", "constructor", "prototype", "toString"];

/** Gives what the function gives, or undefined where it answers 400. Whatever else is thrown is a fault. */
function orRefused<Result>(parse: () => Result): Result | undefined {
  try {
    return parse();
  } catch (error) {
    assert(error instanceof HttpError && error.status === 400, error as Error);
    // The message goes to the client, as text of one line.
    assert(typeof error.body === "string" && error.body.length < 100_000);
    return undefined;
  }
}

function assertUnpolluted(): void {
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  assert.equal(Object.keys(Object.prototype).length, 0);
}

const urlEncoded: WebParser = {
  name: "query and form",
  texts: texts("a", "b[c]", "=", "&", "+", "%20", "%", "%zz", "%c3%a9", "%ff", "polluted", ...prototypes),
  check(text) {
    const parsed = orRefused(() => parseUrlEncoded(text, "query"));
    if (parsed === undefined) return;
    // The standard's parser reads the same, but that it takes what is malformed; and it knows no lone surrogates.
    if (text.isWellFormed()) assert.deepEqual([...parsed], [...new URLSearchParams(`&${text}`)]);
    for (const object of [parsed.toObject(), parsed.toJSON()])
      assert.equal(Object.getPrototypeOf(object), null);
    assertUnpolluted();
  },
};

const cookies: WebParser = {
  name: "cookies",
  texts: fields("a", "__Host-a", "=", ";", "; ", ",", '"', " ", "\t", "%20", "%", "\u00ff", ...prototypes),
  check(text) {
    const parsed = parseCookies(text);
    assert(parsed.size <= text.split(";").length);
    for (const [name] of parsed) {
      assert.notEqual(name, "");
      assert(!/[;=]/.test(name));
    }
    assertUnpolluted();
  },
};

const path: WebParser = {
  name: "path",
  texts: texts(
    "/",
    "a",
    ".",
    "..",
    "%2e",
    "%2F",
    "%5c",
    "\\",
    "%00",
    "%",
    "%c0%af",
    "%e2%82%ac",
    "//",
    ";",
  ).map((text) => `/${text}`),
  check(text) {
    const decoded = orRefused(() => decodePath(text));
    if (decoded === undefined) return;
    assert(decoded.startsWith("/"));
    const segments = decoded.slice(1).split("/");
    // Only the last segment may be empty, and none leads elsewhere.
    assert(!segments.slice(0, -1).includes(""));
    assert(!segments.includes(".") && !segments.includes(".."));
    assert(!decoded.includes("\\") && !decoded.includes("\0"));
    assert.equal(decoded, decodeURIComponent(text.split("?", 1)[0] as string));
  },
};

const json: WebParser = {
  name: "JSON",
  texts: texts(
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    '"',
    '"a"',
    "\\",
    "\\u00",
    "1",
    "-",
    "e9",
    "null",
    "tru",
    " ",
    "\n",
    '"__proto__"',
  ),
  check(text) {
    const bytes = Buffer.from(text);
    // What isn't UTF-16 becomes something else on the way.
    const read = bytes.toString().replace(/^\ufeff/, "");
    let expected: unknown;
    try {
      expected = JSON.parse(read);
    } catch {
      assert.equal(
        orRefused(() => parseJson(bytes)),
        undefined,
      );
      assert.match(findJsonError(read), / at line \d+, column \d+$/);
      return;
    }
    assert.deepEqual(parseJson(bytes), expected);
    assertUnpolluted();
  },
};

const accept: WebParser = {
  name: "Accept fields",
  texts: fields(
    "text/html",
    "*/*",
    "*",
    "de-CH",
    "gzip",
    ",",
    ";",
    "q=0.5",
    "q=",
    "q=1.0000",
    '"',
    "\\",
    "=",
    " ",
    "level=1",
  ),
  check(text) {
    const offered = ["application/json", "text/html"] as const;
    for (const best of [
      bestMediaType(text, offered),
      bestLanguage(text, ["de", "en"]),
      bestEncoding(text, ["br", "gzip"]),
    ]) {
      assert(
        best === undefined || ["application/json", "text/html", "de", "en", "br", "gzip"].includes(best),
      );
    }
  },
};

const range: WebParser = {
  name: "Range",
  texts: fields("bytes=", "bytes", "0", "99", "-", ",", " ", "9".repeat(20), "=", "+", "0x1").map(
    (text) => `bytes=${text}`,
  ),
  check(text) {
    for (const size of [0, 1, 100]) {
      const parsed = parseRange(text, size);
      if (typeof parsed === "string") continue;
      const { first, last } = parsed;
      assert(Number.isInteger(first) && Number.isInteger(last) && first >= 0 && first <= last && last < size);
    }
  },
};

const dates: WebParser = {
  name: "dates",
  texts: fc.oneof(
    fields("Sun", ", ", "06", " ", "Nov", "1994", ":", "08:49:37", "GMT", "-", "Sunday"),
    fc
      .date({ noInvalidDate: true, min: new Date("1970-01-01"), max: new Date("9999-01-01") })
      .map(formatHttpDate),
  ),
  check(text) {
    const time = parseHttpDate(text);
    if (time === undefined) return;
    assert(Number.isFinite(time));
    if (/^[A-Z][a-z]{2},/.test(text)) assert.equal(time, Date.parse(text));
  },
};

const tags: WebParser = {
  name: "entity tags",
  texts: fields('"v1"', 'W/"v1"', '"', "W/", ",", " ", "*", "v1"),
  check(text) {
    for (const weakly of [true, false]) {
      const listed = listsTag(text, '"v1"', weakly);
      assert.equal(typeof listed, "boolean");
      // What matches strongly matches weakly.
      if (listed && !weakly) assert(listsTag(text, '"v1"', true));
    }
  },
};

const others: WebParser = {
  name: "media types and hosts",
  texts: fields(
    "application/json",
    "text",
    "/",
    ";",
    " ",
    "\t",
    "\u00a0",
    "charset",
    "=",
    "a.b",
    ":80",
    "[::1]",
    ".",
  ),
  check(text) {
    assert(!/[; \t]$/.test(essence(text)) && !essence(text).includes(";"));
    assert(text.toLowerCase().startsWith(hostnameOf(text.toLowerCase())));
  },
};

/** Mostly one of these, now and then something else. */
function mostly(...good: string[]): fc.Arbitrary<string> {
  return fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...good) }, anything);
}

const sealer = new Sealer([Buffer.from("a secret for this alone, of 32 bytes and more")]);
const sealed = sealer.seal(`[${nowInSeconds()},${nowInSeconds()},{"user":1}]`, "session");

/** Parts of a sealed text in any order, with anything between them: only the text itself is opened. */
const sealedSessions: WebParser = {
  name: "sealed sessions",
  texts: fc.oneof(
    texts(
      sealed,
      sealed.slice(0, 32),
      sealed.slice(32),
      sealed.slice(0, -22),
      sealed.slice(-22),
      "A",
      "=",
      "%",
    ),
    fc
      .tuple(fc.nat(sealed.length - 1), fc.string({ unit: "binary", maxLength: 1 }))
      .map(([at, character]) => sealed.slice(0, at) + character + sealed.slice(at + 1)),
  ),
  check(text) {
    assert.equal(sealer.open(text, "session") !== undefined, text === sealed);
    assert.equal(sealer.open(text, "__Host-session"), undefined);
  },
};

/** What a session's text may be, as a store gives it back that others write to as well. */
const sessionTexts: WebParser = {
  name: "session texts",
  texts: fc
    .tuple(
      mostly(`[${nowInSeconds()},${nowInSeconds()}`),
      mostly(
        ",{",
        ',{"__proto__":{"polluted":1}',
        ',{"polluted":1',
        ',{"__proto__":{"polluted":1},"toString":[{}]',
      ),
      mostly("}", "},[]", '},[["a","b"]]', '},[["a","b"]],"key"', '},[["__proto__"]]'),
      mostly("]"),
    )
    .map(joined),
  check(text) {
    const state = readSession(text, { maxAge: 1e9, lifetime: 1e9 });
    if (state !== undefined) {
      const [, , values = null, flashes = [], key = ""] = JSON.parse(text);
      assert.deepEqual(Object.fromEntries(state.values), { ...values });
      assert.deepEqual(state.flashes.length, flashes.length);
      assert.equal(state.csrfKey, key);
    }
    assertUnpolluted();
  },
};

export const webParsers: readonly WebParser[] = [
  urlEncoded,
  cookies,
  path,
  json,
  accept,
  range,
  dates,
  tags,
  others,
  sealedSessions,
  sessionTexts,
];

/**
 * Holds one parser against texts for a time.
 * @returns how many were tried, and the smallest that breaks a property, and how
 */
export function fuzzWebParser(
  { texts, check }: WebParser,
  { milliseconds, seed }: { milliseconds: number; seed: number },
): { tried: number; failure?: { text: string; error: string } } {
  const result = fc.check(
    fc.property(texts, (text) => check(text)),
    { seed, numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: milliseconds },
  );
  const tried = result.numRuns;
  if (result.counterexample === null) return { tried };
  return { tried, failure: { text: result.counterexample[0], error: String(result.errorInstance) } };
}

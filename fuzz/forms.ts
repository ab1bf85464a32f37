/** Holds the reader of multipart forms against random bodies for a time: however one is cut, it is read, or refused, in the same way. */
import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import { type ResolvedLimits, resolveLimits } from "../src/web/forms/form-options.ts";
import { MultipartReader } from "../src/web/forms/multipart-reader.ts";
import { HttpError } from "../src/web/http-error.ts";

export interface FormFuzzReport {
  /** Bodies tried. */
  bodies: number;
  /** Bodies that were read to their end. */
  read: number;
  /** Bodies that were refused. */
  refused: number;
  /** The smallest body found that breaks the property, as latin1, and how. */
  failure?: { message: string; error: string };
}

export interface ReadPart {
  field: string;
  fileName: string | null;
  type: string;
  /** As latin1. */
  content: string;
}

export const boundary = "-b-";

/** Small, so that bodies reach them. */
const smallLimits = resolveLimits({
  maxFileBytes: 12,
  maxFiles: 2,
  maxFields: 3,
  maxFieldBytes: 10,
  maxTextBytes: 24,
  maxNameBytes: 6,
  maxPartHeaderBytes: 90,
  maxPartHeaders: 3,
});

/** All parts of a body, and what was wrong with it, if anything. */
export async function readBody(
  pieces: readonly Uint8Array[],
  limits: ResolvedLimits = resolveLimits({}),
): Promise<{ parts: ReadPart[]; refused?: number }> {
  const parts: ReadPart[] = [];
  const reader = new MultipartReader(inTurn(pieces), boundary, limits);
  try {
    while (await reader.fill()) {
      for (let event = reader.shift(); event !== undefined; event = reader.shift()) {
        const last = parts.at(-1);
        if (event instanceof Uint8Array) {
          if (event.length === 0) throw new Error("an empty piece of content");
          (last as ReadPart).content += Buffer.from(event).toString("latin1");
        } else if (event !== null) {
          const { field, fileName, type } = event;
          parts.push({ field, fileName, type, content: "" });
        }
      }
    }
    return { parts };
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    // How much had been read of the part that is refused was for the cut to say.
    return { parts: parts.slice(0, -1), refused: error.status };
  }
}

async function* inTurn(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array, undefined> {
  yield* pieces;
}

const oddity = fc.constantFrom(
  ..."\r|\n|\r\n|\r\n\r\n|\r\n-|\r\n--|\r\n---b-|\r\n---b---|---b-|--|-|\0|\xff|\xc3\xbc|\"|\\|;|:|=|%22|%0d|'|name=|filename=x|; | ".split(
    "|",
  ),
);
const mostly = (good: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ arbitrary: good, weight: 40 }, { arbitrary: oddity, weight: 1 });

const crlf = mostly(fc.constant("\r\n"));
const name = mostly(fc.constantFrom("a", "b[c]", "__proto__", "\xc3\xa4", "a\\", 'a\\"b'));
const fileName = mostly(
  fc.constantFrom("", "x.png", "../../etc/passwd", "C:\\x\\y.txt", "\xe2\x82\xac", "a;b", 'a\\"b', "..."),
);
const disposition = fc
  .tuple(
    mostly(fc.constant('Content-Disposition: form-data; name="')),
    name,
    mostly(fc.constant('"')),
    fc.oneof(
      fc.constant(""),
      fileName.map((text) => `; filename="${text}"`),
      fileName.map((text) => `; filename*=UTF-8''${text}`),
    ),
    crlf,
  )
  .map((texts) => texts.join(""));
const line = fc
  .tuple(
    mostly(fc.constantFrom("Content-Type", "X", "Content-Transfer-Encoding")),
    mostly(fc.constant(": ")),
    mostly(fc.constantFrom("text/plain", "image/png; a=b", "base64", "")),
    crlf,
  )
  .map((texts) => texts.join(""));
const content = fc.array(fc.oneof(oddity, fc.constantFrom("x", "hello", "\r\n---b", "")), { maxLength: 4 });
const part = fc
  .tuple(
    mostly(fc.constant(`--${boundary}\r\n`)),
    fc.array(line, { maxLength: 1 }).map((lines) => lines.join("")),
    disposition,
    fc.array(line, { maxLength: 2 }).map((lines) => lines.join("")),
    crlf,
    content.map((pieces) => pieces.join("")),
    crlf,
  )
  .map((texts) => texts.join(""));

/** Bodies of forms as latin1, most of them sound. */
export const bodies: fc.Arbitrary<string> = fc
  .tuple(
    fc.oneof({ arbitrary: fc.constant(""), weight: 5 }, { arbitrary: oddity, weight: 1 }),
    fc.array(part, { maxLength: 5 }).map((parts) => parts.join("")),
    mostly(fc.constant(`--${boundary}--`)),
    fc.constantFrom("\r\n", "", "\r\nepilogue", `\r\n--${boundary}\r\n`),
  )
  .map((texts) => texts.join(""));

/**
 * A boundary with one dash behind it, of the two that close a form. Dicer takes it for this or that as the body is cut, and what follows
 * for a part without a head, which is refused, or for the end.
 */
const halfClosed = new RegExp(`--${boundary}-(?!-)`);

export const cuts: fc.Arbitrary<number[]> = fc.array(fc.noBias(fc.nat(9999)), { maxLength: 6 });

/** Any cut gives the same parts and the same status, and nothing but `HttpError` is thrown. @returns whether the body is read whole */
export async function cutInvariant(bytes: Uint8Array, at: readonly number[]): Promise<boolean> {
  const places = at.map((n) => Math.floor((n / 10_000) * bytes.length)).sort((a, b) => a - b);
  const pieces = [0, ...places].map((from, i) => bytes.subarray(from, places[i] ?? bytes.length));
  const single = Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
  for (const limits of [resolveLimits({}), smallLimits]) {
    const whole = await readBody([bytes], limits);
    deepStrictEqual(await readBody(pieces, limits), whole, "in pieces");
    deepStrictEqual(await readBody(single, limits), whole, "byte by byte");
  }
  return (await readBody([bytes])).refused === undefined;
}

export async function fuzzForms({
  milliseconds,
  seed,
}: {
  milliseconds: number;
  seed: number;
}): Promise<FormFuzzReport> {
  const report: FormFuzzReport = { bodies: 0, read: 0, refused: 0 };
  const result = await fc.check(
    fc.asyncProperty(bodies, cuts, async (body, at) => {
      fc.pre(!halfClosed.test(body));
      const whole = await cutInvariant(Buffer.from(body, "latin1"), at);
      report.bodies++;
      if (whole) report.read++;
      else report.refused++;
    }),
    { seed, numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: milliseconds },
  );
  if (result.counterexample !== null) {
    report.failure = { message: result.counterexample[0], error: String(result.errorInstance) };
  }
  return report;
}

/** A short run of the fuzzer; `npm run fuzz` makes long ones. */
import { expect, test } from "vitest";
import { fuzz } from "../../fuzz/fuzz.ts";
import { grammatical, rewritable, splitInvariant } from "../../fuzz/properties.ts";

test("no random message breaks a property of the parser", () => {
  const seed = Date.now() | 0;
  const { messages, requests, refused, failure } = fuzz({ milliseconds: 5000, seed });
  expect(failure, `seed ${seed}`).toBeUndefined();
  // The messages reach both sides.
  expect(messages).toBeGreaterThan(500);
  expect(requests).toBeGreaterThan(messages / 20);
  expect(refused).toBeGreaterThan(messages / 20);
});

test("the properties hold of messages that are refused, incomplete or empty", () => {
  for (const text of ["", "GET", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\0", "GET / HTTP/1.1\n"]) {
    const bytes = Buffer.from(text, "latin1");
    splitInvariant(bytes, [0.5]);
    rewritable(bytes);
    grammatical(bytes);
  }
});

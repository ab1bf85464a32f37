/** What a client expects before it sends a body: RFC 9110 §10.1.1. */
import { trimmed } from "./chars.ts";
import { RequestError } from "./errors.ts";

/**
 * Whether the client waits for 100.
 * @param value the Expect field, or undefined
 * @throws RequestError 417 for an expectation that can't be met
 */
export function expectsContinue(value: string | undefined): boolean {
  if (value === undefined) return false;
  let expected = false;
  for (const expectation of value.toLowerCase().split(",")) {
    const name = trimmed(expectation);
    if (name === "100-continue") expected = true;
    else if (name !== "") {
      throw new RequestError(
        417,
        "unknown-expectation",
        "the only expectation that can be met is 100-continue",
      );
    }
  }
  return expected;
}

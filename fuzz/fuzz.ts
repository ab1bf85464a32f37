/** Holds the properties against random messages for a time. */
import fc from "fast-check";
import { parseEvents } from "../test/http/parse-events.ts";
import { connectionBytes, cuts } from "./messages.ts";
import { endsSoon, grammatical, rewritable, splitInvariant } from "./properties.ts";

export interface FuzzReport {
  /** Messages tried. */
  messages: number;
  /** Requests in them that were read whole: were there few, the messages would test little. */
  requests: number;
  /** Messages that were refused at some point. */
  refused: number;
  /** The smallest message found that breaks a property, as latin1, and how. */
  failure?: { message: string; error: string };
}

export function fuzz({ milliseconds, seed }: { milliseconds: number; seed: number }): FuzzReport {
  const report: FuzzReport = { messages: 0, requests: 0, refused: 0 };
  const result = fc.check(
    fc.property(connectionBytes, cuts, (message, cut) => {
      const bytes = Buffer.from(message, "latin1");
      report.messages++;
      for (const event of parseEvents([bytes])) {
        if ("trailers" in event) report.requests++;
        else if ("code" in event) report.refused++;
      }
      endsSoon(bytes);
      splitInvariant(bytes, cut);
      rewritable(bytes);
      grammatical(bytes);
    }),
    { seed, numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: milliseconds },
  );
  if (result.counterexample !== null) {
    report.failure = { message: result.counterexample[0], error: String(result.errorInstance) };
  }
  return report;
}

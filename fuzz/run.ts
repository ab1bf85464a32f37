/**
 * Fuzzes the request parser: `npm run fuzz -- [--seconds 60] [--seed N]`.
 *
 * Ends with 1 and the smallest message that breaks a property, as a file that can be put into the corpus once the fault is mended.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "60" }, seed: { type: "string" } },
});
const seconds = Number(values.seconds);
const seed = values.seed === undefined ? Date.now() | 0 : Number(values.seed);
if (!(seconds > 0) || !Number.isInteger(seed)) {
  console.error("usage: npm run fuzz -- [--seconds N] [--seed INTEGER]");
  process.exit(2);
}

const { messages, requests, refused, failure } = fuzz({ milliseconds: seconds * 1000, seed });
console.log(
  `seed ${seed}: ${messages} messages in ${seconds} s; ${requests} requests read whole, ${refused} messages refused`,
);
if (failure !== undefined) {
  writeFileSync("fuzz-failure.http", failure.message, "latin1");
  console.error(
    `${failure.error}\nThe message, shrunk, is in fuzz-failure.http: ${JSON.stringify(failure.message)}`,
  );
  process.exitCode = 1;
}

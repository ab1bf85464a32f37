/**
 * Fuzzes a parser: `npm run fuzz -- [--target requests|forms] [--seconds 60] [--seed N]`.
 *
 * Ends with 1 and the smallest message that breaks a property, as a file. A request can be put into the corpus once the fault is mended.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fuzzForms } from "./forms.ts";
import { fuzz } from "./fuzz.ts";

const { values } = parseArgs({
  options: {
    target: { type: "string", default: "requests" },
    seconds: { type: "string", default: "60" },
    seed: { type: "string" },
  },
});
const { target } = values;
const seconds = Number(values.seconds);
const seed = values.seed === undefined ? Date.now() | 0 : Number(values.seed);
if ((target !== "requests" && target !== "forms") || !(seconds > 0) || !Number.isInteger(seed)) {
  console.error("usage: npm run fuzz -- [--target requests|forms] [--seconds N] [--seed INTEGER]");
  process.exit(2);
}

const run = { milliseconds: seconds * 1000, seed };
let failure: { message: string; error: string } | undefined;
if (target === "requests") {
  const report = fuzz(run);
  failure = report.failure;
  console.log(
    `seed ${seed}: ${report.messages} messages in ${seconds} s; ${report.requests} requests read whole, ${report.refused} messages refused`,
  );
} else {
  const report = await fuzzForms(run);
  failure = report.failure;
  console.log(
    `seed ${seed}: ${report.bodies} bodies in ${seconds} s; ${report.read} read whole, ${report.refused} refused`,
  );
}
if (failure !== undefined) {
  writeFileSync("fuzz-failure.http", failure.message, "latin1");
  console.error(
    `${failure.error}\nThe message, shrunk, is in fuzz-failure.http: ${JSON.stringify(failure.message)}`,
  );
  process.exitCode = 1;
}

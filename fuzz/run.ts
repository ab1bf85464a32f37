/**
 * Fuzzes the engine's request parser, and then each of the framework's parsers: `npm run fuzz -- [--seconds 60] [--seed N]`. Half of the
 * time is the engine's.
 *
 * Ends with 1 and the smallest message that breaks a property; one of the engine's as a file that can be put into the corpus once the
 * fault is mended.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";
import { fuzzWebParser, webParsers } from "./web-parsers.ts";

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "60" }, seed: { type: "string" } },
});
const seconds = Number(values.seconds);
const seed = values.seed === undefined ? Date.now() | 0 : Number(values.seed);
if (!(seconds > 0) || !Number.isInteger(seed)) {
  console.error("usage: npm run fuzz -- [--seconds N] [--seed INTEGER]");
  process.exit(2);
}

const { messages, requests, refused, failure } = fuzz({ milliseconds: seconds * 500, seed });
console.log(
  `seed ${seed}: ${messages} messages in ${seconds / 2} s; ${requests} requests read whole, ${refused} messages refused`,
);
if (failure !== undefined) {
  writeFileSync("fuzz-failure.http", failure.message, "latin1");
  console.error(
    `${failure.error}\nThe message, shrunk, is in fuzz-failure.http: ${JSON.stringify(failure.message)}`,
  );
  process.exitCode = 1;
}

for (const parser of webParsers) {
  const milliseconds = (seconds * 500) / webParsers.length;
  const { tried, failure } = fuzzWebParser(parser, { milliseconds, seed });
  console.log(`${parser.name}: ${tried} texts`);
  if (failure !== undefined) {
    console.error(`${failure.error}\nThe text, shrunk: ${JSON.stringify(failure.text)}`);
    process.exitCode = 1;
  }
}

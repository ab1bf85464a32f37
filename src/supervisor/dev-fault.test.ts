import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeFault, placeOf } from "./dev-fault.ts";
import { faultText } from "./dev-fault-text.ts";

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "socle-fault-"));
  writeFileSync(join(directory, "web.ts"), "one\ntwo\n\tthree four\nfour\nfive\n");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** An error whose stack is that of a module in the directory. */
function errorAt(line: number, column: number, options?: ErrorOptions): Error {
  const error = new RangeError("boom", options);
  error.stack = [
    "RangeError: boom",
    `    at show (file://${directory}/web.ts:${line}:${column})`,
    `    at async Object.run (${directory}/node_modules/lib/index.js:1:2)`,
    `    at node:internal/process:3:4`,
    `    at ${import.meta.dirname}/dev-worker.ts:1:1`,
  ].join("\n");
  return error;
}

test("calls are told apart by whose they are, and the user's have their source", () => {
  const [fault] = describeFault(errorAt(3, 2), directory);
  expect(fault?.frames.map(({ call, file, owner }) => [call, file, owner])).toEqual([
    ["show", "web.ts", "user"],
    ["async Object.run", "node_modules/lib/index.js", "package"],
    ["", "node:internal/process", "platform"],
    ["", expect.stringMatching(/dev-worker\.ts$/), "platform"],
  ]);
  expect(placeOf(fault!)?.excerpt).toEqual({
    line: 3,
    column: 2,
    firstLine: 1,
    lines: ["one", "two", "\tthree four", "four", "five"],
  });
});

test("causes follow in their order, in a circle once, and in a long chain not for ever", () => {
  const circle = new Error("a") as Error & { cause?: unknown };
  circle.cause = new Error("b", { cause: circle });
  expect(describeFault(circle, "/").map(({ message, relation }) => [message, relation])).toEqual([
    ["a", null],
    ["b", "caused by"],
  ]);
  let chain = new Error("0");
  for (let n = 1; n < 50; n++) chain = new Error(String(n), { cause: chain });
  expect(describeFault(chain, "/").length).toBe(10);
  const many = new AggregateError([new Error("a"), "b"], "all", { cause: 3 });
  expect(describeFault(many, "/").map(({ message, relation }) => [message, relation])).toEqual([
    ["all", null],
    ["a", "one of its errors"],
    ["'b'", "one of its errors"],
    ["3", "caused by"],
  ]);
});

test("whatever is thrown can be shown", () => {
  const odd = Object.assign(new Error("x"), { name: 5, message: { a: 1 }, stack: null, code: "E1" });
  for (const thrown of [undefined, null, 0, "", Symbol("s"), { a: 1 }, () => {}, odd]) {
    const faults = describeFault(thrown, "/");
    expect(faults.length).toBe(1);
    expect(JSON.parse(JSON.stringify(faults))).toEqual(faults);
    expect(faultText(faults, "all")).toMatch(/^(?:thrown value: |Error\n)/);
  }
  expect(describeFault(odd, "/")[0]?.details).toBe("{ code: 'E1' }");
});

test("as text: the line in question is marked below its column, tabs or not", () => {
  expect(faultText(describeFault(errorAt(3, 8), directory), "user")).toBe(`RangeError: boom
  web.ts:3:8
    1 │ one
    2 │ two
  > 3 │   three four
      │         ^
    4 │ four
    5 │ five
`);
  expect(faultText(describeFault(errorAt(99, 1), directory), "all")).toBe(`RangeError: boom
    at show (web.ts:99:1)
    at async Object.run (node_modules/lib/index.js:1:2)
    (and 2 calls in Node.js and Socle)
`);
});

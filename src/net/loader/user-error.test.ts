import { expect, test } from "vitest";
import { describeUserError } from "./user-error.ts";

function errorWith(stack: string, message = "boom", code?: string): Error {
  const error = Object.assign(new Error(message), code === undefined ? {} : { code });
  error.stack = `Error: ${message}\n${stack}`;
  return error;
}

test("names the first frame in the user's own files", () => {
  const stack = [
    "    at node:internal/modules/esm/loader:650:26",
    "    at check (/app/node_modules/lib/index.js:1:1)",
    "    at async Object.start (file:///app/src/my%20web.ts:3:9)",
    "    at /app/main.ts:1:1",
  ].join("\n");
  expect(describeUserError(errorWith(stack), "/app")).toBe("Error: boom (src/my web.ts:3:9)");
  expect(describeUserError(errorWith(stack), "/elsewhere")).toBe("Error: boom (/app/src/my web.ts:3:9)");
});

test("names a dependency's frame where there is no other", () => {
  const stack = "    at check (/app/node_modules/lib/index.js:7:1)";
  expect(describeUserError(errorWith(stack), "/app")).toBe("Error: boom (node_modules/lib/index.js:7:1)");
});

test("never names a frame of Socle", () => {
  const own = new URL("./module-file.ts", import.meta.url).pathname;
  expect(describeUserError(errorWith(`    at load (${own}:1:1)`), "/app")).toBe("Error: boom");
});

test("a message over several lines becomes one, and what looks like a frame in it is none", () => {
  const message = "first\n    at fake (/fake.ts:1:1)\n\x1b[31mlast\x1b[0m";
  expect(describeUserError(errorWith("    at real (/app/real.ts:2:2)", message), "/app")).toBe(
    "Error: first at fake (/fake.ts:1:1) last (real.ts:2:2)",
  );
});

test.each([
  ["text", "'text'"],
  [undefined, "undefined"],
  [{ status: 3 }, "{ status: 3 }"],
])("a thrown %j is shown", (thrown, shown) => {
  expect(describeUserError(thrown, "/app")).toBe(shown);
});

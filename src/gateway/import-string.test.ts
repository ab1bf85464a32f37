// Loading is tested by test/e2e/serve-suite.ts, on every Node and outside of Vitest's own module loader.
import { expect, test } from "vitest";
import { ImportStringError, parseImportString } from "./import-string.ts";

test.each([
  ["web.ts", "web.ts", null, false],
  ["./a/web:app", "./a/web", "app", false],
  ["web.ts:main()", "web.ts", "main", true],
  ["web.ts:api.v2", "web.ts", "api.v2", false],
  ["@scope/apps:größe", "@scope/apps", "größe", false],
  ["C:\\apps\\web.ts:main()", "C:\\apps\\web.ts", "main", true],
  ["C:\\apps\\web.ts", "C:\\apps\\web.ts", null, false],
])("%s", (text, module, attribute, call) => {
  expect(parseImportString(text)).toEqual({ module, attribute, call });
});

test.each(["", ":", ":app", "web.ts:", "web.ts:main(", "web.ts:main)", "web.ts:1st", "a:b:c", "web.ts()"])(
  "%j is refused",
  (text) => {
    expect(() => parseImportString(text)).toThrow(ImportStringError);
    expect(() => parseImportString(text)).toThrow("Write module, module:attribute or module:factory()");
  },
);

import { posix, win32 } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { safeFileName } from "./file-name.ts";

describe("safeFileName", () => {
  it.each([
    ["a.txt", "a.txt"],
    ["日本 ü.png", "日本 ü.png"],
    ["../../etc/passwd", "passwd"],
    ["C:\\Users\\x\\y.doc", "y.doc"],
    ["a/b\\c", "c"],
    ["/", "file"],
    ["", "file"],
    ["..", "file"],
    ["...", "file"],
    [".htaccess", "htaccess"],
    ["x. . ", "x"],
    ["a\0b\r\n\x7f\x85.txt", "ab.txt"],
    ["photo\u202Egnp.exe", "photognp.exe"],
    ['a:stream<>|?*"', "a_stream______"],
    ["CON", "_CON"],
    ["nul.txt", "_nul.txt"],
    ["connect.txt", "connect.txt"],
    [`${"x".repeat(300)}.png`, `${"x".repeat(251)}.png`],
    [`${"€".repeat(200)}.png`, `${"€".repeat(83)}.png`],
    [`a.${"x".repeat(300)}`, `a.${"x".repeat(253)}`],
  ])("makes %j %j", (name, safe) => {
    expect(safeFileName(name)).toBe(safe);
  });

  it("names a file in whatever folder, whatever the client has sent", () => {
    const names = fc.oneof(
      fc.string({ unit: "binary", maxLength: 80 }),
      fc.string({ unit: fc.constantFrom(".", "/", "\\", " ", ":", "\0", "c", "o", "n", "é", "😀") }),
    );
    fc.assert(
      fc.property(names, (name) => {
        const safe = safeFileName(name);
        expect(safe).not.toBe("");
        expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(255);
        expect(posix.join("/folder", safe)).toBe(`/folder/${safe}`);
        expect(win32.join("c:\\folder", safe)).toBe(`c:\\folder\\${safe}`);
        expect(safe).not.toMatch(/\p{Cc}|^\.|[. ]$/u);
        expect(safeFileName(safe)).toBe(safe);
      }),
    );
  });

  it("takes what would send a pattern back and forth", () => {
    const many = 2 ** 20;
    expect(safeFileName(`${". ".repeat(many)}x`)).toBe("x");
    expect(safeFileName(`x${". ".repeat(many)}y`)).toBe("x. y");
    expect(safeFileName("/\\".repeat(many))).toBe("file");
  });
});

import { stripVTControlCharacters } from "node:util";
import { afterEach, expect, test, vi } from "vitest";
import { commandHelp, mainHelp, styleFor } from "./help.ts";
import { serveCommand } from "./serve.ts";

afterEach(() => vi.unstubAllEnvs());

const terminal = { isTTY: true, hasColors: () => true };
const file = { isTTY: false, hasColors: () => false };

test("colours go to a terminal only, and not where NO_COLOR is set", () => {
  vi.stubEnv("NO_COLOR", undefined);
  const coloured = mainHelp("1.2.3", [serveCommand], styleFor(terminal));
  const plain = mainHelp("1.2.3", [serveCommand], styleFor(file));
  expect(coloured).toContain("\x1b[");
  expect(plain).not.toContain("\x1b");
  expect(stripVTControlCharacters(coloured)).toBe(plain);
  vi.stubEnv("NO_COLOR", "1");
  expect(mainHelp("1.2.3", [serveCommand], styleFor(terminal))).toBe(plain);
});

test("a command's help names every setting with its default and variable, and fits a terminal", () => {
  const help = commandHelp(serveCommand, styleFor(file));
  expect(help).toContain("  -w, --workers N ");
  expect(help).toContain("[default: 1] [env: SOCLE_WORKERS]");
  expect(help).toContain("      --graceful-timeout TIME ");
  expect(help).toMatch(/^ {6}--validate {4,}\S/m);
  expect(help).toContain("[env: SOCLE_VALIDATE]");
  for (const line of help.split("\n")) {
    expect(line.length).toBeLessThanOrEqual(80);
    expect(line).toBe(line.trimEnd());
  }
});

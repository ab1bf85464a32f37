/** Programs that a test is made with, and that a machine may lack. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { TestContext } from "vitest";

/** Skips the test, and says so, where a program is missing. */
export function requireProgram(context: TestContext, name: string): void {
  const found = (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (!found) context.skip(`${name} is not installed`);
}

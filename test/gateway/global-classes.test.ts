/** `installFastFetch` and `installFetchBridge` change a whole process, so each is looked at in one of its own. */
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { findNodes } from "../support/nodes.ts";
import { runProcess } from "../support/process.ts";

const script = fileURLToPath(new URL("global-classes.mjs", import.meta.url));

for (const node of await findNodes()) {
  describe.skipIf(node.missing !== undefined)(node.label, () => {
    it.each(["fast-fetch", "bridge"])("has the global classes as they are said to be: %s", async (kind) => {
      const { stdout, stderr } = await runProcess(node.path, [script, kind]);
      expect(stdout + stderr).toBe("ok\n");
    });
  });
}

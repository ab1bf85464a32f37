/** Waits for a condition that nothing announces, by asking again and again. The test's own time limit ends it. */
import { setTimeout as sleep } from "node:timers/promises";

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(10);
}

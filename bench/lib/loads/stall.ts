/** A side that stands still, from `loaders/stall.c`: how much the server holds in memory for the other. */
import type { StallLoad } from "../benchmark.ts";
import type { LoadDriver } from "../driver.ts";
import { loaderProgram, startLoader } from "../loader.ts";
import { peakResidentBytes, resetPeak, residentBytes } from "../memory.ts";
import { withUsage } from "../usage.ts";

/** Long enough for whoever isn't held to send far more than memory may grow by. */
const stallSeconds = 2;

export const stall: LoadDriver<StallLoad> = async (server, { client, bytes }, _, cores) => {
  const before = residentBytes(server.pid);
  resetPeak(server.pid);
  const words = [client, server.port, stallSeconds, ...(client === "reader" ? [bytes] : [])].map(String);
  const { result, usage } = await withUsage(server.pid, cores, async () => {
    await using load = startLoader([loaderProgram("stall"), ...words], cores.load, stallSeconds + 60);
    await load.said("STALLED");
    const growth = peakResidentBytes(server.pid) - before;
    return { growth, ...(await load.result<{ bytes: number }>()) };
  });
  return {
    figures: {
      memoryGrowth: result.growth,
      ...(client === "writer" ? { heldBytes: result.bytes } : {}),
    },
    disturbed: usage.disturbed,
    errors: {},
  };
};
